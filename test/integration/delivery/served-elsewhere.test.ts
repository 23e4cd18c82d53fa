/** A platform that takes one client at a time: the instance that has the line works on its conversations, whichever instance stored what is to be done. */
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { createRecordingChannel, type RecordingChannel } from '../../fakes/recording-channel.js';
import { textEvent } from '../../fakes/simple-turns.js';
import { startTestDelivery, type TestDelivery, until } from './setup.js';

let database: TestDatabase;
const running: TestDelivery[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((delivery) => delivery.stop(2_000)));
});
afterAll(() => database.close());

/** An instance that has the line where `line.holder` is its name. */
function instance(name: string, line: { holder: string }): TestDelivery {
  const channel: RecordingChannel = Object.assign(createRecordingChannel(), { servedHere: () => line.holder === name });
  const delivery = startTestDelivery(database, { channel, options: { soleInstance: false, sweepMs: 50 } });
  running.push(delivery);
  return delivery;
}
const textsOf = ({ channel }: TestDelivery) => channel.accepted.map(({ text }) => text);

it('is served by the instance that has the line, also what another one took in, and by the next one after it', async () => {
  const line = { holder: 'a' };
  const [a, b] = [instance('a', line), instance('b', line)];
  await b.emit(textEvent('chat-1', 'one', 'uno'));
  await until('a answers', () => textsOf(a).length === 1);
  expect(b.channel.calls).toEqual([]);
  // While it still has the lane it would take what comes with it.
  await until('the lane is free', async () => (await database.models.conversations.countDocuments({ 'lane.owner': { $ne: null } })) === 0);
  line.holder = 'b';
  await a.emit(textEvent('chat-1', 'two', 'dos'));
  await until('b answers', () => textsOf(b).length === 1);
  expect([textsOf(a), textsOf(b)]).toEqual([['re: uno'], ['re: dos']]);
});

it('waits while nobody has the line', async () => {
  const line = { holder: 'nobody' };
  const [a, b] = [instance('a', line), instance('b', line)];
  await b.emit(textEvent('chat-2', 'three', 'tres'));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([...textsOf(a), ...textsOf(b)]).toEqual([]);
  line.holder = 'a';
  await until('a answers', () => textsOf(a).length === 1);
  expect(b.channel.calls).toEqual([]);
});
