/** A group that becomes a supergroup keeps its conversation, on every instance and in both directions. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTelegramChannel } from '../../../channels/telegram/index.js';
import type { Channel, Recipient, SendContext } from '../../../src/domain/channel.js';
import { conversationIdOf } from '../../../src/domain/ids.js';
import type { MovedThreads } from '../../../src/domain/moved-threads.js';
import { createMovedThreadStore } from '../../../src/storage/moved-thread-store.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { type FakeTelegramApi, startFakeTelegramApi } from '../../fakes/fake-telegram-api.js';
import { TOKEN, WEBHOOK_SECRET } from '../../fakes/telegram/customer.js';

const GROUP = -987654;
const SUPERGROUP = -1001987654321;
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/telegram/${name}.json`, import.meta.url), 'utf8'));
const MOVED_AWAY = fixture('group-became-supergroup');
const MOVED_HERE = fixture('supergroup-was-a-group');
const TO: Recipient = { conversationId: 'conv_1', threadKey: String(GROUP), userId: '7', scope: 'group' };
const context: SendContext = { key: 'out_1', messageId: 'msg_1', replyTo: null, part: 0, last: true, answer: null };

let database: TestDatabase;
let api: FakeTelegramApi;
let lookUps: string[] = [];
/** What Telegram answers to sends to the group, once it is none any more. */
const gone = {
  kind: 'error',
  status: 400,
  description: 'Bad Request: group chat was upgraded to a supergroup chat',
  migrateToChatId: SUPERGROUP,
} as const;

beforeAll(async () => {
  database = await startTestDatabase();
  api = await startFakeTelegramApi({ faultOf: (chatId) => (chatId === String(GROUP) ? gone : undefined) });
});
beforeEach(async () => {
  api.sends.length = 0;
  lookUps = [];
  await database.models.movedThreads.deleteMany({});
});
afterAll(async () => {
  await api.close();
  await database.close();
});

/** As another instance would: it has nothing in common but the database. */
function instance(): Channel {
  const store = createMovedThreadStore(database.models);
  const threads: MovedThreads = {
    move: (moved) => store.move(moved),
    originOf: (thread) => {
      lookUps.push(thread.threadKey);
      return store.originOf(thread);
    },
  };
  const settings = { token: TOKEN, apiRoot: api.url, mode: 'webhook', webhookSecret: WEBHOOK_SECRET } as const;
  return createTelegramChannel(settings, createLogger({ level: 'silent' }), threads);
}

let updates = 0;
async function tell(channel: Channel, update: unknown) {
  const headers = { 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET };
  return channel.receive?.({ method: 'POST', url: '/', headers, body: Buffer.from(JSON.stringify(update)) });
}
const say = (channel: Channel, chatId: number, more: object = {}) => {
  updates += 1;
  const from = { id: 7, is_bot: false, first_name: 'Ana' };
  const chat = { id: chatId, type: chatId === GROUP ? 'group' : 'supergroup' };
  return tell(channel, { update_id: updates, message: { message_id: updates, date: 1_700_000_000, chat, from, text: 'Hola', ...more } });
};
const threadOf = (received: Awaited<ReturnType<typeof say>>) => received?.events[0]?.threadKey;

describe('a group that becomes a supergroup', () => {
  it.each([
    ['the group', MOVED_AWAY],
    ['the supergroup', MOVED_HERE],
  ])('keeps its conversation once %s has told of it, at every instance', async (_where, update) => {
    const [first, second] = [instance(), instance()];
    const before = (await say(first, GROUP))?.events[0];
    expect((await tell(first, update))?.events).toEqual([]);
    const after = (await say(second, SUPERGROUP))?.events[0];
    if (before === undefined || after === undefined) throw new Error('nothing was said');
    expect(conversationIdOf(after)).toBe(conversationIdOf(before));
    // Told again, nothing changes.
    await tell(second, update);
    expect(threadOf(await say(first, SUPERGROUP))).toBe(String(GROUP));
  });

  it('keeps topics apart, which it may have from then on', async () => {
    const channel = instance();
    await tell(channel, MOVED_HERE);
    const topic = { is_topic_message: true, message_thread_id: 12 };
    expect(threadOf(await say(channel, SUPERGROUP, topic))).toBe(`${GROUP}:12`);
    await channel.send({ ...TO, threadKey: `${GROUP}:12` }, { kind: 'text', markdown: 'Hola' }, context);
    expect(api.sends.map(({ chatId }) => chatId)).toEqual([String(SUPERGROUP)]);
  });

  it('is sent what is for it once, whether the instance was told, looks it up, or hears it from Telegram', async () => {
    const [told, looked, neither] = [instance(), instance(), instance()];
    await tell(told, MOVED_AWAY);
    await say(looked, SUPERGROUP);
    for (const channel of [told, looked, neither, neither])
      await channel.send(TO, { kind: 'text', markdown: 'Ya está en camino' }, context);
    expect(api.sends.map(({ chatId }) => chatId)).toEqual(Array(4).fill(String(SUPERGROUP)));
  });

  it('is asked of the database once in a while only, and private chats and groups never', async () => {
    const channel = instance();
    for (let times = 0; times < 3; times += 1) {
      expect(threadOf(await say(channel, SUPERGROUP))).toBe(String(SUPERGROUP));
      await say(channel, GROUP);
    }
    expect(lookUps).toEqual([String(SUPERGROUP)]);
  });

  it('takes nobody’s word for it but that of the chat itself', async () => {
    const channel = instance();
    const claims = { migrate_to_chat_id: SUPERGROUP, migrate_from_chat_id: GROUP };
    const from = { id: 7, is_bot: false, first_name: 'Ana' };
    const chat = { id: 7, type: 'private' };
    await tell(channel, { update_id: 1, message: { message_id: 1, date: 1_700_000_000, chat, from, ...claims } });
    expect(threadOf(await say(channel, SUPERGROUP))).toBe(String(SUPERGROUP));
  });
});
