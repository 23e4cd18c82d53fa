/** Who may post to the webhook: whoever signs with the app secret; and Meta's question whether the webhook is ours. */
import type { ChannelReply, ChannelRequest } from '../../src/domain/channel.js';
import { constantTimeEqual, hasValidSignature } from '../shared/signature.js';

const SIGNATURE_HEADER = 'x-hub-signature-256';

export const isFromMeta = (request: ChannelRequest, appSecret: string): boolean =>
  hasValidSignature(request.headers[SIGNATURE_HEADER], { secret: appSecret, prefix: 'sha256=', parts: [request.body] });

/** Answers the GET that Meta makes when the webhook is entered: the challenge for whoever knows the token, 403 for anybody else. */
export function answerHandshake(request: ChannelRequest, verifyToken: string): ChannelReply {
  const query = new URL(request.url, 'http://webhook').searchParams;
  const challenge = query.get('hub.challenge');
  if (query.get('hub.mode') !== 'subscribe' || challenge === null) {
    return { status: 400, body: 'not a verification request: hub.mode and hub.challenge are missing' };
  }
  if (!constantTimeEqual(query.get('hub.verify_token') ?? undefined, verifyToken)) return { status: 403, body: 'wrong verify token' };
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }, body: challenge };
}
