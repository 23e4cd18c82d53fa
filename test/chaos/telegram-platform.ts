/** Telegram for chaos: delivers updates by webhook until they get 200, and answers sends with 429, 5xx or a cut line as often as it is told. */
import { inboxIdOf } from '../../src/domain/ids.js';
import { type ScriptedAnswer, startFakeTelegramApi } from '../fakes/fake-telegram-api.js';
import { again, type Customer, type FakePlatform, type Gateway, post, tryAfter } from './platform.js';
import { planSendFaults, type SendFault } from './send-faults.js';

const BOT_ID = '700700';
const SECRET = 'chaos-secret';
const FIRST_CHAT = 5_000_000;
/** Update ids of one chat follow one another from its own thousands on. */
const UPDATES_A_CHAT = 10_000;

export async function startTelegramPlatform(seed: number, gateway: Gateway): Promise<FakePlatform> {
  const faults = planSendFaults(seed, 'telegram');
  const shown = new Map<string, string[]>();
  const api = await startFakeTelegramApi({
    faultOf: (chatId) => answerOf(faults.faultOf(chatId)),
    answerAfterMs: faults.takesMs,
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
    counts: () => faults.counts,
    misbehave: faults.begin,
    close: () => api.close(),
  };
}

function answerOf(fault: SendFault | undefined): ScriptedAnswer | undefined {
  switch (fault?.kind) {
    case undefined:
      return undefined;
    case 'limited':
      return { kind: 'error', status: 429, description: 'Too Many Requests: retry after 1', retryAfterSeconds: 1 };
    case 'failed':
      return { kind: 'error', status: fault.status };
    case 'cut':
      return { kind: 'taken-cut' };
  }
}

function customerOf(chatId: string, firstUpdate: number, gateway: Gateway, shown: () => readonly string[]): Customer {
  const deliverOnce = async (number: number, text: string): Promise<boolean> => {
    const from = { id: Number(chatId), is_bot: false, first_name: 'Ana', language_code: 'es' };
    const chat = { id: Number(chatId), type: 'private' };
    const message = { message_id: number + 1, date: 1_700_000_000 + number, chat, from, text };
    const body = JSON.stringify({ update_id: firstUpdate + number, message });
    return (await post(`${gateway.next()}/webhooks/telegram`, { 'x-telegram-bot-api-secret-token': SECRET }, body, gateway)) === 200;
  };
  return {
    name: `telegram chat ${chatId}`,
    inboxIdOf: (number) => inboxIdOf({ channel: 'telegram', account: BOT_ID, eventId: String(firstUpdate + number) }),
    deliver: async (number, text) => ((await tryAfter(again(), () => deliverOnce(number, text), gateway.over)) ? 'taken' : 'unreachable'),
    async deliverAgain(number, text) {
      await deliverOnce(number, text);
    },
    shown,
  };
}
