/** Telegram for chaos: delivers updates by webhook until they get 200, and answers sends with 429, 5xx or a cut line as often as it is told. */
import { inboxIdOf } from '../../src/domain/ids.js';
import { type ScriptedAnswer, startFakeTelegramApi } from '../fakes/fake-telegram-api.js';
import { type Customer, type FakePlatform, type Gateway, pause, post, TRY_AGAIN_MS } from './platform.js';
import { type Random, randomOf } from './random.js';

const BOT_ID = '700700';
const SECRET = 'chaos-secret';
const FIRST_CHAT = 5_000_000;
/** Update ids of one chat follow one another from its own thousands on. */
const UPDATES_A_CHAT = 10_000;
const SEND_TAKES_MS = 40;

/** Shares of the sends. */
const FAULTS = { limited: 0.05, failed: 0.03, cut: 0.02 } as const;
/** 500 and 503 say that nothing was done, 502 leaves it open. */
const FAILURES = [500, 502, 503] as const;

export async function startTelegramPlatform(seed: number, gateway: Gateway): Promise<FakePlatform> {
  const counts = { 'sends answered 429': 0, 'sends answered 5xx': 0, 'sends taken, then cut': 0 };
  const chances = new Map<string, Random>();
  let misbehaving = false;

  const faultOf = (chatId: string): ScriptedAnswer | undefined => {
    if (!misbehaving) return undefined;
    const random = chances.get(chatId) ?? randomOf(seed, `sends to ${chatId}`);
    chances.set(chatId, random);
    const chance = random();
    if (chance < FAULTS.limited) {
      counts['sends answered 429'] += 1;
      return { kind: 'error', status: 429, description: 'Too Many Requests: retry after 1', retryAfterSeconds: 1 };
    }
    if (chance < FAULTS.limited + FAULTS.failed) {
      counts['sends answered 5xx'] += 1;
      return { kind: 'error', status: FAILURES[Math.floor(random() * FAILURES.length)] ?? 500 };
    }
    if (chance >= FAULTS.limited + FAULTS.failed + FAULTS.cut) return undefined;
    counts['sends taken, then cut'] += 1;
    return { kind: 'taken-cut' };
  };
  const delays = randomOf(seed, 'how long sends take');
  const shown = new Map<string, string[]>();
  const api = await startFakeTelegramApi({
    faultOf,
    answerAfterMs: () => (0.3 + delays()) * SEND_TAKES_MS,
    onSend: ({ chatId, text }) => shown.get(chatId)?.push(text),
  });
  let chats = 0;

  return {
    channel: 'telegram',
    environment: {
      TELEGRAM_BOT_TOKEN: `${BOT_ID}:AAFakeTokenForTestsOnly_0123456789abc`,
      TELEGRAM_WEBHOOK_SECRET: SECRET,
      TELEGRAM_API_ROOT: api.url,
    },
    async newCustomer() {
      chats += 1;
      const chatId = String(FIRST_CHAT + chats);
      shown.set(chatId, []);
      return customerOf(chatId, chats * UPDATES_A_CHAT, gateway, () => shown.get(chatId) ?? []);
    },
    counts: () => counts,
    misbehave: () => void (misbehaving = true),
    close: () => api.close(),
  };
}

function customerOf(chatId: string, firstUpdate: number, gateway: Gateway, shown: () => readonly string[]): Customer {
  const deliverOnce = async (number: number, text: string): Promise<boolean> => {
    const from = { id: Number(chatId), is_bot: false, first_name: 'Ana', language_code: 'es' };
    const chat = { id: Number(chatId), type: 'private' };
    const message = { message_id: number + 1, date: 1_700_000_000 + number, chat, from, text };
    const body = JSON.stringify({ update_id: firstUpdate + number, message });
    return (await post(`${gateway.next()}/webhooks/telegram`, { 'x-telegram-bot-api-secret-token': SECRET }, body, gateway.over)) === 200;
  };
  return {
    name: `telegram chat ${chatId}`,
    inboxIdOf: (number) => inboxIdOf({ channel: 'telegram', account: BOT_ID, eventId: String(firstUpdate + number) }),
    async deliver(number, text) {
      while (!gateway.over.aborted && !(await deliverOnce(number, text))) await pause(TRY_AGAIN_MS, gateway.over);
    },
    async deliverAgain(number, text) {
      await deliverOnce(number, text);
    },
    shown,
  };
}
