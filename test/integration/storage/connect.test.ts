/** The database opens on either engine with its indexes, and says in a sentence what is wrong where it cannot. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../../../src/domain/errors.js';
import { connectDatabase } from '../../../src/storage/connect.js';
import { buildIndexes, INDEXES } from '../../../src/storage/models/index.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

describe('connectDatabase', () => {
  it('builds every declared index, and again without complaint', async () => {
    await buildIndexes(database.models);
    for (const [name, declarations] of Object.entries(INDEXES)) {
      if (declarations.length === 0) continue;
      const built = await database.models[name as keyof typeof INDEXES].collection.indexes();
      expect(built.map((index) => index.key)).toEqual(expect.arrayContaining(declarations.map((declared) => declared.key)));
    }
  });

  it('says which index is in the way when one has other options', async () => {
    const { collection } = database.models.inbox;
    await collection.dropIndex('expiresAt_set');
    await collection.createIndex({ expiresAt: 1 }, { name: 'expiresAt_set', expireAfterSeconds: 60 });
    await expect(buildIndexes(database.models)).rejects.toThrow(/collection inbox has an index with other options/);
    await collection.dropIndex('expiresAt_set');
    await buildIndexes(database.models);
  });

  it('replaces what earlier versions built', async () => {
    const names = async () => (await database.models.inbox.collection.indexes()).map((index) => index.name).sort();
    const { collection } = database.models.inbox;
    const declared = await names();
    await collection.dropIndex('expiresAt_set');
    await collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
    expect(await names()).toContain('expiresAt_1');
    await buildIndexes(database.models);
    expect(await names()).toEqual(declared);
  });

  it('names an unreachable server without its password', async () => {
    const attempt = connectDatabase({ uri: 'mongodb://reader:hunter2@127.0.0.1:1/?connectTimeoutMS=200', database: 'parley', dataDir: '' });
    const thrown: unknown = await attempt.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ConfigurationError);
    expect((thrown as Error).message).toContain('mongodb://127.0.0.1:1 cannot be used');
    expect((thrown as Error).message).not.toContain('hunter2');
  });

  it('refuses a data folder that is no folder or not writable', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-test-'));
    await writeFile(join(folder, 'file'), '');
    await expect(connectDatabase({ uri: null, database: 'parley', dataDir: join(folder, 'file') })).rejects.toThrow(/set DATA_DIR/);
    if (process.getuid?.() !== 0) {
      await chmod(folder, 0o500);
      await expect(connectDatabase({ uri: null, database: 'parley', dataDir: folder })).rejects.toThrow(/set DATA_DIR/);
    }
    await rm(folder, { recursive: true, force: true });
  });
});
