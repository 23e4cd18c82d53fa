/**
 * The bot's own access token, by the client credentials grant. Written out because the SDK's (MSAL) accepts Microsoft's https addresses only, retries by
 * itself and does not say which fault was whose; here it is one call with a time limit.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
import { z } from 'zod';
import { ChannelError } from '../../src/domain/errors.js';
import { parseJson } from '../shared/json.js';
import { createHttpClient, failureOfStatus } from '../shared/http-client.js';
import type { TeamsSettings } from './config.js';

const SCOPE = 'https://api.botframework.com/.default';
const MULTI_TENANT = 'botframework.com';
const TIMEOUT_MS = 10_000;
/** A token is renewed this long before it ends. */
const MARGIN_MS = 5 * 60_000;

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
const refusalSchema = z.object({ error: z.string(), error_codes: z.array(z.number()).optional() });

/** Gives the token at hand while it is good. Throws ChannelError: nothing was sent to anybody, so never `unknown`. */
export type TokenSource = (options?: { readonly fresh: boolean }) => Promise<string>;

export function createTokenSource(settings: Pick<TeamsSettings, 'appId' | 'appPassword' | 'tenantId' | 'loginUrl'>): TokenSource {
  let current: { readonly token: string; readonly goodUntilMs: number } | null = null;
  let underWay: Promise<string> | null = null;
  const renew = async () => {
    const { token, lifeMs } = await fetchToken(settings);
    current = { token, goodUntilMs: Date.now() + Math.max(lifeMs - MARGIN_MS, lifeMs / 2) };
    return token;
  };
  return async ({ fresh } = { fresh: false }) => {
    if (!fresh && current !== null && Date.now() < current.goodUntilMs) return current.token;
    underWay ??= renew().finally(() => {
      underWay = null;
    });
    return underWay;
  };
}

async function fetchToken(settings: Parameters<typeof createTokenSource>[0]): Promise<{ token: string; lifeMs: number }> {
  const url = new URL(`${encodeURIComponent(settings.tenantId ?? MULTI_TENANT)}/oauth2/v2.0/token`, withSlash(settings.loginUrl));
  const http = createHttpClient({ allowedOrigins: [url.origin], timeoutMs: TIMEOUT_MS, maxBytes: 64 * 1024 });
  const form = { grant_type: 'client_credentials', client_id: settings.appId, client_secret: settings.appPassword, scope: SCOPE };
  const response = await http('login', url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  }).catch((thrown: unknown) => {
    throw thrown instanceof ChannelError && thrown.kind === 'unknown'
      ? new ChannelError('unavailable', thrown.message, { cause: thrown })
      : thrown;
  });
  const body = parseJson(response.bytes);
  if (response.status === 200) {
    const { access_token: token, expires_in: seconds } = tokenSchema.safeParse(body).data ?? {};
    if (token === undefined || seconds === undefined) throw new ChannelError('unavailable', 'login: the answer holds no token.');
    return { token, lifeMs: seconds * 1000 };
  }
  const refusal = refusalSchema.safeParse(body).data;
  if (response.status < 500 && response.status !== 429 && refusal !== undefined) {
    // AADSTS7000215: wrong secret; 7000222: it has expired; 700016 and 90002: no such app or tenant.
    const codes = (refusal.error_codes ?? []).map((code) => ` AADSTS${code}`).join('');
    throw new ChannelError('credentials-rejected', `login: ${refusal.error.slice(0, 60)}${codes}.`);
  }
  const failure = failureOfStatus('login', response.status);
  throw failure.kind === 'unknown' ? new ChannelError('unavailable', failure.message) : failure;
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);
