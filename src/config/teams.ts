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

export const teamsVariables = {
  MICROSOFT_APP_ID: guid.optional(),
  MICROSOFT_APP_PASSWORD: text.optional(),
  MICROSOFT_APP_TENANT_ID: guid.optional(),
  TEAMS_SERVICE_URLS: serviceUrls.default(SERVICE_URLS.split(', ')),
  TEAMS_OPENID_METADATA: z.url().default('https://login.botframework.com/v1/.well-known/openidconfiguration'),
  TEAMS_LOGIN_URL: z.url().default('https://login.microsoftonline.com'),
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
}

/** Null: the channel is off. Throws ConfigurationError for half of its variables. */
export function teamsConfig(env: TeamsEnvironment): TeamsConfig | null {
  const { MICROSOFT_APP_ID: appId, MICROSOFT_APP_PASSWORD: appPassword, MICROSOFT_APP_TENANT_ID: tenantId = null } = env;
  if (appId === undefined && appPassword === undefined && tenantId === null) return null;
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
  return { appId: appId.toLowerCase(), appPassword, tenantId, serviceUrls: urls, openIdMetadata, loginUrl };
}
