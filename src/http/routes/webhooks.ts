/**
 * `/webhooks/<channel>/…`: hands the raw request to the channel, stores what it decoded, and only then answers the platform. Not limited by
 * address: a platform's few addresses carry everybody's messages.
 */
import { Router, type Request } from 'express';
import type { Channel, ChannelRequest } from '../../domain/channel.js';
import { asError, RequestError } from '../../domain/errors.js';
import { rawBody } from '../middleware/body.js';
import type { HttpServices } from '../services.js';

export function webhookRoutes(services: HttpServices): Router {
  const router = Router();
  router.all('/:channel{/*rest}', rawBody, async (request: Request<{ channel: string; rest?: string[] }>, response) => {
    const target = targetOf(services.channels, request.params.channel, request.params.rest ?? []);
    if (target === null) throw new RequestError('NotFoundError', 'There is no such webhook: the channel or the account is not configured.');
    const { channel, path } = target;
    const { reply, events, ignored, desk = [], replyWith } = await target.receive(channelRequest(request, path));
    // Called in order, so that events of one conversation keep theirs; stored together.
    const answering = desk.map((asked) => services.performAt(channel, asked));
    const storing = [
      ...events.map((event) => services.emit(event)),
      ...ignored.map((event) => services.ignore(channel, event)),
      ...answering,
    ];
    const stored = await Promise.allSettled<unknown>(storing);
    const failed = stored.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      const message = 'The event could not be stored. Please send it again.';
      throw new RequestError('ServiceUnavailableError', message, { cause: asError(failed.reason), retryAfterSeconds: 1 });
    }
    const { status, headers = {}, body = '' } = replyWith?.((await Promise.all(answering)).flatMap((answer) => answer ?? [])) ?? reply;
    response.status(status).set(headers);
    response.end(body);
  });
  return router;
}

interface Target {
  readonly channel: Channel;
  readonly receive: NonNullable<Channel['receive']>;
  /** What is left of the path behind channel and account. */
  readonly path: string;
}

/** `/webhooks/telegram/<account>` names one of several accounts; without it the channel's only account is meant. */
function targetOf(channels: readonly Channel[], name: string, rest: readonly string[]): Target | null {
  const candidates = channels.filter((channel) => channel.name === name && channel.receive !== undefined);
  const named = candidates.find((channel) => channel.account === rest[0]);
  const channel = named ?? (candidates.length === 1 ? candidates[0] : undefined);
  if (channel?.receive === undefined) return null;
  const path = named === undefined ? rest : rest.slice(1);
  return { channel, receive: channel.receive.bind(channel), path: `/${path.join('/')}` };
}

function channelRequest(request: Pick<Request, 'originalUrl' | 'headersDistinct' | 'method' | 'body'>, path: string): ChannelRequest {
  const query = request.originalUrl.indexOf('?');
  const headers = Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join(', ') ?? ''] as const);
  return {
    method: request.method,
    url: query === -1 ? path : `${path}${request.originalUrl.slice(query)}`,
    headers: Object.fromEntries(headers),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
}
