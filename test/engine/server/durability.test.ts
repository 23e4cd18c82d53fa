// What is acknowledged survives: the process is killed under 16 writers ten times, and every acknowledged write is there afterwards, with
// indexes that agree with the documents. Also: one process per data folder, and no older version on a newer folder.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, MongoClient } from 'mongodb';
import { type CompiledEngine, compileEngine, killHard } from './compiled-engine.js';

const ROUNDS = 10;
const WRITERS = 16;

interface Row {
  _id: string;
  n: number;
  group: number;
}

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

/** Inserts, then updates each row, until the connection breaks; notes what was acknowledged. */
async function write(rows: Collection<Row>, writer: string, acknowledged: Map<string, number>): Promise<void> {
  for (let count = 0; ; count += 1) {
    const _id = `${writer}-${count}`;
    try {
      await rows.insertOne({ _id, n: 0, group: count % 7 });
      acknowledged.set(_id, 0);
      await rows.findOneAndUpdate({ _id }, { $inc: { n: 1 } });
      acknowledged.set(_id, 1);
    } catch {
      return; // the process was killed
    }
  }
}

async function loadAndKill(path: string, round: number, acknowledged: Map<string, number>): Promise<void> {
  const engine = await compiled.start(path);
  const client = await MongoClient.connect(engine.uri, { maxPoolSize: WRITERS, serverSelectionTimeoutMS: 500, retryReads: false });
  const rows = client.db('test').collection<Row>('rows');
  await rows.createIndex({ group: 1, _id: 1 });
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(rows, `${round}-${writer}`, acknowledged));
  await new Promise((resolve) => setTimeout(resolve, 200 + 40 * round));
  await killHard(engine.process);
  await client.close(true);
  await Promise.all(writers);
}

/** Acknowledged writes that are not there, and rows that index and documents do not agree on. */
async function missing(path: string, acknowledged: ReadonlyMap<string, number>): Promise<{ lost: number; disagreeing: number }> {
  const engine = await compiled.start(path);
  const client = await MongoClient.connect(engine.uri);
  const rows = client.db('test').collection<Row>('rows');
  const found = new Map((await rows.find({}, { hint: { $natural: 1 } }).toArray()).map((row) => [row._id, row.n]));
  let lost = 0;
  for (const [id, n] of acknowledged) lost += (found.get(id) ?? -1) >= n ? 0 : 1;
  const byIndex = await rows.find({ group: { $gte: 0 } }, { hint: 'group_1__id_1' }).toArray();
  const byId = await rows.countDocuments({ _id: { $gte: '' } });
  await client.close();
  await killHard(engine.process);
  return { lost, disagreeing: Math.abs(found.size - byIndex.length) + Math.abs(found.size - byId) };
}

describe('durability', () => {
  test('kill -9 under 16 writers, ten times: no acknowledged write is lost', async () => {
    const acknowledged = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) await loadAndKill(join(folder, 'killed'), round, acknowledged);
    const { lost, disagreeing } = await missing(join(folder, 'killed'), acknowledged);
    console.log(
      `kill -9 x ${ROUNDS}: ${acknowledged.size} rows acknowledged, ${lost} acknowledged writes lost, ${disagreeing} index entries disagreeing`,
    );
    expect(acknowledged.size).toBeGreaterThan(ROUNDS * WRITERS);
    expect({ lost, disagreeing }).toEqual({ lost: 0, disagreeing: 0 });
  }, 60_000);

  test('a second process on the same folder is told so; after a kill the folder is free', async () => {
    const path = join(folder, 'shared');
    const first = await compiled.start(path);
    await expect(compiled.start(path)).rejects.toThrow(/is in use by process \d+; stop it, or choose another folder/);
    await killHard(first.process);
    const second = await compiled.start(path);
    await killHard(second.process);
  });

  test('a folder of a newer version is refused', async () => {
    const path = join(folder, 'newer');
    await killHard((await compiled.start(path)).process);
    await writeFile(join(path, 'engine.json'), '{"format": 99}');
    await expect(compiled.start(path)).rejects.toThrow(/written by a newer version/);
  });
});
