/** What operators are shown of inbox and outbox is the oldest of it, in whatever order it was stored or is due. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Document } from 'mongodb';
import { createDeliveries, type Deliveries, type DeliveryState } from '../../../src/delivery/deliveries.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

const AT = Date.UTC(2026, 0, 1);
/** Minutes after `AT`, in the order in which they are stored: the oldest is in the middle. */
const AGES = [3, 1, 0, 4, 2];

let database: TestDatabase;
let operator: Deliveries;
beforeAll(async () => {
  database = await startTestDatabase();
  operator = createDeliveries(database.models, { retentionMs: 1_000 });
  const store = (collection: string, documents: Document[]) =>
    database.db.collection<Document & { _id: string }>(collection).insertMany(documents as (Document & { _id: string })[]);
  const at = (age: number) => new Date(AT + age * 60_000);
  const event = { kind: 'typing', channel: 'telegram', account: '1' };
  await store(
    'inbox',
    ['pending', 'dead'].flatMap((state) =>
      AGES.map((age) => ({
        _id: `${state}${age}`,
        conversationId: 'c',
        state,
        order: at(age).getTime() * 1000,
        event,
        receivedAt: at(age),
      })),
    ),
  );
  await store(
    'outbox',
    ['pending', 'dead', 'held', 'waiting'].flatMap((state) =>
      AGES.map((age) => ({
        _id: `reply-${state}${age}`,
        conversationId: 'c',
        channel: 'telegram',
        account: '1',
        state,
        open: state === 'pending',
        content: { kind: 'text', markdown: 'Hola' },
        createdAt: at(age),
        // The older a reply, the more often it failed, and the later it is tried again.
        nextAttemptAt: at(100 - age),
        failure: null,
      })),
    ),
  );
});
afterAll(() => database.close());

it.each<readonly ['inbox' | 'outbox', DeliveryState]>([
  ['inbox', 'pending'],
  ['inbox', 'dead'],
  ['outbox', 'pending'],
  ['outbox', 'dead'],
  ['outbox', 'held'],
  ['outbox', 'waiting'],
])('%s, %s: the oldest two', async (box, state) => {
  const listed = await operator.list({ box, states: [state], limit: 2 });
  expect(listed.map((entry) => entry.at.getTime())).toEqual([AT, AT + 60_000]);
});
