/** The least of a server that answers JSON, or cuts the line: what the light fakes of platforms stand on. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface JsonRequest {
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface JsonServer {
  /** On loopback, without a slash at its end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** @param port any free one where it is left out */
export async function startJsonServer(answerTo: (request: JsonRequest) => Promise<JsonAnswer | 'cut'>, port = 0): Promise<JsonServer> {
  const server = createServer((request, response) => {
    const cut = () => response.destroy(); // as scripted, or the caller died within its request
    void read(request)
      .then(answerTo)
      .then((answer) => {
        if (answer === 'cut') cut();
        else response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(JSON.stringify(answer.body));
      }, cut);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<JsonRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return { url: new URL(request.url ?? '/', 'http://fake'), headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
}
