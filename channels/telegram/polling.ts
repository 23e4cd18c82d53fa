/**
 * Long polling, for a bot without a public address. Updates are confirmed to Telegram (by the next offset) only after they are stored, so a crash
 * loses none; those that are sent again carry the same event id. One process only: Telegram refuses a second poller.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Update } from 'telegraf/types';
import type { Emit, Ignore } from '../../src/domain/channel.js';
import { ChannelError, ConfigurationError, asError } from '../../src/domain/errors.js';
import type { Logger } from '../../src/telemetry/logger.js';
import type { TelegramClient } from './client.js';
import { setMenus } from './commands.js';
import { ALLOWED_UPDATES } from './config.js';
import { type DecodedUpdate, decodeUpdate } from './decode.js';
import type { MovedChats } from './moved-chats.js';

const POLL_SECONDS = 25;
const PREPARE_TIMEOUT_MS = 5000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

interface Polling {
  readonly client: TelegramClient;
  readonly chats: MovedChats;
  readonly emit: Emit;
  readonly ignore: Ignore;
  readonly logger: Logger;
}

/**
 * Resolves when Telegram has accepted the token, or cannot be reached for now: then the first poll waits until it can. The returned function stops
 * after the updates at hand are stored. Throws ConfigurationError for a token that Telegram refuses.
 */
export async function startPolling(polling: Polling): Promise<() => Promise<void>> {
  const { client, logger } = polling;
  let prepared = false;
  let menus: Promise<void> | undefined;
  const prepare = async () => {
    if (prepared) return;
    await client.identity({ timeoutMs: PREPARE_TIMEOUT_MS });
    // Telegram answers polls with 409 while a webhook is set.
    await client.call('deleteWebhook', {}, { timeoutMs: PREPARE_TIMEOUT_MS });
    prepared = true;
    // Nobody waits for the menu.
    menus = renewMenus(polling);
  };
  await prepare().catch((thrown: unknown) => {
    if (!(thrown instanceof ChannelError)) throw thrown;
    if (thrown.kind === 'credentials-rejected') {
      throw new ConfigurationError('Telegram refuses TELEGRAM_BOT_TOKEN: copy it again from @BotFather.', { cause: thrown });
    }
    logger.warn({ channel: 'telegram', error: thrown.message }, 'Telegram does not answer; polling starts when it does');
  });
  const stopping = new AbortController();
  const stopped = poll(polling, prepare, stopping.signal);
  return async () => {
    stopping.abort();
    await stopped;
    await menus;
  };
}

async function poll(polling: Polling, prepare: () => Promise<void>, signal: AbortSignal): Promise<void> {
  let offset = 0;
  let failures = 0;
  while (!signal.aborted) {
    try {
      await prepare();
      const { confirmed, failure } = await storeAll(await nextUpdates(polling.client, offset, signal), polling);
      offset = confirmed ?? offset;
      if (failure !== null) throw failure;
      failures = 0;
    } catch (thrown) {
      if (signal.aborted) break;
      failures += 1;
      const asked = thrown instanceof ChannelError && thrown.retry !== 'never' ? thrown.retry.afterMs : 0;
      const waitMs = Math.max(asked, Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS));
      polling.logger.warn({ channel: 'telegram', failures, waitMs, error: asError(thrown).message }, 'Polling failed; trying again');
      await sleep(waitMs, undefined, { signal }).catch(() => undefined); // woken early by stopping
    }
  }
  await confirm(polling, offset);
}

async function renewMenus({ client, logger }: Polling): Promise<void> {
  try {
    await setMenus(client);
  } catch (thrown) {
    logger.warn(
      { channel: 'telegram', error: asError(thrown).message },
      'The menu of commands was not renewed; the next start tries again',
    );
  }
}

const nextUpdates = (client: TelegramClient, offset: number, signal: AbortSignal) =>
  client.call(
    'getUpdates',
    { offset, timeout: POLL_SECONDS, limit: 100, allowed_updates: ALLOWED_UPDATES },
    { timeoutMs: (POLL_SECONDS + 10) * 1000, signal },
  );

/** Tells Telegram what is stored, so that the next process does not get it again. Where it fails, redelivery is recognised by the event id. */
async function confirm({ client, logger }: Polling, offset: number): Promise<void> {
  if (offset === 0) return;
  try {
    await client.call('getUpdates', { offset, timeout: 0, limit: 1 }, { timeoutMs: 2000 });
  } catch (thrown) {
    logger.debug({ channel: 'telegram', error: asError(thrown).message }, 'The last updates were not confirmed; they will come again');
  }
}

interface Stored {
  /** The next offset: everything before it is stored. Undefined when nothing is. */
  readonly confirmed: number | undefined;
  readonly failure: Error | null;
}

/** Stores chats side by side, each chat's updates in order. Nothing from the first update on that failed is confirmed. Rejects where nothing was stored. */
async function storeAll(updates: readonly Update[], polling: Polling): Promise<Stored> {
  const tails = new Map<string, Promise<void>>();
  const settled: (DecodedUpdate | null)[] = [];
  // In order: that a chat has moved is known before anything that came behind it is looked at.
  for (const update of updates) {
    const decoded = decodeUpdate(update, polling.client.knownIdentity());
    settled.push(decoded === null ? null : await polling.chats.settle(decoded));
  }
  const storing = settled.map((decoded) => {
    const threadKey = decoded?.events[0]?.threadKey ?? '';
    const stored = (tails.get(threadKey) ?? Promise.resolve()).then(async () => {
      for (const event of decoded?.events ?? []) await polling.emit(event);
      for (const ignored of decoded?.ignored ?? []) await polling.ignore(ignored);
    });
    tails.set(threadKey, stored);
    return stored.then(() => answerPress(polling, decoded?.callbackQueryId ?? null));
  });
  const results = await Promise.allSettled(storing);
  const failed = results.findIndex((result) => result.status === 'rejected');
  const failure = results[failed];
  return {
    confirmed: failed === -1 ? nextOffset(updates.at(-1)) : updates[failed]?.update_id,
    failure: failure?.status === 'rejected' ? asError(failure.reason) : null,
  };
}

const nextOffset = (last: Update | undefined) => (last === undefined ? undefined : last.update_id + 1);

/** Stops the waiting mark on a pressed button. Cosmetic: nobody waits for it, and a failure is only noted. */
function answerPress({ client, logger }: Polling, callbackQueryId: string | null): void {
  if (callbackQueryId === null) return;
  client.call('answerCallbackQuery', { callback_query_id: callbackQueryId }, { timeoutMs: 5000 }).catch((thrown: unknown) => {
    logger.debug({ channel: 'telegram', error: asError(thrown).message }, 'A pressed button was not answered');
  });
}
