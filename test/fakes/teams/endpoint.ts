/** The least of a server that a webhook needs, and the events that came through it. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Channel, ChannelRequest } from '../../../src/domain/channel.js';
import type { InboundEvent } from '../../../src/domain/message.js';

export interface Endpoint {
  readonly url: string;
  /** The next event that nobody has asked for yet. */
  next(): Promise<InboundEvent>;
  close(): Promise<void>;
}

export async function serveEndpoint(channel: Channel): Promise<Endpoint> {
  const waiting: ((event: InboundEvent) => void)[] = [];
  const unclaimed: InboundEvent[] = [];
  const add = (event: InboundEvent): void => {
    const claim = waiting.shift();
    if (claim === undefined) unclaimed.push(event);
    else claim(event);
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const received = channel.receive?.(toChannelRequest(request.method ?? 'POST', request.headers, Buffer.concat(chunks)));
      void received?.then(({ reply, events }) => {
        events.forEach(add);
        response.writeHead(reply.status, reply.headers).end(reply.body);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`,
    next: () => {
      const event = unclaimed.shift();
      return event === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(event);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function toChannelRequest(method: string, headers: IncomingHttpHeaders, body: Buffer): ChannelRequest {
  const flat = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]);
  return { method, url: '/', headers: Object.fromEntries(flat) as Record<string, string>, body };
}
