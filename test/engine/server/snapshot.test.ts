// Copies of a folder in use: each is one instant, the engine that is written to meanwhile loses nothing by them, and what nobody fetched goes at the next start.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Collection, MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../../embedded-mongodb/index.js';
import { copySnapshot } from '../../../embedded-mongodb/store/snapshot.js';
import { memoryFolder } from '../../fakes/memory-folder.js';
import { type CompiledEngine, compileEngine, killHard } from './compiled-engine.js';

const COPIES = 5;
interface Row {
  readonly _id: number;
}

let compiled: CompiledEngine;
let folder: string;

beforeAll(async () => {
  compiled = compileEngine();
  folder = await mkdtemp(join(memoryFolder(), 'parley-snapshot-'));
});

afterAll(async () => {
  compiled.remove();
  await rm(folder, { recursive: true, force: true });
});

const rowsOf = (client: MongoClient) => ['first', 'second'].map((name) => client.db('test').collection<Row>(name));
const numbersOf = async (rows: Collection<Row> | undefined) =>
  ((await rows?.find().sort({ _id: 1 }).toArray()) ?? []).map(({ _id }) => _id);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const leftOvers = async (path: string) => (await readdir(path)).filter((name) => name.startsWith('snapshot-'));

async function read(path: string): Promise<number[][]> {
  const engine = await startEmbeddedMongo({ path, inThread: true });
  const client = await MongoClient.connect(engine.uri);
  const found = await Promise.all(rowsOf(client).map(numbersOf));
  await client.close();
  await engine.stop();
  return found;
}

test('are one instant each, and cost the engine none of what it acknowledged', async () => {
  const path = join(folder, 'written');
  const engine = await compiled.start(path);
  const client = await MongoClient.connect(engine.uri);
  const collections = rowsOf(client);
  let acknowledged = 0;
  let isOver = false;
  const writing = (async () => {
    // each number goes into the first collection, then into the second: at any instant the first is ahead by one at most
    for (let n = 0; !isOver; n += 1) {
      for (const collection of collections) await collection.insertOne({ _id: n });
      acknowledged = n + 1;
    }
  })();
  for (let copies = 0; copies < COPIES; copies += 1) {
    const before = acknowledged;
    const copy = await copySnapshot(path);
    const [first = [], second = []] = await read(copy);
    await rm(copy, { recursive: true });
    expect(first).toEqual(upTo(first.length));
    expect(second).toEqual(upTo(second.length));
    expect(second.length).toBeGreaterThanOrEqual(before);
    expect([second.length, second.length + 1]).toContain(first.length);
  }
  isOver = true;
  await writing;
  expect(await Promise.all(collections.map(numbersOf))).toEqual([upTo(acknowledged), upTo(acknowledged)]);
  await client.close();
  await killHard(engine.process);
  expect(await leftOvers(path)).toEqual([]);
}, 60_000);

test('are refused where nobody has the folder open', async () => {
  const path = join(folder, 'closed');
  await mkdir(path);
  await expect(copySnapshot(path)).rejects.toThrow('the process that had it open has ended: try again');
  expect(await leftOvers(path)).toEqual([]);
});

test('that nobody fetched are removed at the next start, like those that were never finished', async () => {
  const path = join(folder, 'left');
  const engine = await compiled.start(path);
  await copySnapshot(path);
  await killHard(engine.process);
  await mkdir(join(path, 'snapshot-1.part'));
  await writeFile(join(path, 'snapshot-2.failed'), 'No space left');
  expect(await leftOvers(path)).toHaveLength(3);
  expect(await read(path)).toEqual([[], []]);
  expect(await leftOvers(path)).toEqual([]);
}, 30_000);
