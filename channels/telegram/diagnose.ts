/** What an operator should know of the bot's set-up: does the token work, do updates reach us, is the menu set, can the bot be used in groups. */
import type { Finding } from '../../src/domain/channel.js';
import { ChannelError } from '../../src/domain/errors.js';
import { createHttpClient } from '../shared/http-client.js';
import type { TelegramClient } from './client.js';
import { outdatedMenus } from './commands.js';
import { ALLOWED_UPDATES, type TelegramSettings } from './config.js';
import { SECRET_HEADER } from './verify.js';

const TIMEOUT = { timeoutMs: 5000 };
const WEBHOOK_PATH = '/webhooks/telegram';
const SET_WEBHOOK = 'Run `npm run telegram:webhook -- https://<your address>`.';

export async function diagnose(
  client: TelegramClient,
  { mode, webhookSecret }: Pick<TelegramSettings, 'mode' | 'webhookSecret'>,
  publicUrl: string | null,
): Promise<Finding[]> {
  try {
    const me = await client.call('getMe', {}, TIMEOUT);
    const groups: Finding = {
      check: 'groups',
      state: me.can_join_groups ? 'ok' : 'unknown',
      detail: me.can_join_groups ? 'the bot can be added to groups' : 'the bot cannot be added to groups',
      remedy: me.can_join_groups ? null : 'If it should be: @BotFather, /setjoingroups.',
    };
    return [
      { check: 'token', state: 'ok', detail: `@${me.username}`, remedy: null },
      await webhookFinding(client, mode, publicUrl),
      ...(mode === 'polling' || publicUrl === null ? [] : [await reachFinding(new URL(WEBHOOK_PATH, publicUrl), webhookSecret)]),
      await menuFinding(client, mode),
      groups,
    ];
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown;
    const remedy =
      thrown.kind === 'credentials-rejected'
        ? 'Copy TELEGRAM_BOT_TOKEN anew from @BotFather.'
        : 'Check the connection to TELEGRAM_API_ROOT and try again.';
    return [{ check: 'token', state: 'wrong', detail: thrown.message, remedy }];
  }
}

/** Posts there what is no update, with our secret: our own webhook says so with 400. */
async function reachFinding(url: URL, webhookSecret: string | null): Promise<Finding> {
  const check = 'webhook reachable';
  try {
    const http = createHttpClient({ allowedOrigins: [url.origin], timeoutMs: TIMEOUT.timeoutMs, maxBytes: 64 * 1024 });
    const headers = { 'content-type': 'application/json', [SECRET_HEADER]: webhookSecret ?? '' };
    const { status } = await http('webhook', url, { method: 'POST', headers, body: '{}' });
    if (status === 400) return { check, state: 'ok', detail: `${url.href} answers`, remedy: null };
    const remedy =
      status === 401 ? 'It runs with another TELEGRAM_WEBHOOK_SECRET.' : 'Start the service there, with the Telegram channel switched on.';
    return { check, state: 'wrong', detail: `${url.href} answers ${status}`, remedy };
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown;
    return { check, state: 'wrong', detail: thrown.message, remedy: 'Start the service, and check the address and the proxy before it.' };
  }
}

async function menuFinding(client: TelegramClient, mode: TelegramSettings['mode']): Promise<Finding> {
  const outdated = await outdatedMenus(client);
  if (outdated.length === 0) return { check: 'commands', state: 'ok', detail: 'the menu of commands is set', remedy: null };
  const languages = outdated.map(({ languageCode }) => (languageCode === '' ? 'Spanish' : 'English')).join(' and ');
  const remedy = mode === 'polling' ? 'Start the service again: it sets the menu.' : SET_WEBHOOK;
  return { check: 'commands', state: 'wrong', detail: `the menu of commands is not set in ${languages}`, remedy };
}

async function webhookFinding(client: TelegramClient, mode: TelegramSettings['mode'], publicUrl: string | null): Promise<Finding> {
  const info = await client.call('getWebhookInfo', {}, TIMEOUT);
  const url = info.url ?? '';
  const finding = (state: Finding['state'], detail: string, remedy: string | null): Finding => ({
    check: 'webhook',
    state,
    detail,
    remedy,
  });
  if (mode === 'polling') {
    if (url === '') return finding('ok', 'polling, and no webhook is set', null);
    return finding('wrong', `polling, but updates go to ${url}`, 'Run `npm run telegram:webhook -- none`, or unset TELEGRAM_MODE.');
  }
  if (url === '') return finding('wrong', 'no webhook is set', SET_WEBHOOK);
  if (publicUrl !== null && new URL(url).host !== new URL(publicUrl).host)
    return finding('wrong', `updates go to ${url}, not to ${publicUrl}`, SET_WEBHOOK);
  const missing = ALLOWED_UPDATES.filter((kind) => info.allowed_updates !== undefined && !info.allowed_updates.includes(kind));
  if (missing.length > 0) return finding('wrong', `updates of these kinds are not sent: ${missing.join(', ')}`, SET_WEBHOOK);
  if (info.last_error_message !== undefined && info.pending_update_count > 0)
    return finding(
      'wrong',
      `${info.pending_update_count} updates wait; the last one failed: ${info.last_error_message}`,
      'Check that the address is reachable from outside, and TELEGRAM_WEBHOOK_SECRET.',
    );
  return finding('ok', `updates go to ${url}; ${info.pending_update_count} wait`, null);
}
