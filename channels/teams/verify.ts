/**
 * Who may post activities: the Bot Framework, by a token that it signed for this bot. The SDK checks signature, issuer, audience, times and that the key
 * is endorsed for Teams; what it throws is sorted here, because it answers a forged signature with 500.
 */
import { ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import type { ServiceClientCredentialsFactory } from 'botframework-connector';
import { parseJson } from '../shared/json.js';
import type { TeamsSettings } from './config.js';

const ISSUER = 'https://api.botframework.com';
/** Fetching the keys, once a day or when an unknown one comes. */
const TIMEOUT_MS = 8_000;

/** `unavailable`: Microsoft's keys cannot be had, so nothing can be said. */
export type Verdict = 'genuine' | 'forged' | 'unavailable';
/** `serviceUrl`: as the body says; it must be the one that the token was made for. */
export type Verify = (authorization: string | undefined, serviceUrl: string | null) => Promise<Verdict>;

export function createVerify({ appId, openIdMetadata }: Pick<TeamsSettings, 'appId' | 'openIdMetadata'>): Verify {
  const authentication = new ConfigurationBotFrameworkAuthentication(
    {
      MicrosoftAppId: appId,
      ValidateAuthority: true,
      ToChannelFromBotLoginUrl: 'https://login.microsoftonline.com/botframework.com',
      ToChannelFromBotOAuthScope: ISSUER,
      ToBotFromChannelTokenIssuer: ISSUER,
      OAuthUrl: ISSUER,
      ToBotFromChannelOpenIdMetadataUrl: openIdMetadata,
      ToBotFromEmulatorOpenIdMetadataUrl: openIdMetadata,
      CallerId: 'urn:botframework:azure',
    },
    audienceOnly(appId),
  );
  const underWay = new Set<Promise<Verdict>>();
  const authenticate = (activity: object, authorization: string): Promise<Verdict> => {
    type Activity = Parameters<typeof authentication.authenticateRequest>[0];
    const verdict = authentication.authenticateRequest(activity as Activity, authorization).then(() => 'genuine' as const, verdictOf);
    underWay.add(verdict);
    return verdict.finally(() => underWay.delete(verdict));
  };
  /** Until its first keys have come the SDK says no to all but whoever has it fetch them. Teams delivers nothing twice, so those are asked of it again. */
  const settle = async (activity: object, authorization: string): Promise<Verdict> => {
    const before = [...underWay];
    const verdict = await authenticate(activity, authorization);
    if (verdict !== 'forged' || before.length === 0) return verdict;
    await Promise.all(before);
    return authenticate(activity, authorization);
  };
  return async (authorization, serviceUrl) => {
    // Tokens of the desktop emulator and of other bots have another issuer; neither may write to this one.
    if (authorization === undefined || issuerOf(authorization) !== ISSUER) return 'forged';
    const activity = { channelId: 'msteams', ...(serviceUrl === null ? {} : { serviceUrl }) };
    return withinTime(settle(activity, authorization));
  };
}

/** The SDK asks it for the audience only. Tokens of the bot's own come from token.ts. */
const audienceOnly = (appId: string): ServiceClientCredentialsFactory => ({
  isValidAppId: async (given) => given === appId,
  isAuthenticationDisabled: async () => false,
  createCredentials: () => Promise.reject(new Error('The bot’s own token does not come from here.')),
});

/** Of an unverified token, to tell what need not be looked at. */
function issuerOf(authorization: string): unknown {
  const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/.exec(authorization)?.[1];
  const claims = payload === undefined ? undefined : parseJson(Buffer.from(payload, 'base64url'));
  return typeof claims === 'object' && claims !== null && 'iss' in claims ? claims.iss : undefined;
}

/** The metadata could not be fetched or read (node-fetch's errors, and 500 of the SDK's own); everything else speaks against the token. */
function verdictOf(thrown: unknown): Verdict {
  const { name, statusCode } = thrown as { name?: unknown; statusCode?: unknown };
  return name === 'FetchError' || (typeof statusCode === 'number' && statusCode >= 500) ? 'unavailable' : 'forged';
}

async function withinTime(verdict: Promise<Verdict>): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Verdict>((resolve) => {
    timer = setTimeout(resolve, TIMEOUT_MS, 'unavailable');
  });
  return Promise.race([verdict, late]).finally(() => clearTimeout(timer));
}
