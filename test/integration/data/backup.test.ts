// Backups: taken while the data is written to they hold one instant; what is damaged is recognised, and restores nothing; what is whole brings back a
// service as it was.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { BSON, EJSON } from 'bson';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MongoClient } from 'mongodb';
import { type CompiledEngine, compileEngine, killHard } from '../../engine/server/compiled-engine.js';
import { memoryFolder } from '../../fakes/memory-folder.js';
import { copySampleData } from '../../fakes/sample-data.js';
import { killServiceProcesses, startServiceProcess } from '../../fakes/service-process.js';
import { MANY, runData, seed } from './data-tool.js';

let compiled: CompiledEngine;
let folder: string;

beforeAll(async () => {
  compiled = compileEngine();
  folder = await mkdtemp(join(memoryFolder(), 'parley-backup-'));
});

afterEach(killServiceProcesses);

afterAll(async () => {
  compiled.remove();
  await rm(folder, { recursive: true, force: true });
});

/** The documents of a `.bson` file, cut at their lengths. */
function documentsOf(bytes: Buffer): BSON.Document[] {
  const documents: BSON.Document[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at))
    documents.push(BSON.deserialize(bytes.subarray(at, at + bytes.readInt32LE(at))));
  return documents;
}

describe('a backup of a folder in use', () => {
  test('is one instant, of all collections, and holds all that was acknowledged before it began', async () => {
    const path = join(folder, 'hot');
    const engine = await compiled.start(join(path, 'database'));
    const client = await MongoClient.connect(engine.uri);
    const [first, second] = [
      client.db('parley').collection<{ _id: number }>('a_first'),
      client.db('parley').collection<{ _id: number }>('b_second'),
    ];
    await second.createIndex({ twice: 1 });
    let acknowledged = 0;
    let isOver = false;
    const writing = (async () => {
      // each number goes into the first collection, then into the second: at any instant the first is ahead by one at most
      for (let n = 0; !isOver; n += 1) {
        await first.insertOne({ _id: n });
        await second.insertOne({ _id: n });
        acknowledged = n + 1;
      }
    })();
    const backups: { to: string; before: number; after: number }[] = [];
    for (const name of ['one', 'two', 'three']) {
      const to = join(folder, `hot-${name}`);
      const before = acknowledged;
      const { code, stderr } = await runData(['backup', '--from', path, '--to', to]);
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      backups.push({ to, before, after: acknowledged });
    }
    isOver = true;
    await writing;
    for (const collection of [first, second]) {
      const kept = (await collection.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
      expect(kept).toEqual(Array.from({ length: acknowledged }, (_, n) => n)); // a backup costs the service nothing
    }
    await client.close();
    await killHard(engine.process);
    for (const { to, before, after } of backups) {
      const [numbers, others] = await Promise.all(
        ['a_first', 'b_second'].map(async (name) =>
          documentsOf(await readFile(join(to, 'parley', `${name}.bson`))).map((document) => document._id as number),
        ),
      );
      const [a, b] = [numbers?.length, others?.length];
      for (const found of [numbers, others]) expect(found).toEqual(Array.from({ length: found?.length ?? 0 }, (_, n) => n));
      expect(after).toBeGreaterThan(before); // it was written to meanwhile
      expect(b).toBeGreaterThanOrEqual(before);
      expect([b, (b ?? 0) + 1]).toContain(a);
      expect(await runData(['verify', '--from', to])).toMatchObject({ code: 0 });
    }
    expect(readdirSync(folder).filter((name) => /snapshot|unfinished/.test(name))).toEqual([]);
  }, 240_000);

  test('may not be restored into: the service is to be stopped', async () => {
    const path = join(folder, 'running');
    const engine = await compiled.start(join(path, 'database'));
    const { code, stderr } = await runData(['restore', '--from', join(folder, 'hot-one'), '--to', path, '--drop']);
    await killHard(engine.process);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is in use by process \d+ .* stop the service first/),
    });
  }, 120_000);
});

