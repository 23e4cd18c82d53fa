// What is acknowledged survives: the process is killed under writers, index builds, drops and updates of everything, and the disk runs full. The
// long form of the first is `npm run kill:engine`.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, MongoClient } from 'mongodb';
import { killRounds } from '../durability/rounds.js';
import { type CompiledEngine, compileEngine, killHard } from './compiled-engine.js';
import { verifyFolder } from './verify-folder.js';

const KILLS = 5;
const SEED = 20_261_121;

let compiled: CompiledEngine;
let folder: string;

beforeAll(async () => {
  compiled = compileEngine();
  folder = await mkdtemp(join(tmpdir(), 'parley-durability-'));
});

afterAll(async () => {
  compiled.remove();
  await rm(folder, { recursive: true, force: true });
});

test(`kill -9 under load ${KILLS} times: nothing acknowledged is lost, all indexes agree`, async () => {
  const { lost, disagreeing, unexpected, acknowledged } = await killRounds({
    start: (path) => compiled.start(path),
    kill: killHard,
    path: join(folder, 'killed'),
    kills: KILLS,
    seed: SEED,
  });
  expect({ lost, disagreeing, unexpected }).toEqual({ lost: [], disagreeing: [], unexpected: [] });
  expect(acknowledged).toBeGreaterThan(KILLS * 10);
}, 120_000);

const DISK_BYTES = 8 * 2 ** 20;
/** Freed when the disk is full. */
const BALLAST_BYTES = DISK_BYTES / 4;

/** A small disk of its own, where this system lets us have one. */
async function mountSmallDisk(path: string): Promise<(() => void) | undefined> {
  await mkdir(path, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', path]).status === 0;
  return mounted ? () => void spawnSync('umount', [path]) : undefined;
}

interface Row {
  _id: number;
  n: number;
  text: string;
}

/** Lets `work` have a collection of an engine in a process of its own, which is killed in the end. */
async function withRows<T>(path: string, work: (rows: Collection<Row>) => Promise<T>): Promise<T> {
  const engine = await compiled.start(path);
  const client = await MongoClient.connect(engine.uri);
  try {
    return await work(client.db('test').collection<Row>('rows'));
  } finally {
    await client.close();
    await killHard(engine.process);
  }
}

/** Writes until the disk is full, looks at what still goes, frees space and goes on; the number of documents that were acknowledged. */
async function fillFreeAndGoOn(rows: Collection<Row>, freeSpace: () => Promise<void>): Promise<number> {
  const full = { code: 14031, message: expect.stringMatching(/disk of the data folder is full/) as unknown };
  let next = 0;
  const insert = async (): Promise<void> => {
    await rows.insertOne({ _id: next, n: next % 100, text: 'x'.repeat(2_000) });
    next += 1;
  };
  const insertForever = async (): Promise<never> => {
    for (;;) await insert();
  };
  await rows.createIndex({ n: 1 });
  await expect(insertForever()).rejects.toMatchObject(full);
  const cursor = rows.find({}, { batchSize: 2 });
  expect(await cursor.next()).toMatchObject({ _id: 0 });
  await expect(rows.createIndex({ text: 1 })).rejects.toMatchObject(full);
  await expect(rows.updateMany({}, { $set: { text: 'y'.repeat(3_000) } })).rejects.toMatchObject(full);
  expect(await rows.countDocuments()).toBe(next);
  expect(await rows.find({ n: 5 }).toArray()).toHaveLength(Math.ceil((next - 5) / 100));
  expect(await cursor.toArray()).toHaveLength(next - 1);

  await freeSpace();
  for (let count = 0; count < 50; count += 1) await insert();
  await rows.createIndex({ n: -1, _id: 1 });
  return next;
}

describe('a full disk', () => {
  test('is a clear error; reads go on, and when space is freed writes go on; nothing acknowledged is lost', async () => {
    const disk = join(folder, 'disk');
    const unmount = await mountSmallDisk(disk);
    if (!unmount) {
      console.warn('skipped: this system does not let the test mount a small disk (it needs to be root on Linux)');
      return;
    }
    const data = join(disk, 'data');
    try {
      await writeFile(join(disk, 'ballast'), Buffer.alloc(BALLAST_BYTES));
      const acknowledged = await withRows(data, (rows) => fillFreeAndGoOn(rows, () => rm(join(disk, 'ballast'))));
      const { collections, errors } = await verifyFolder(data);
      expect(errors).toEqual([]);
      expect(collections.get('test.rows')?.documents).toBe(acknowledged);
    } finally {
      unmount();
    }
  }, 60_000);
});
