/** Slack's failures as the one decision that the caller has to make. Names from https://docs.slack.dev/reference/methods/chat.postMessage#errors. */
import { webApi } from '@slack/bolt';
import { ChannelError, type ChannelErrorKind } from '../../src/domain/errors.js';
import { failureOfConnection, failureOfStatus } from '../shared/http-client.js';

const { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } = webApi;

/** Where Slack says neither how long to wait. */
const DEFAULT_WAIT_MS = 1000;

const KINDS: Readonly<Record<string, ChannelErrorKind>> = {
  ...named('rate-limited', 'ratelimited', 'rate_limited', 'message_limit_exceeded'),
  ...named('credentials-rejected', 'invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired', 'missing_scope'),
  ...named(
    'credentials-rejected',
    'no_permission',
    'not_allowed_token_type',
    'access_denied',
    'team_access_not_granted',
    'org_login_required',
  ),
  ...named(
    'recipient-unreachable',
    'channel_not_found',
    'not_in_channel',
    'is_archived',
    'user_disabled',
    'user_not_found',
    'user_not_visible',
  ),
  ...named('recipient-unreachable', 'cannot_dm_bot', 'messages_tab_disabled', 'restricted_action', 'thread_locked', 'user_is_restricted'),
  ...named('unavailable', 'service_unavailable', 'request_timeout', 'migration_in_progress', 'external_channel_migrating'),
  // "It's possible some aspect of the operation succeeded before the error was raised."
  ...named('unknown', 'internal_error', 'fatal_error'),
};

function named(kind: ChannelErrorKind, ...errors: readonly string[]): Record<string, ChannelErrorKind> {
  return Object.fromEntries(errors.map((error) => [error, kind]));
}

export function channelErrorOf(method: string, thrown: unknown): ChannelError {
  if (thrown instanceof ChannelError) return thrown;
  if (thrown instanceof WebAPIRateLimitedError) return rateLimited(method, thrown.retryAfter * 1000, thrown);
  if (thrown instanceof WebAPIPlatformError) return refusal(method, thrown);
  if (thrown instanceof WebAPIHTTPError) {
    // Of an error of its own Slack does not say how far it got; it is asked before the message is sent again.
    return thrown.statusCode === 500 ? failureOfStatus(method, 502) : failureOfStatus(method, thrown.statusCode);
  }
  if (thrown instanceof WebAPIRequestError) return failureOfConnection(method, thrown.original);
  // Thrown while the form is written: half a pair of surrogates in a name.
  if (thrown instanceof URIError) return new ChannelError('payload-refused', `${method}: the text is not well formed.`, { cause: thrown });
  // A 429 without the header that says how long to wait is thrown as an error of no class of its own.
  if (thrown instanceof Error && thrown.message.startsWith('Retry header')) return rateLimited(method, DEFAULT_WAIT_MS, thrown);
  return failureOfConnection(method, thrown);
}

const rateLimited = (method: string, afterMs: number, cause: Error) =>
  new ChannelError('rate-limited', `${method}: Slack asks to wait ${afterMs} ms.`, { retry: { afterMs }, cause });

function refusal(method: string, thrown: InstanceType<typeof WebAPIPlatformError>): ChannelError {
  const { error, response_metadata: metadata, needed } = thrown.data as typeof thrown.data & { readonly needed?: unknown };
  const name = typeof error === 'string' ? error.slice(0, 100) : 'no reason given';
  const kind =
    (Object.hasOwn(KINDS, name) ? KINDS[name] : undefined) ??
    (name.startsWith('restricted_action') ? 'recipient-unreachable' : 'payload-refused');
  const retryAfter = (metadata as { retryAfter?: number } | undefined)?.retryAfter;
  if (kind === 'rate-limited') return rateLimited(method, retryAfter === undefined ? DEFAULT_WAIT_MS : retryAfter * 1000, thrown);
  const scope = typeof needed === 'string' ? ` (the token lacks ${needed.slice(0, 200)})` : '';
  return new ChannelError(kind, `${method}: ${name}${scope}`, { cause: thrown });
}
