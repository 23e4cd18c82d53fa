// collMod changes the expiry of a TTL index as MongoDB documents it, tells malformed changes by MongoDB's codes and refuses the others. The real server at
// hand has no collMod, so that the answers are written down here rather than recorded.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Decimal128, Double, Long } from 'mongodb';
import { startEngine, type TestEngine } from './start-engine.js';

let engine: TestEngine;

beforeAll(async () => {
  engine = await startEngine();
});

afterAll(() => engine.stop());

beforeEach(async () => {
  await engine.db.dropDatabase();
  await engine.db
    .collection('c')
    .createIndexes([{ key: { at: 1 }, expireAfterSeconds: 100 }, { key: { n: -1 } }, { key: { n: 1, at: 1 }, name: 'both' }]);
});

const collMod = (rest: object, collection = 'c') => engine.db.command({ collMod: collection, ...rest }, { promoteLongs: false });

/** What is asked to expire, and when: whole seconds. */
test.each<[unknown, number]>([
  [50, 50],
  [0, 0],
  [100, 100],
  [Long.fromNumber(50), 50],
  [new Double(50.7), 50],
  [new Double(-0.9), 0],
  [new Double(NaN), 0],
  [new Decimal128('50.4'), 50],
  [new Decimal128('50.5'), 50],
  [new Decimal128('51.5'), 52],
  [new Decimal128('NaN'), 0],
  [2_147_483_647, 2_147_483_647],
  [Long.fromNumber(2_147_483_648), 2_147_483_647],
  [Infinity, 2_147_483_647],
  [new Decimal128('1E30'), 2_147_483_647],
])('the expiry of %p is %p s', async (expireAfterSeconds, seconds) => {
  expect(await collMod({ index: { name: 'at_1', expireAfterSeconds } })).toEqual({
    expireAfterSeconds_old: Long.fromNumber(100),
    expireAfterSeconds_new: Long.fromNumber(seconds),
    ok: 1,
  });
  const found = (await engine.db.collection('c').indexes()).find(({ name }) => name === 'at_1');
  expect(Object.entries(found ?? {}).at(-1)).toEqual(['expireAfterSeconds', seconds]);
});

test('an index is named by its key too, and one that did not expire begins to', async () => {
  const answer = await collMod({ index: { keyPattern: { n: new Double(-1) }, expireAfterSeconds: 60 } });
  expect(answer).toEqual({ expireAfterSeconds_new: Long.fromNumber(60), ok: 1 });
});

test('nothing to change is no error', async () => {
  for (const nothing of [{}, { index: null }]) expect(await collMod(nothing)).toEqual({ ok: 1 });
});

const INVALID_OPTIONS = 72;
const TYPE_MISMATCH = 14;

test.each<[object, number]>([
  [{}, INVALID_OPTIONS],
  [{ name: 'at_1' }, INVALID_OPTIONS],
  [{ name: 'at_1', expireAfterSeconds: null }, INVALID_OPTIONS],
  [{ expireAfterSeconds: 60 }, INVALID_OPTIONS],
  [{ name: null, expireAfterSeconds: 60 }, INVALID_OPTIONS],
  [{ name: 'at_1', keyPattern: { at: 1 }, expireAfterSeconds: 60 }, INVALID_OPTIONS],
  [{ name: 'at_1', expireAfterSeconds: -1 }, INVALID_OPTIONS],
  [{ name: 'at_1', expireAfterSeconds: -Infinity }, INVALID_OPTIONS],
  [{ name: '_id_', expireAfterSeconds: 60 }, INVALID_OPTIONS],
  [{ name: 'both', expireAfterSeconds: 60 }, INVALID_OPTIONS],
  [{ name: 'none', expireAfterSeconds: 60 }, 27],
  [{ name: '', expireAfterSeconds: 60 }, 27],
  [{ keyPattern: {}, expireAfterSeconds: 60 }, 27],
  [{ keyPattern: { at: -1 }, expireAfterSeconds: 60 }, 27],
  [{ name: 1, expireAfterSeconds: 60 }, TYPE_MISMATCH],
  [{ keyPattern: 'at_1', expireAfterSeconds: 60 }, TYPE_MISMATCH],
  [{ name: 'at_1', expireAfterSeconds: '60' }, TYPE_MISMATCH],
  [{ name: 'at_1', expireAfterSeconds: true }, TYPE_MISMATCH],
  [{ name: 'at_1', expireAfterSeconds: 60, odd: 1 }, 40415],
])('a malformed change %j is told by the code %d', async (index, code) => {
  const before = await engine.db.collection('c').indexes();
  const error: unknown = await collMod({ index }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  expect(error).not.toMatchObject({ message: expect.stringContaining('MONGODB_URI') });
  expect(await engine.db.collection('c').indexes()).toEqual(before);
});

test('so are an index that is none, an unknown field and a missing collection', async () => {
  await expect(collMod({ index: 'at_1' })).rejects.toMatchObject({ code: TYPE_MISMATCH });
  await expect(collMod({ odd: 1 })).rejects.toMatchObject({ code: 40415 });
  await expect(collMod({}, 'none')).rejects.toMatchObject({ code: 26 });
});

test.each([
  { index: { name: 'at_1', hidden: true } },
  { index: { name: 'at_1', hidden: false } },
  { index: { name: 'n_-1', prepareUnique: true } },
  { index: { name: 'n_-1', unique: true } },
  { validator: { n: 1 } },
  { validationLevel: 'moderate' },
  { validationAction: 'warn' },
  { changeStreamPreAndPostImages: { enabled: true } },
  { expireAfterSeconds: 60 },
  { cappedSize: 4096 },
  { dryRun: true, index: { name: 'n_-1', unique: true } },
])('%j is refused, and the way out named', async (change) => {
  await expect(collMod(change)).rejects.toThrow(/MONGODB_URI/);
});
