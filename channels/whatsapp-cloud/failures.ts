/**
 * Meta's error codes as the one decision that the caller has to make. Codes and their meaning:
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes, which asks to go by codes and neither by
 * titles nor by HTTP statuses. The same codes come as answers to a call and, later, in a status of the message.
 */
import { ChannelError, type ChannelErrorKind } from '../../src/domain/errors.js';
import { failureOfStatus, type HttpResponse } from '../shared/http-client.js';
import { graphErrorSchema, type WireError } from './wire.js';

const KINDS: Readonly<Record<number, ChannelErrorKind>> = {
  // Authorization; and what only the operator can mend on Meta's side.
  0: 'credentials-rejected', // AuthException: the app user cannot be authenticated
  3: 'credentials-rejected', // API method: capability or permission
  10: 'credentials-rejected', // permission denied
  33: 'credentials-rejected', // the business number was deleted
  190: 'credentials-rejected', // access token expired
  368: 'credentials-rejected', // blocked for policy violations
  131005: 'credentials-rejected', // access denied: a permission was not granted or was taken away
  131031: 'credentials-rejected', // account locked
  131042: 'credentials-rejected', // payment method missing
  131045: 'credentials-rejected', // the number is not registered (certificate)
  133010: 'credentials-rejected', // the number is not registered

  // Throttling.
  4: 'rate-limited', // too many calls of the app
  80007: 'rate-limited', // rate limit of the WhatsApp Business Account
  130429: 'rate-limited', // throughput of the number
  131048: 'rate-limited', // spam rate limit
  131056: 'rate-limited', // too many messages to this customer (pair rate limit)
  133016: 'rate-limited', // registered too often

  131047: 'window-closed', // re-engagement message: more than 24 hours since the customer's last one

  // The customer, or Meta for them.
  130472: 'recipient-unreachable', // the number is part of an experiment
  130497: 'recipient-unreachable', // not allowed to message users of this country
  131021: 'recipient-unreachable', // sender and recipient are the same
  131026: 'recipient-unreachable', // undeliverable: not on WhatsApp, terms not accepted, blocked, an old version
  131030: 'recipient-unreachable', // a test number, and the recipient is not on its list
  131049: 'recipient-unreachable', // not delivered, for a healthy ecosystem
  131050: 'recipient-unreachable', // stopped marketing messages

  // The platform.
  1: 'unavailable', // API unknown
  2: 'unavailable', // API service: down or overloaded
  131000: 'unavailable', // something went wrong
  131016: 'unavailable', // service overloaded
  131057: 'unavailable', // account in maintenance mode
  133004: 'unavailable', // server temporarily unavailable

  // What was sent.
  100: 'payload-refused', // invalid parameter
  131008: 'payload-refused', // required parameter missing
  131009: 'payload-refused', // parameter value is not valid
  131051: 'payload-refused', // unsupported message type
  131052: 'payload-refused', // media download error: what the customer sent
  131053: 'payload-refused', // media upload error: what we send
  135000: 'payload-refused', // generic user error
};

/** Ranges: 200-299 are permissions, 132000-132999 templates (missing, paused, wrong parameters, text too long). */
export function kindOfCode(code: number): ChannelErrorKind | null {
  if (code >= 200 && code <= 299) return 'credentials-rejected';
  if (code >= 132_000 && code <= 132_999) return 'payload-refused';
  return KINDS[code] ?? null;
}

/** Least waits in ms where Meta names none: a pair takes one message every 6 seconds, an account's calls are counted by the hour. */
const LEAST_WAIT_MS: Readonly<Record<number, number>> = { 4: 60_000, 80007: 60_000, 130429: 1000, 131048: 600_000, 131056: 6000 };

/** `what` names the call. Meta's own text goes into the message, which names parameters but repeats no content; its details may, and stay out. */
export function failureOf(what: string, response: HttpResponse): ChannelError {
  const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1000 || 0;
  const error = errorIn(response);
  const byStatus = failureOfStatus(what, response.status, retryAfterMs);
  if (error === null) return byStatus;
  const message = `${what}: ${describe(error)}`;
  const kind = kindOfCode(error.code);
  if (kind === null) return new ChannelError(byStatus.kind, message, { retry: byStatus.retry });
  if (kind !== 'rate-limited') return new ChannelError(kind, message);
  return new ChannelError(kind, message, { retry: { afterMs: Math.max(retryAfterMs, LEAST_WAIT_MS[error.code] ?? 0) } });
}

/** `131026 Message undeliverable`, without the number once more. */
export function describe({ code, title, message }: WireError): string {
  const said = (title ?? message ?? '').replace(/^\(#\d+\)\s*/, '').slice(0, 200);
  return said === '' ? String(code) : `${code} ${said}`;
}

function errorIn(response: HttpResponse): WireError | null {
  try {
    return graphErrorSchema.safeParse(JSON.parse(response.bytes.toString('utf8'))).data?.error ?? null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null; // a gateway's page
    throw thrown;
  }
}
