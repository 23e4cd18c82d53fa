/**
 * What an operator should know of the set-up on Meta's side: the token and its permissions, the app secret, the webhook, the number, the account's
 * subscription, the templates. Each is asked of the Graph API itself, since its pages show them in six different places.
 */
import type { Finding } from '../../src/domain/channel.js';
import { ChannelError } from '../../src/domain/errors.js';
import { createHttpClient } from '../shared/http-client.js';
import type { WhatsAppClient } from './client.js';
import type { TemplateSetting, WhatsAppSettings } from './config.js';
import {
  appSubscriptionsSchema,
  debugTokenSchema,
  healthSchema,
  subscribedAppsSchema,
  templatesSchema,
  type WireTemplate,
} from './wire.js';

const PERMISSIONS = ['whatsapp_business_messaging', 'whatsapp_business_management'];
const WEBHOOK_PATH = '/webhooks/whatsapp';
/** Tokens of the API Setup page last a day, those of a system user for ever or 60 days. */
const SOON_MS = 7 * 24 * 3_600_000;

const ok = (check: string, detail: string, remedy: string | null = null): Finding => ({ check, state: 'ok', detail, remedy });
const wrong = (check: string, detail: string, remedy: string): Finding => ({ check, state: 'wrong', detail, remedy });

export async function diagnose(client: WhatsAppClient, settings: WhatsAppSettings, publicUrl: string | null): Promise<Finding[]> {
  const { token, phoneNumberId } = settings;
  let app: Awaited<ReturnType<typeof readToken>>;
  try {
    app = await readToken(client, token);
  } catch (thrown) {
    return [unread('token', thrown, 'Make a new token: README, step 4; put it into WHATSAPP_TOKEN.')];
  }
  if (!app.is_valid) return [wrong('token', 'it is not valid any more', 'Make a new token: README, step 4; put it into WHATSAPP_TOKEN.')];
  const number = await attempt('phone number', () => numberFinding(client, phoneNumberId), {
    remedy: 'Copy WHATSAPP_PHONE_NUMBER_ID from WhatsApp > API Setup, and give the system user access to the account.',
  });
  const account = 'account' in number ? number.account : null;
  return [
    tokenFinding(app.expires_at ?? 0),
    permissionFinding(app.scopes ?? []),
    number.finding,
    ...(await webhookFindings(client, settings, app.app_id, publicUrl)),
    (await attempt('account', () => subscriptionFinding(client, account, app.app_id))).finding,
    (await attempt('templates', () => templatesFinding(client, account, settings.templates))).finding,
  ];
}

const readToken = async (client: WhatsAppClient, token: string) =>
  (await client.read('debug_token', `debug_token?input_token=${encodeURIComponent(token)}`, debugTokenSchema)).data;

interface Found {
  readonly finding: Finding;
}

/** Never throws for what Meta says. */
async function attempt<Result extends Found>(
  check: string,
  find: () => Promise<Result>,
  { remedy = 'Check the connection to WHATSAPP_API_ROOT and the permissions of the token, and try again.' } = {},
): Promise<Result | Found> {
  try {
    return await find();
  } catch (thrown) {
    return { finding: unread(check, thrown, remedy) };
  }
}

/** What could not be asked is unknown; what Meta refused is wrong. */
function unread(check: string, thrown: unknown, remedy: string): Finding {
  if (!(thrown instanceof ChannelError)) throw thrown;
  const refused = thrown.kind === 'credentials-rejected' || thrown.kind === 'payload-refused';
  return { check, state: refused ? 'wrong' : 'unknown', detail: thrown.message, remedy };
}

function tokenFinding(expiresAtSeconds: number): Finding {
  if (expiresAtSeconds === 0) return ok('token', 'valid, and does not expire');
  const until = `valid until ${new Date(expiresAtSeconds * 1000).toISOString()}`;
  if (expiresAtSeconds * 1000 - Date.now() > SOON_MS)
    return ok('token', until, 'A token that never expires saves the next change: README, step 4.');
  return wrong('token', `${until}: it is a temporary one`, 'Make a permanent token of a system user: README, step 4.');
}