describe('a backup', () => {
  let backup: string;
  let zipped: string;

  beforeAll(async () => {
    const path = join(folder, 'source');
    const engine = await compiled.start(join(path, 'database'));
    const client = await MongoClient.connect(engine.uri);
    await seed(client);
    await client.close();
    await killHard(engine.process);
    backup = join(folder, 'backup');
    zipped = join(folder, 'zipped');
    expect(await runData(['backup', '--to', backup], { DATA_DIR: path })).toMatchObject({ code: 0 });
    expect(await runData(['backup', '--from', path, '--to', zipped, '--gzip'])).toMatchObject({ code: 0 });
  }, 120_000);

  test('has the files of mongodump: BSON one after the other, metadata as canonical extended JSON', async () => {
    const rows = documentsOf(await readFile(join(backup, 'parley/many.bson')));
    expect(rows).toHaveLength(MANY);
    expect(documentsOf(gunzipSync(await readFile(join(zipped, 'parley/many.bson.gz'))))).toEqual(rows);
    const text = await readFile(join(backup, 'parley/many.metadata.json'), 'utf8');
    const { indexes, collectionName } = EJSON.parse(text) as { indexes: { name: string }[]; collectionName: string };
    expect(collectionName).toBe('many');
    expect(indexes).toContainEqual({ v: 2, key: { n: -1, email: 1 }, name: 'partial', partialFilterExpression: { n: { $gt: 5 } } });
    expect(text).toContain('"v":{"$numberInt":"2"}');
    expect(existsSync(join(backup, 'other/name%20with%20%2F%20and%20%25.bson'))).toBe(true);
  });

  test('restores what it was taken of', async () => {
    for (const from of [backup, zipped]) {
      const to = `${from}-restored`;
      const { code, stdout } = await runData(['restore', '--from', from, '--to', to]);
      expect({ code, stdout }).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/both sides are equal in counts, hashes and indexes/),
      });
      expect(await runData(['verify', '--from', join(folder, 'source'), '--to', to])).toMatchObject({ code: 0 });
    }
  }, 120_000);

  test('is never overwritten', async () => {
    const { code, stderr } = await runData(['backup', '--from', join(folder, 'source'), '--to', backup]);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/is there already: choose a new name/) });
  });

  const DAMAGES: readonly [string, RegExp, (path: string) => Promise<unknown>][] = [
    ['a flipped bit in documents', /parley\/many\.bson has been changed/, (path) => flip(join(path, 'parley/many.bson'), 54_321)],
    [
      'a flipped bit in metadata',
      /parley\/many\.metadata\.json has been changed/,
      (path) => flip(join(path, 'parley/many.metadata.json'), 40),
    ],
    ['a flipped bit in the manifest', /manifest\.json is damaged/, (path) => flip(join(path, 'manifest.json'), 60)],
    ['a file cut short', /parley\/many\.bson has 1000 bytes instead of \d+/, (path) => truncate(join(path, 'parley/many.bson'), 1000)],
    ['a missing collection', /parley\/odd\.bson is missing/, (path) => rm(join(path, 'parley/odd.bson'))],
    ['a collection too many', /parley\/more\.bson is not of this backup/, (path) => writeFile(join(path, 'parley/more.bson'), '')],
  ];
  test.each(DAMAGES)(
    '%s is recognised, and nothing restored',
    async (name, message, damage) => {
      const copy = join(folder, name.replaceAll(' ', '-'));
      await cp(backup, copy, { recursive: true });
      await damage(copy);
      expect(await runData(['verify', '--from', copy])).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
      const target = `${copy}-target`;
      expect(await runData(['restore', '--from', copy, '--to', target])).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
      expect(existsSync(target)).toBe(false);
    },
    120_000,
  );
});

async function flip(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

test('a service goes on with what was backed up while it ran', async () => {
  const [before, after] = [join(folder, 'service'), join(folder, 'service-restored')];
  await copySampleData(before);
  const service = await startServiceProcess({ DATA_DIR: before });
  const created = (await (await fetch(`${service.url}/api/sessions`, { method: 'POST' })).json()) as { session_id: string };
  const to = join(folder, 'service-backup');
  expect(await runData(['backup', '--to', to], { DATA_DIR: before })).toMatchObject({ code: 0 });
  await service.stop();
  expect(await runData(['restore', '--from', to], { DATA_DIR: after })).toMatchObject({ code: 0 });
  const restored = await startServiceProcess({ DATA_DIR: after });
  const session = (await (await fetch(`${restored.url}/api/sessions/${created.session_id}`)).json()) as {
    session_id: string;
    status: string;
  };
  await restored.stop();
  expect(session).toMatchObject({ session_id: created.session_id, status: 'active' });
}, 240_000);
