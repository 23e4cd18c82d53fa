// Indexes that do not agree with their documents, as a failing disk or a defect might leave them: `verify` tells which and what to do, and doing so mends them.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../../embedded-mongodb/index.js';
import { Engine } from '../../../embedded-mongodb/server/engine.js';
import { type Entry, type Store, tableRange } from '../../../embedded-mongodb/store/store.js';
import { memoryFolder } from '../../fakes/memory-folder.js';
import { runData } from './data-tool.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(memoryFolder(), 'parley-damage-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Makes a folder of ten documents with an index, and lets `damage` change entries of the index, or records, behind the engine's back. */
async function damaged(path: string, damage: (store: Store, index: Entry[], records: Entry[]) => void): Promise<void> {
  const database = join(path, 'database');
  const server = await startEmbeddedMongo({ path: database });
  const client = await MongoClient.connect(server.uri);
  const rows = client.db('parley').collection<{ _id: number; n: number }>('rows');
  await rows.insertMany(Array.from({ length: 10 }, (_, _id) => ({ _id, n: _id })));
  await rows.createIndex({ n: 1 });
  await client.close();
  await server.stop();
  const engine = new Engine({ path: database });
  const collection = engine.catalog.find('parley', 'rows');
  const table = collection?.indexes[1]?.table ?? 0;
  const entries = (of: number): Entry[] => [...engine.storage.scan(tableRange(of))];
  engine.transaction(() => damage(engine.storage, entries(table), entries(collection?.table ?? 0)));
  await engine.close();
}

const at = (entries: Entry[], position: number): Entry => entries.at(position) as Entry;

test.each<[string, RegExp, Parameters<typeof damaged>[1]]>([
  ['an entry is gone', /index n_1: record \d+ has a key that is missing/, (store, index) => store.delete(at(index, 3).key)],
  [
    'an entry is of another document',
    /index n_1: record \d+ has a key that is held by another record/,
    (store, index) => store.put(at(index, 3).key, at(index, 4).value),
  ],
  [
    'an entry is of no document',
    /index n_1: an entry points at record \d+, which is not there/,
    (store, index) => store.put(Buffer.concat([at(index, 3).key, Buffer.of(1)]), Buffer.alloc(at(index, 3).value.length, 9)),
  ],
  [
    'a document changed without its index',
    /index n_1: record \d+ has a key that is missing; .*an entry points at record \d+, which has no such key/,
    (store, _, records) => {
      const { key, value } = at(records, 3);
      value.writeInt32LE(99, value.length - 5); // `n` is its last field
      store.put(key, value);
    },
  ],
])(
  '%s',
  async (name, told, damage) => {
    const path = join(folder, name);
    await damaged(path, damage);
    const { code, stdout } = await runData(['verify', '--from', path]);
    expect(stdout).toMatch(new RegExp(`Damaged: parley\\.rows: ${told.source}`));
    expect(stdout).toMatch(/copy --from .* --to <a new folder>/);
    expect(code).toBe(2);

    const mended = join(folder, `${name}, mended`);
    expect(await runData(['copy', '--from', path, '--to', mended])).toMatchObject({ code: 0 });
    expect(await runData(['verify', '--from', mended])).toMatchObject({ code: 0 });
  },
  120_000,
);