function permissionFinding(scopes: readonly string[]): Finding {
  const missing = PERMISSIONS.filter((permission) => !scopes.includes(permission));
  if (missing.length === 0) return ok('permissions', PERMISSIONS.join(', '));
  return wrong('permissions', `missing: ${missing.join(', ')}`, 'Make the token anew with both permissions: README, step 4.');
}

/** The number, and the account that it belongs to. */
async function numberFinding(client: WhatsAppClient, phoneNumberId: string): Promise<Found & { account: string | null }> {
  const fields = 'display_phone_number,verified_name,quality_rating,health_status';
  const number = await client.read('phone number', `${phoneNumberId}?fields=${fields}`, healthSchema);
  const { can_send_message: canSend, entities = [] } = number.health_status ?? {};
  const account = entities.find((entity) => entity.entity_type === 'WABA')?.id ?? null;
  const name = [number.display_phone_number, number.verified_name, number.quality_rating].filter(Boolean).join(', ');
  if (canSend !== 'BLOCKED') return { finding: ok('phone number', name === '' ? phoneNumberId : name), account };
  const errors = entities.flatMap((entity) => entity.errors ?? []);
  const said = errors
    .map((error) => error.error_description)
    .filter(Boolean)
    .join(' ');
  const solution = errors.map((error) => error.possible_solution).find(Boolean);
  return {
    finding: wrong('phone number', `${name}: Meta blocks its messages. ${said}`.trim(), solution ?? 'See the account in WhatsApp Manager.'),
    account,
  };
}

async function webhookFindings(
  client: WhatsAppClient,
  settings: WhatsAppSettings,
  appId: string,
  publicUrl: string | null,
): Promise<Finding[]> {
  try {
    // The app's own token is made of its secret, so that this call also tells whether webhooks can be verified with it.
    const read = await client.read('app subscriptions', `${appId}/subscriptions`, appSubscriptionsSchema, `${appId}|${settings.appSecret}`);
    const subscription = read.data.find(({ object }) => object === 'whatsapp_business_account');
    return [
      ok('signature secret', `it is that of app ${appId}`),
      webhookFinding(subscription, publicUrl),
      ...(publicUrl === null ? [] : [await reachFinding(settings.verifyToken, publicUrl)]),
    ];
  } catch (thrown) {
    const remedy = `Copy WHATSAPP_APP_SECRET from App settings > Basic of app ${appId}: webhooks that are signed with another one are refused.`;
    return [unread('signature secret', thrown, remedy)];
  }
}

type Subscription = { readonly callback_url?: string | undefined; readonly fields?: readonly (string | { name: string })[] | undefined };

function webhookFinding(subscription: Subscription | undefined, publicUrl: string | null): Finding {
  const enter = `In WhatsApp > Configuration enter ${publicUrl ?? 'https://<your address>'}${WEBHOOK_PATH} and WHATSAPP_VERIFY_TOKEN: README, step 5.`;
  const url = subscription?.callback_url;
  if (url === undefined) return wrong('webhook', 'no webhook is set', enter);
  if (publicUrl !== null && url.replace(/\/$/, '') !== `${publicUrl.replace(/\/$/, '')}${WEBHOOK_PATH}`)
    return wrong('webhook', `webhooks go to ${url}, not to ${publicUrl}`, enter);
  const fields = (subscription?.fields ?? []).map((field) => (typeof field === 'string' ? field : field.name));
  if (!fields.includes('messages'))
    return wrong(
      'webhook',
      'the field messages is not subscribed to',
      'In WhatsApp > Configuration > Webhook fields subscribe to messages.',
    );
  return ok('webhook', `webhooks go to ${url}, with the field messages`);
}

