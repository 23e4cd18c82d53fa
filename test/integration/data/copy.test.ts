// Moving data between databases: embedded -> the other side -> embedded gives the same bytes, also when the process is killed on the way. The other side
// is a real MongoDB where MONGOMS_SYSTEM_BINARY names one, else a second folder of the embedded engine.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { MongoMemoryServer } from 'mongodb-memory-server-core';
import { startEmbeddedMongo } from '../../../embedded-mongodb/index.js';
import { startServer } from '../../fakes/database.js';
import { memoryFolder } from '../../fakes/memory-folder.js';
import { dump, launchData, MANY, runData, seed } from './data-tool.js';

const HAS_SERVER = process.env.MONGOMS_SYSTEM_BINARY !== undefined;
/** Documents of which enough are left to copy when the first of them are seen to have arrived. */
const LARGE = 24_000;
const EQUAL = /both sides are equal in counts, hashes and indexes/;

let folder: string;
let source: string;
let server: MongoMemoryServer | undefined;
/** The other side. */
let other: string;

/** A folder that nobody has open, with a connection for as long as `work` takes. */
async function inFolder<T>(path: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const engine = await startEmbeddedMongo({ path: join(path, 'database') });
  const client = await MongoClient.connect(engine.uri);
  try {
    return await work(client);
  } finally {
    await client.close();
    await engine.stop();
  }
}

const contents = (client: MongoClient) => Promise.all(['parley', 'other'].map((name) => dump(client, name)));

beforeAll(async () => {
  folder = await mkdtemp(join(memoryFolder(), 'parley-data-'));
  source = join(folder, 'source');
  await inFolder(source, seed);
  server = HAS_SERVER ? await startServer() : undefined;
  other = server?.getUri() ?? join(folder, 'other');
}, 120_000);

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('copy', () => {
  test('there and back: every byte of every document, and all indexes', async () => {
    const there = await runData(['copy', '--from', source, '--to', other]);
    expect(there).toMatchObject({ code: 0, stdout: expect.stringMatching(EQUAL) });
    const back = join(folder, 'back');
    const again = await runData(['copy', '--from', other, '--to', back, '--db', 'parley', 'other']);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(EQUAL) });
    const [before, after] = [await inFolder(source, contents), await inFolder(back, contents)];
    expect(after).toEqual(before);
    expect(before[0]?.odd?.documents).toHaveLength(21);
  }, 120_000);

  test('a target that holds data is left alone, unless --drop', async () => {
    const target = join(folder, 'full');
    await inFolder(target, (client) => client.db('parley').collection('mine').insertOne({ precious: true }));
    const refused = await runData(['copy', '--from', source, '--to', target]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/database parley of .* is not empty .* add --drop/) });
    expect(await inFolder(target, (client) => client.db('parley').collection('mine').countDocuments())).toBe(1);
    expect(await runData(['copy', '--from', source, '--to', target, '--drop'])).toMatchObject({ code: 0 });
    expect(Object.keys(await inFolder(target, (client) => dump(client, 'parley'))).sort()).toEqual(['empty', 'many', 'odd']);
  }, 120_000);

  test('killed in the middle it goes on where it was, through ids of all types', async () => {
    const large = join(folder, 'large');
    await inFolder(large, (client) => seed(client, LARGE));
    const target = join(folder, 'killed');
    const file = join(target, 'database', 'data.mdb');
    const first = launchData(['copy', '--from', large, '--to', target]);
    // The engine makes the file 8 MB long at first, and longer once 7 of them are used: by then several batches have arrived.
    while (!existsSync(file) || statSync(file).size < 9_000_000) await new Promise((resolve) => setTimeout(resolve, 1));
    first.child.kill('SIGKILL');
    await first.finished;
    const arrived = await inFolder(target, (client) => client.db('parley').collection('many').countDocuments());
    expect(arrived).toBeGreaterThan(0);
    expect(arrived).toBeLessThan(LARGE);
    const elsewhere = await runData(['copy', '--from', other, '--to', target, '--db', 'parley', 'other']);
    expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringMatching(/is an unfinished copy of .*large/) });
    expect(await runData(['backup', '--from', target, '--to', join(folder, 'half')])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/unfinished copy/),
    });
    const second = await runData(['copy', '--from', large, '--to', target]);
    expect(second).toMatchObject({ code: 0, stdout: expect.stringMatching(/begun by an earlier run.*both sides are equal/) });
    expect(await inFolder(target, contents)).toEqual(await inFolder(large, contents));
  }, 120_000);

  test('cut after any id it goes on with the next, whatever the type', async () => {
    const few = join(folder, 'few');
    await inFolder(few, (client) => seed(client, 1));
    const target = join(folder, 'cut');
    expect(await runData(['copy', '--from', few, '--to', target, '--db', 'parley'])).toMatchObject({ code: 0 });
    for (const kept of [1, 5, 10, 13, 17]) {
      await inFolder(target, (client) => pretendCutAfter(client, few, kept));
      expect(await runData(['copy', '--from', few, '--to', target, '--db', 'parley'])).toMatchObject({ code: 0 });
    }
  }, 120_000);

  test('differences are told, by exit code 2', async () => {
    const target = join(folder, 'different');
    expect(await runData(['copy', '--from', source, '--to', target])).toMatchObject({ code: 0 });
    await inFolder(target, async (client) => {
      await client
        .db('parley')
        .collection('many')
        .updateOne({ n: 7 }, { $set: { n: 8 } });
      await client.db('parley').collection('odd').dropIndexes();
      await client.db('parley').collection('many').dropIndex('n_1');
      await client.db('parley').collection('new').insertOne({});
    });
    const { code, stdout } = await runData(['verify', '--from', source, '--to', target]);
    expect(code).toBe(2);
    expect(stdout).toMatch(new RegExp(`parley\\.many: ${MANY} documents on both sides, but not the same ones`));
    expect(stdout).toMatch(/parley\.many: the index n_1 is on one side only/);
    expect(stdout).toMatch(/parley\.new is missing in .*source/);
    expect(stdout).not.toMatch(/parley\.odd/);
  }, 120_000);
});

describe('errors say what to do and no secret', () => {
  test('a server that does not answer', async () => {
    const uri = 'mongodb://someone:s3cret@127.0.0.1:9/parley?serverSelectionTimeoutMS=200';
    const { code, stdout, stderr } = await runData(['verify', '--from', uri]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/MongoDB at mongodb:\/\/127\.0\.0\.1:9\/parley cannot be used .* check the URI and the server/);
    expect(stderr).not.toMatch(/s3cret/);
  });

  test('a URI in the wrong place', async () => {
    const { code, stderr } = await runData(['mongodb://someone:s3cret@127.0.0.1:9/']);
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/s3cret/);
  });

  test('a folder that is something else', async () => {
    const { code, stderr } = await runData(['copy', '--from', source, '--to', folder]);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/neither a data folder .* nor a backup/) });
  });
});

/** The state of a copy from a folder that ended after the first `kept` documents of `odd`. */
async function pretendCutAfter(client: MongoClient, from: string, kept: number): Promise<void> {
  const odd = client.db('parley').collection('odd');
  const gone = await odd.find().sort({ _id: 1 }).skip(kept).toArray();
  await odd.deleteMany({ position: { $in: gone.map(({ position }) => position as number) } });
  const state = client.db('parley').collection<{ _id: string; source?: string }>('parley_copy_state');
  await state.insertMany([{ _id: '', source: `${join(from, 'database')} parley` }, { _id: 'many' }, { _id: 'empty' }]);
}
