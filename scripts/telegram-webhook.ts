/**
 * Points the bot's webhook at this service, and sets its menu of commands: `npm run telegram:webhook -- https://chat.example.com`, or shows and removes
 * the webhook. Needed once for each public address; the token and the secret come from the environment.
 */
import { Command } from 'commander';
import { createTelegramClient } from '../channels/telegram/client.js';
import { setMenus } from '../channels/telegram/commands.js';
import { ALLOWED_UPDATES } from '../channels/telegram/config.js';
import { loadEnvironment, parseConfig } from '../src/config.js';
import { asError, ChannelError, ConfigurationError } from '../src/domain/errors.js';

const REMOVAL = 'none';

async function run(address: string | undefined): Promise<void> {
  const { telegram } = parseConfig(loadEnvironment());
  if (telegram === null)
    throw new ConfigurationError('The telegram channel is off: set TELEGRAM_BOT_TOKEN and TELEGRAM_WEBHOOK_SECRET first.');
  const client = createTelegramClient(telegram);
  const { username } = await client.identity();
  if (address === REMOVAL) await client.call('deleteWebhook', {});
  else if (address !== undefined) {
    await setWebhook(client, webhookUrl(address), telegram.webhookSecret);
    await setMenus(client);
  }
  const { url, pending_update_count: pending, last_error_message: lastError } = await client.call('getWebhookInfo', {});
  console.log(`@${username}: ${url === undefined || url === '' ? 'no webhook is set' : `updates go to ${url}`}; ${pending} are waiting.`);
  if (lastError !== undefined) console.log(`The last delivery failed: ${lastError}`);
}

async function setWebhook(client: ReturnType<typeof createTelegramClient>, url: string, secret: string | null): Promise<void> {
  if (secret === null) throw new ConfigurationError('TELEGRAM_WEBHOOK_SECRET is missing: set it, and unset TELEGRAM_MODE.');
  await client.call('setWebhook', { url, secret_token: secret, allowed_updates: ALLOWED_UPDATES, max_connections: 100 });
}

function webhookUrl(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol !== 'https:') throw new ConfigurationError(`${address} is not an https:// address; Telegram posts to no other.`);
  return url.pathname === '/' ? new URL('/webhooks/telegram', url).href : url.href;
}

await new Command('telegram-webhook')
  .description('Sets, shows or removes the address that Telegram posts updates to.')
  .argument('[address]', `https address of this service; "${REMOVAL}" removes the webhook; left out, the present one is shown`)
  .action(async (address: string | undefined) => {
    try {
      await run(address);
    } catch (thrown) {
      const error = asError(thrown);
      console.error(error instanceof ConfigurationError || error instanceof ChannelError ? error.message : error);
      process.exitCode = 1;
    }
  })
  .parseAsync();