/** Asks our own webhook what Meta asks when it is entered. */
async function reachFinding(verifyToken: string, publicUrl: string): Promise<Finding> {
  const url = new URL(WEBHOOK_PATH, publicUrl);
  const http = createHttpClient({ allowedOrigins: [url.origin], timeoutMs: 5000, maxBytes: 10_000 });
  const challenge = 'parley-doctor';
  url.search = new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.verify_token': verifyToken, 'hub.challenge': challenge }).toString();
  try {
    const { status, bytes } = await http('webhook', url);
    if (status === 200 && bytes.toString('utf8') === challenge) return ok('webhook reachable', `${url.origin}${WEBHOOK_PATH} answers`);
    return wrong(
      'webhook reachable',
      `${url.origin}${WEBHOOK_PATH} answers ${status}`,
      'Is this service running there, with the same WHATSAPP_VERIFY_TOKEN?',
    );
  } catch (thrown) {
    return unread('webhook reachable', thrown, 'Start the service, and check the address and the proxy before it.');
  }
}

const NO_ACCOUNT: Omit<Finding, 'check'> = {
  state: 'unknown',
  detail: 'Meta does not say to which account the number belongs',
  remedy: 'Give the token the permission whatsapp_business_management.',
};

async function subscriptionFinding(client: WhatsAppClient, account: string | null, appId: string): Promise<Found> {
  if (account === null) return { finding: { check: 'account', ...NO_ACCOUNT } };
  const { data } = await client.read('subscribed apps', `${account}/subscribed_apps`, subscribedAppsSchema);
  if (data.some((app) => app.whatsapp_business_api_data?.id === appId))
    return { finding: ok('account', `account ${account} sends its webhooks to app ${appId}`) };
  const remedy = `Subscribe it: curl -X POST -H "Authorization: Bearer $WHATSAPP_TOKEN" "$WHATSAPP_API_ROOT/${account}/subscribed_apps".`;
  return { finding: wrong('account', `account ${account} does not send its webhooks to app ${appId}`, remedy) };
}

async function templatesFinding(client: WhatsAppClient, account: string | null, wanted: readonly TemplateSetting[]): Promise<Found> {
  if (account === null) return { finding: { check: 'templates', ...NO_ACCOUNT } };
  const path = `${account}/message_templates?fields=name,language,status,parameter_format,components&limit=250`;
  const { data } = await client.read('templates', path, templatesSchema);
  const approved = data.filter(({ status }) => status === 'APPROVED').map(({ name, language }) => `${name} (${language})`);
  const listed = approved.length === 0 ? 'none is approved' : `approved: ${approved.slice(0, 20).join(', ')}`;
  if (wanted.length === 0) {
    const remedy = 'Without one, customers who wrote more than 24 hours ago cannot be answered: README, "Outside the 24 hours".';
    return { finding: { check: 'templates', state: 'unknown', detail: `WHATSAPP_TEMPLATES is empty; ${listed}`, remedy } };
  }
  const problems = wanted.flatMap((template) => problemOf(template, data) ?? []);
  if (problems.length === 0) return { finding: ok('templates', listed) };
  return {
    finding: wrong(
      'templates',
      `${problems.join('; ')}; ${listed}`,
      'Mend them in WhatsApp Manager > Message templates, or change WHATSAPP_TEMPLATES.',
    ),
  };
}

function problemOf({ name, language, parameters }: TemplateSetting, templates: readonly WireTemplate[]): string | null {
  const template = templates.find((candidate) => candidate.name === name && candidate.language === language);
  if (template === undefined) return `${name} (${language}) does not exist`;
  if (template.status !== 'APPROVED') return `${name} (${language}) is ${template.status.toLowerCase()}`;
  if (template.parameter_format === 'NAMED') return `${name} (${language}) has named placeholders; numbers are needed`;
  const body = template.components?.find((component) => component.type === 'BODY')?.text ?? '';
  const placeholders = new Set(body.match(/\{\{\s*\d+\s*\}\}/g) ?? []).size;
  return placeholders === parameters ? null : `${name} (${language}) has ${placeholders} placeholders, not ${parameters}`;
}
