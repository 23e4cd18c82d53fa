/** The part of the configuration that switches Teams on: its variables, and what the service is told of them. */
import { z } from 'zod';
import { ConfigurationError } from '../domain/errors.js';

const text = z.string().trim().min(1);
const guid = text.regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be an id like 11111111-2222-3333-4444-555555555555');

/** Microsoft's addresses for bots that do not know a conversation's own, of the public cloud and the US government's community cloud. */
const SERVICE_URLS = 'https://smba.trafficmanager.net/teams, https://smba.infra.gcc.teams.microsoft.com/teams';

const serviceUrls = z
  .string()
  .transform((list) =>
    list
      .split(',')
      .map((url) => url.trim().replace(/\/+$/, ''))
      .filter(Boolean),
  )
  .refine((urls) => urls.length > 0 && urls.every((url) => /^https?:/.test(url) && URL.canParse(url)), 'must be web addresses');

/**
 * The link to a channel, as Teams copies it, or the id in it, and behind the id the host of its connector where that is not the first one listed:
 * `https://teams.microsoft.com/l/channel/19%3A…%40thread.tacv2/…`, `19:…@thread.tacv2`, `19:…@thread.tacv2|smba.infra.gcc.teams.microsoft.com`.
 */
const channelId = text.transform((given, context) => {
  const [, linked] = /^https:\/\/[^/]+\/l\/channel\/([^/?]+)/.exec(given) ?? [];
  // Reads what is not well encoded too, where decodeURIComponent throws.
  const id = linked === undefined ? given : new URLSearchParams(`id=${linked}`).get('id');
  if (id !== null && /^19:[^;|/\s]+@thread\.[a-z0-9]+(?:\|[^\s|/]+)?$/.test(id)) return id;
  context.addIssue({
    code: 'custom',
    message: 'must be the link to a channel (… beside its name, “Get link to channel”), or its id like 19:…@thread.tacv2',
  });
  return z.NEVER;
});

export const teamsVariables = {
  MICROSOFT_APP_ID: guid.optional(),
  MICROSOFT_APP_PASSWORD: text.optional(),
  MICROSOFT_APP_TENANT_ID: guid.optional(),
  TEAMS_SERVICE_URLS: serviceUrls.default(SERVICE_URLS.split(', ')),
  TEAMS_OPENID_METADATA: z.url().default('https://login.botframework.com/v1/.well-known/openidconfiguration'),
  TEAMS_LOGIN_URL: z.url().default('https://login.microsoftonline.com'),
  TEAMS_DESK_CONVERSATION: channelId.optional(),
};
type TeamsEnvironment = z.infer<z.ZodObject<typeof teamsVariables>>;

export interface TeamsConfig {
  readonly appId: string;
  readonly appPassword: string;
  /** Null: a multi-tenant bot. */
  readonly tenantId: string | null;
  readonly serviceUrls: readonly string[];
  readonly openIdMetadata: string;
  readonly loginUrl: string;
  /** The channel where staff work on cases; null: not in Teams. */
  readonly deskConversation: string | null;
}

/** Null: the channel is off. Throws ConfigurationError for half of its variables. */
export function teamsConfig(env: TeamsEnvironment): TeamsConfig | null {
  const { MICROSOFT_APP_ID: appId, MICROSOFT_APP_PASSWORD: appPassword, MICROSOFT_APP_TENANT_ID: tenantId = null } = env;
  const deskConversation = env.TEAMS_DESK_CONVERSATION ?? null;
  if (appId === undefined && appPassword === undefined && tenantId === null && deskConversation === null) return null;
  if (appId === undefined || appPassword === undefined) {
    const missing = [
      ...(appId === undefined ? ['MICROSOFT_APP_ID'] : []),
      ...(appPassword === undefined ? ['MICROSOFT_APP_PASSWORD'] : []),
    ];
    throw new ConfigurationError(
      `The teams channel is half configured: set ${missing.join(' and ')} too, or unset the others. See .env.example.`,
    );
  }
  const { TEAMS_SERVICE_URLS: urls, TEAMS_OPENID_METADATA: openIdMetadata, TEAMS_LOGIN_URL: loginUrl } = env;
  return { appId: appId.toLowerCase(), appPassword, tenantId, serviceUrls: urls, openIdMetadata, loginUrl, deskConversation };
}
