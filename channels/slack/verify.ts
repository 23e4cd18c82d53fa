/**
 * Who may post to the webhooks: https://docs.slack.dev/authentication/verifying-requests-from-slack. Checked here over the raw bytes; bolt's own check
 * takes the body as a string and lets requests from the future pass. A test holds the two to the same answers otherwise.
 */
import type { ChannelRequest } from '../../src/domain/channel.js';
import { hasValidSignature } from '../shared/signature.js';

/** A request that is older, or further ahead, than this may be a recorded one. */
const MAX_AGE_SECONDS = 5 * 60;

export function isFromSlack(request: ChannelRequest, signingSecret: string, nowMs: number): boolean {
  const timestamp = request.headers['x-slack-request-timestamp'] ?? '';
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs / 1000 - Number(timestamp)) > MAX_AGE_SECONDS) return false;
  const signed = { secret: signingSecret, prefix: 'v0=', parts: [`v0:${timestamp}:`, request.body] };
  return hasValidSignature(request.headers['x-slack-signature'], signed);
}
