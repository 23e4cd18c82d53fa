/** Which linked conversation a reply goes to that its own channel takes no more, and that it goes there once, whatever dies in between. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createOtherChannel } from '../../../src/delivery/other-channel.js';
import type { Channel } from '../../../src/domain/channel.js';
import { contactIdOf, conversationIdOf, derivedId, randomId } from '../../../src/domain/ids.js';
import { createConversationStore } from '../../../src/storage/conversation-store.js';
import type { ConversationDocument } from '../../../src/storage/models/conversations.js';
import type { OutboxDocument } from '../../../src/storage/models/outbox.js';
import { nativeCollection } from '../../../src/storage/native-collection.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { createRecordingChannel } from '../../fakes/recording-channel.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase({ inMemory: true });
});
afterAll(() => database.close());

const WHATSAPP = { channel: 'whatsapp', account: '1' };
/** People may be written to first on Telegram, in private, and not on Slack. */
const CHANNELS: Readonly<Record<string, Channel>> = {
  telegram: { ...createRecordingChannel(), mayWriteFirst: (threadKey) => !threadKey.startsWith('-') },
  slack: createRecordingChannel(),
};

interface Conversation {
  readonly channel: string;
  readonly threadKey: string;
  readonly verified?: boolean;
  /** How long ago the person wrote there. */
  readonly agoMs?: number;
}

/** A person who wrote on WhatsApp and in these conversations, all linked; returns a kept reply, and what there is to take it elsewhere. */
async function person(others: readonly Conversation[], { linked = true } = {}) {
  const userId = randomId('u');
  const conversations = nativeCollection(database.models.conversations);
  const here = { ...WHATSAPP, userId };
  const contactId = contactIdOf(here);
  const document = (at: { channel: string; account: string; threadKey: string; userId: string }, agoMs: number): ConversationDocument => ({
    ...{
      _id: conversationIdOf(at),
      ...at,
      contactId,
      linked,
      status: 'bot',
      language: 'es',
      sessionId: null,
      threadId: null,
      ticketId: null,
    },
    ...{ failedAnswers: 0, messageCount: 1, createdAt: new Date(), lastMessageAt: new Date(Date.now() - agoMs), lastTurnId: null },
    lane: { owner: null, until: null, fence: 0, wanted: false, sendsFrom: null },
  });
  const own = document({ ...here, threadKey: userId }, 0);
  const there = others.map(({ channel, threadKey, agoMs = 1000 }) =>
    document({ channel, account: '1', threadKey, userId: threadKey }, agoMs),
  );
  await conversations.insertMany([own, ...there]);
  const identities = others.map(({ channel, threadKey, verified = true }) => ({ channel, account: '1', userId: threadKey, verified }));
  await nativeCollection(database.models.contacts).insertOne({
    ...{ _id: contactId, displayName: null, linkedTo: null, createdAt: new Date() },
    identities: [{ ...here, verified: true }, ...identities],
  });
  const woken: string[] = [];
  const outbox = nativeCollection(database.models.outbox);
  const store = createConversationStore(database.models, { owner: 'inst_1', soleInstance: true });
  const otherChannel = createOtherChannel({
    ...{ outbox, conversations, contacts: nativeCollection(database.models.contacts) },
    conversationOf: (id) => store.find(id),
    channelOf: ({ channel }) => CHANNELS[channel],
    fit: (content, { first }) => (first ? [{ kind: 'text', markdown: 'asked elsewhere' }, content] : [content]),
    wake: (conversationId) => void woken.push(conversationId),
  });
  return { entry: keptReply(own), otherChannel, outbox, woken, idOf: (index: number) => there[index]?._id };
}

const keptReply = ({ _id: conversationId, userId }: ConversationDocument): OutboxDocument => ({
  ...{ _id: `${conversationId}:0`, turnId: 'turn_1', messageId: 'msg_1', ...WHATSAPP, conversationId, order: 5, part: 0, last: true },
  to: { conversationId, threadKey: userId, userId, scope: 'direct' },
  content: { kind: 'text', markdown: '14 días.' },
  ...{
    replyTo: null,
    answer: null,
    state: 'sending',
    open: true,
    attempts: 1,
    nextAttemptAt: new Date(),
    fence: 7,
    uncertain: 0,
    inDoubt: 0,
  },
  ...{ platformMessageId: null, failure: null, createdAt: new Date(0), retriedAt: null, sentAt: null, expiresAt: null },
  repliesUntil: new Date(0),
});

it('goes to the one that was used last of those that may be written to, in order, as new sends of that conversation', async () => {
  const { entry, otherChannel, outbox, woken, idOf } = await person([
    { channel: 'telegram', threadKey: '1', agoMs: 9000 },
    { channel: 'telegram', threadKey: '2', agoMs: 5000 },
    { channel: 'telegram', threadKey: '-3', agoMs: 1000 },
    { channel: 'slack', threadKey: 'U1', agoMs: 10 },
  ]);
  const ids = await otherChannel.take(entry);
  const entries = await outbox
    .find({ conversationId: idOf(1) ?? '' })
    .sort({ order: 1, part: 1 })
    .toArray();
  expect(entries.map(({ _id }) => _id)).toEqual(ids);
  expect(entries.map(({ content }) => ('markdown' in content ? content.markdown : ''))).toEqual(['asked elsewhere', '14 días.']);
  expect(entries.map(({ last }) => last)).toEqual([false, true]);
  for (const sent of entries) {
    expect(sent).toMatchObject({ channel: 'telegram', to: { threadKey: '2', scope: 'direct' }, state: 'pending', open: true, attempts: 0 });
    expect(sent).not.toHaveProperty('repliesUntil');
    expect(Date.now() - sent.createdAt.getTime()).toBeLessThan(60_000); // not stale, however old the reply is
  }
  expect(woken).toEqual([idOf(1)]);
});

it('goes there once: taken again, as after a crash, or from elsewhere, it makes no second send', async () => {
  const { entry, otherChannel, outbox, idOf } = await person([{ channel: 'telegram', threadKey: '11' }]);
  const ids = await otherChannel.take(entry);
  await outbox.updateMany({ conversationId: idOf(0) ?? '' }, { $set: { state: 'sent', open: false } });
  expect(await otherChannel.take({ ...entry, fence: 8, attempts: 2 })).toEqual(ids);
  expect(await outbox.countDocuments({ conversationId: idOf(0) ?? '' })).toBe(2);
  expect(await outbox.countDocuments({ conversationId: idOf(0) ?? '', open: true })).toBe(0);
  expect(ids).toEqual([0, 1].map((index) => derivedId('out', entry._id, 'elsewhere', index)));
});

it('goes nowhere without a link that is in force, to an identity that nobody vouches for, from a group, or as a template', async () => {
  const unlinked = await person([{ channel: 'telegram', threadKey: '21' }], { linked: false });
  expect(await unlinked.otherChannel.take(unlinked.entry)).toBeNull();
  const claimed = await person([{ channel: 'telegram', threadKey: '22', verified: false }]);
  expect(await claimed.otherChannel.take(claimed.entry)).toBeNull();
  const { entry, otherChannel, woken } = await person([{ channel: 'telegram', threadKey: '23' }]);
  expect(await otherChannel.take({ ...entry, to: { ...entry.to, scope: 'group' } })).toBeNull();
  const template = { kind: 'template', name: 'reply_waiting', language: 'es', parameters: [], markdown: 'Hay una respuesta.' } as const;
  expect(await otherChannel.take({ ...entry, content: template })).toBeNull();
  expect(woken).toEqual([]);
});
