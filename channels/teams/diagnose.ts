/** What an operator should know of the bot's set-up: do its credentials work, can Microsoft's keys be fetched, where does Teams post to. */
import { z } from 'zod';
import type { Finding } from '../../src/domain/channel.js';
import { ChannelError } from '../../src/domain/errors.js';
import { parseJson } from '../shared/json.js';
import { createHttpClient } from '../shared/http-client.js';
import type { TeamsClient } from './client.js';
import type { TeamsSettings } from './config.js';
import type { TeamsDeskSettings } from './desk/config.js';
import { addressOf } from './thread-key.js';

const ENDPOINT = '/api/messages';

export async function diagnose(
  { client, settings }: { readonly client: TeamsClient; readonly settings: TeamsSettings },
  publicUrl: string | null,
): Promise<Finding[]> {
  const findings = [
    await tokenFinding(client, settings),
    await keysFinding(settings),
    endpointFinding(publicUrl),
    ...(publicUrl === null ? [] : [await reachFinding(new URL(ENDPOINT, publicUrl))]),
  ];
  return settings.desk === undefined ? findings : [...findings, await deskFinding(client, settings, settings.desk)];
}

async function tokenFinding(client: TeamsClient, { appId, tenantId }: TeamsSettings): Promise<Finding> {
  try {
    await client.token({ fresh: true });
    return {
      check: 'token',
      state: 'ok',
      detail: `app ${appId}, ${tenantId === null ? 'multi-tenant' : `tenant ${tenantId}`}`,
      remedy: null,
    };
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown;
    const remedy =
      thrown.kind === 'credentials-rejected'
        ? 'Check MICROSOFT_APP_ID and MICROSOFT_APP_TENANT_ID (none for a multi-tenant bot), and make a new client secret for MICROSOFT_APP_PASSWORD: it ends after some months.'
        : 'Check the connection to TEAMS_LOGIN_URL and try again.';
    return { check: 'token', state: 'wrong', detail: thrown.message, remedy };
  }
}

/** Only those who are in a team are told who else is. */
async function deskFinding(client: TeamsClient, { serviceUrls }: TeamsSettings, { conversation }: TeamsDeskSettings): Promise<Finding> {
  try {
    const members = await client.members(addressOf(conversation, serviceUrls));
    return { check: 'desk', state: 'ok', detail: `in a team of ${members.length} people`, remedy: null };
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown;
    const remedy =
      thrown.kind === 'recipient-unreachable'
        ? 'Add the app to the team whose channel TEAMS_DESK_CONVERSATION names, and check the channel’s link: channels/teams/README.md.'
        : 'Mend what is wrong above first, and try again.';
    return { check: 'desk', state: 'wrong', detail: thrown.message, remedy };
  }
}

const metadataSchema = z.object({ jwks_uri: z.url() });

async function keysFinding({ openIdMetadata }: TeamsSettings): Promise<Finding> {
  const url = new URL(openIdMetadata);
  const wrong = (detail: string): Finding => ({
    check: 'keys',
    state: 'wrong',
    detail,
    remedy: 'Allow calls to TEAMS_OPENID_METADATA: without the keys every message from Teams is refused with 503.',
  });
  try {
    const http = createHttpClient({ allowedOrigins: [url.origin], timeoutMs: 5000, maxBytes: 256 * 1024 });
    const response = await http('keys', url);
    if (response.status !== 200 || !metadataSchema.safeParse(parseJson(response.bytes)).success)
      return wrong(`${url.host} answered ${response.status} and names no keys`);
    return { check: 'keys', state: 'ok', detail: `named by ${url.host}`, remedy: null };
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown;
    return wrong(thrown.message);
  }
}

/** Without a token our own endpoint refuses everybody, which only it does. */
async function reachFinding(url: URL): Promise<Finding> {
  const check = 'webhook reachable';
  try {
    const http = createHttpClient({ allowedOrigins: [url.origin], timeoutMs: 5000, maxBytes: 64 * 1024 });
    const headers = { 'content-type': 'application/json' };
    const { status } = await http('endpoint', url, { method: 'POST', headers, body: '{"type":"message"}' });
    if (status === 401) return { check, state: 'ok', detail: `${url.href} answers`, remedy: null };
    const remedy = 'Start the service there, with the Teams channel switched on.';
    return { check, state: 'wrong', detail: `${url.href} answers ${status}`, remedy };
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown;
    return { check, state: 'wrong', detail: thrown.message, remedy: 'Start the service, and check the address and the proxy before it.' };
  }
}

/** Nothing can be asked about it with the bot's own credentials. */
function endpointFinding(publicUrl: string | null): Finding {
  const remedy = (endpoint: string) => `In the Azure portal: the bot's resource, Configuration, Messaging endpoint: ${endpoint}`;
  if (publicUrl === null)
    return {
      check: 'webhook',
      state: 'unknown',
      detail: 'the public address is not known',
      remedy: remedy(`https://<your address>${ENDPOINT}`),
    };
  const endpoint = new URL(ENDPOINT, publicUrl);
  if (endpoint.protocol !== 'https:')
    return { check: 'webhook', state: 'wrong', detail: `${endpoint.href} is not https`, remedy: 'Teams posts to https addresses only.' };
  return { check: 'webhook', state: 'unknown', detail: 'the portal alone knows where Teams posts to', remedy: remedy(endpoint.href) };
}
