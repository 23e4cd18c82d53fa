/** Sends that come to a stop between their durable steps while their process lives on: what it knows of the call it needs no doubt about. */
import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { MongoNetworkError } from 'mongodb';
import { conversationIdOf } from '../../../src/domain/ids.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { textEvent } from '../../fakes/simple-turns.js';
import { gatedModels } from './gated-models.js';
import { startTestDelivery, type TestDelivery, until } from './setup.js';

/** Longer than a busy machine stands still: nothing here is to lose it but by the clock that goes on. */
const LEASE = { soleInstance: false, leaseMs: 10_000, heartbeatMs: 100, sweepMs: 100 };
const LONGER_THAN_ANY_LEASE_MS = 120_000;

let database: TestDatabase;
let delivery: TestDelivery | undefined;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await delivery?.stop(2_000);
});
afterAll(() => database.close());

const entryOf = (threadKey: string) =>
  database.models.outbox.findOne({ conversationId: conversationIdOf({ channel: 'test', account: 'default', threadKey }) }).lean();

it('are not in doubt where the lease was over before the call', async () => {
  let stops = 0;
  let suspendedMs = 0;
  const onStep = (step: string) => {
    if (step !== 'outbox:sending' || (stops += 1) > 4) return;
    suspendedMs += LONGER_THAN_ANY_LEASE_MS;
  };
  // A machine that was suspended: its clock has gone on, and nothing else has.
  const wallClock = Date.now;
  jest.spyOn(Date, 'now').mockImplementation(() => wallClock() + suspendedMs);
  delivery = startTestDelivery(database, { options: LEASE, onStep });
  await delivery.emit(textEvent('suspended', 'suspended-1', 'x'));
  // Once more than a send may be in doubt before it is held.
  await until('the reply', () => delivery?.channel.accepted.length === 1);
  await until('the mark', async () => (await entryOf('suspended'))?.state === 'sent');
  expect(delivery.channel.calls).toHaveLength(1);
  expect(await entryOf('suspended')).toMatchObject({ attempts: 5, uncertain: 0 });
});

/** The first command of this kind is carried out, and its answer lost. */
function failingModels(failing: string) {
  let failed = false;
  const pass = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    const result = await work();
    if (failed || what !== failing) return result;
    failed = true;
    throw new MongoNetworkError('the database went away');
  };
  return gatedModels(database.models, { instance: 'only', power: 'running', pass }, () => new Date());
}

it.each([
  ['insert outbox', 'mark, which is stored with the reply', 2],
  ['update outbox', 'receipt behind the call', 1],
])('are not in doubt where the database failed at the %s: the %s', async (failing, what, attempts) => {
  delivery = startTestDelivery({ ...database, models: { ...database.models, ...failingModels(failing) } }, { options: LEASE });
  await delivery.emit(textEvent(what, `${what}-1`, 'x'));
  await until('the mark', async () => (await entryOf(what))?.state === 'sent');
  expect(delivery.channel.accepted).toHaveLength(1);
  expect(await entryOf(what)).toMatchObject({ uncertain: 0, open: false });
  expect((await entryOf(what))?.attempts).toBeLessThanOrEqual(attempts);
});
