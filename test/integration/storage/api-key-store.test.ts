/** API keys on a real database, and the first key's file. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../../../src/domain/errors.js';
import { createApiKeyStore, ensureAdminKey } from '../../../src/storage/api-key-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await startTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'parley-key-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

describe('API keys', () => {
  it('leaves no key behind when its file cannot be written', async () => {
    const store = createApiKeyStore(database.models);
    await writeFile(join(folder, 'file'), '');
    await expect(ensureAdminKey(store, join(folder, 'file'))).rejects.toThrow(ConfigurationError);
    expect(await store.list()).toEqual([]);
  });

  it('makes the admin key once, for its owner’s eyes only', async () => {
    const store = createApiKeyStore(database.models);
    const dataDir = join(folder, 'not', 'there');
    const secret = await ensureAdminKey(store, dataDir);
    expect(await readFile(join(dataDir, 'admin.key'), 'utf8')).toBe(`${secret}\n`);
    expect((await stat(join(dataDir, 'admin.key'))).mode & 0o777).toBe(0o600);
    expect(await store.verify(secret ?? '')).toMatchObject({ scopes: ['admin'] });
    expect(await ensureAdminKey(store, dataDir)).toBeNull();
  });

  it('verifies the whole secret, not its public part', async () => {
    const store = createApiKeyStore(database.models);
    const { key, secret } = await store.create({ name: 'reports', scopes: ['analytics'] });
    expect(await store.verify(secret)).toEqual(key);
    const wrong = `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`;
    for (const text of [wrong, '', 'pk_', `pk_${'0'.repeat(64)}`, key.id, '{"$gt":""}']) expect(await store.verify(text)).toBeNull();
  });

  it('stores no secret', async () => {
    const store = createApiKeyStore(database.models);
    const { secret } = await store.create({ name: 'x', scopes: ['process'] });
    expect(JSON.stringify(await database.models.apiKeys.collection.find({}).toArray())).not.toContain(secret.slice(20));
  });

  it('forgets a revoked key at once', async () => {
    const store = createApiKeyStore(database.models);
    const { key, secret } = await store.create({ name: 'y', scopes: ['sessions'] });
    expect(await store.revoke(key.id)).toBe(true);
    expect(await store.verify(secret)).toBeNull();
    expect(await store.revoke(key.id)).toBe(false);
  });
});
