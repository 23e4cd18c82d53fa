/** API keys in MongoDB, and the first one, made at the first start. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ApiKey, type ApiKeyStore } from '../domain/api-key.js';
import { ConfigurationError } from '../domain/errors.js';
import { type ApiKeyDocument } from './models/api-keys.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';

const SECRET_PATTERN = /^pk_([0-9a-f]{16})[0-9a-f]{48}$/;
/** Compared against when there is no such key, so that an unknown one takes as long as a wrong one. */
const NO_HASH = '0'.repeat(64);

export function createApiKeyStore(models: Models, now: () => Date = () => new Date()): ApiKeyStore {
  const keys = nativeCollection(models.apiKeys);
  return {
    async create({ name, scopes }) {
      const publicPart = randomBytes(8).toString('hex');
      const secret = `pk_${publicPart}${randomBytes(24).toString('hex')}`;
      const document: ApiKeyDocument = { _id: `key_${publicPart}`, name, scopes, hash: hashOf(secret), createdAt: now() };
      await keys.insertOne(document);
      return { key: apiKeyOf(document), secret };
    },
    async verify(secret) {
      const publicPart = SECRET_PATTERN.exec(secret)?.[1];
      const document = publicPart === undefined ? null : await keys.findOne({ _id: `key_${publicPart}` });
      const equal = timingSafeEqual(Buffer.from(hashOf(secret), 'hex'), Buffer.from(document?.hash ?? NO_HASH, 'hex'));
      return equal && document !== null ? apiKeyOf(document) : null;
    },
    async list() {
      return (await keys.find().sort({ createdAt: -1 }).toArray()).map(apiKeyOf);
    },
    async revoke(id) {
      return (await keys.deleteOne({ _id: id })).deletedCount === 1;
    },
  };
}

/**
 * Makes the first admin key when there is no key at all and saves it in `<dataDir>/admin.key`, readable by its owner only. Returns the secret, to be
 * shown this once, or null when there were keys already. Throws ConfigurationError when the file cannot be written; then no key is left behind.
 */
export async function ensureAdminKey(store: ApiKeyStore, dataDir: string): Promise<string | null> {
  if ((await store.list()).length > 0) return null;
  const { key, secret } = await store.create({ name: 'admin (first start)', scopes: ['admin'] });
  const file = join(dataDir, 'admin.key');
  try {
    await mkdir(dataDir, { recursive: true }); // with MONGODB_URI nobody else has made it
    await writeFile(file, `${secret}\n`, { mode: 0o600 });
  } catch (cause) {
    await store.revoke(key.id);
    throw new ConfigurationError(`The admin key cannot be saved in ${file}: set DATA_DIR to a folder of yours.`, { cause });
  }
  return secret;
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

function apiKeyOf({ _id, name, scopes, createdAt }: ApiKeyDocument): ApiKey {
  return { id: _id, name, scopes, createdAt };
}
