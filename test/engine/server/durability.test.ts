// What is acknowledged survives: the process is killed under writers, index builds, drops and updates of everything, and the disk runs full. The
// long form of the first is `npm run kill:engine`.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
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

describe('a full disk', () => {
  test('is a clear error; reads go on, and when space is freed writes go on; nothing acknowledged is lost', async () => {
    const disk = join(folder, 'disk');
    const unmount = await mountSmallDisk(disk);
    if (!unmount) {
      console.warn('skipped: this system does not let the test mount a small disk (it needs to be root on Linux)');
      return;
    }
    try {
      await writeFile(join(disk, 'ballast'), Buffer.alloc(DISK_BYTES / 4));
      const data = join(disk, 'data');
      const engine = await compiled.start(data);
      const client = await MongoClient.connect(engine.uri);
      const rows = client.db('test').collection<Row>('rows');
      await rows.createIndex({ n: 1 });
      let next = 0;
      const insert = async (): Promise<void> => {
        await rows.insertOne({ _id: next, n: next % 100, text: 'x'.repeat(2_000) });
        next += 1;
      };
      const fillUp = async (): Promise<unknown> => {
        try {
          for (;;) await insert();
        } catch (error) {
          return error;
        }
      };
      const cursor = rows.find({ n: 0 }, { batchSize: 2 });
      const full = await fillUp();
      expect(full).toMatchObject({ code: 14031, message: expect.stringMatching(/disk of the data folder is full/) as unknown });
      await expect(rows.createIndex({ text: 1 })).rejects.toMatchObject({ code: 14031 });
      await expect(rows.updateMany({}, { $set: { text: 'y'.repeat(3_000) } })).rejects.toMatchObject({ code: 14031 });
      expect(await rows.countDocuments()).toBe(next);
      expect(await rows.find({ n: 5 }).toArray()).toHaveLength(Math.ceil((next - 5) / 100));
      expect((await cursor.toArray()).length).toBeGreaterThan(0);

      await rm(join(disk, 'ballast'));
      for (let count = 0; count < 50; count += 1) await insert();
      await rows.createIndex({ text: 1 });
      await client.close();
      await killHard(engine.process);
      const { collections, errors } = await verifyFolder(data);
      expect(errors).toEqual([]);
      expect(collections.get('test.rows')?.documents).toBe(next);
    } finally {
      unmount();
    }
  }, 60_000);
});
