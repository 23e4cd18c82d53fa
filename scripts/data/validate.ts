/** Asks the database itself whether the indexes of its collections agree with the documents: the `validate` command. */
import type { MongoClient } from 'mongodb';
import { asError } from '../../src/domain/errors.js';
import { maskSecrets } from '../../src/telemetry/logger.js';
import { type CollectionInfo, namespaceOf } from './source.js';

export interface Validation {
  /** What is wrong, a sentence each. */
  readonly damage: readonly string[];
  /** What could not be looked at, and why. */
  readonly unchecked: readonly string[];
}

export async function validateCollections(
  client: MongoClient,
  collections: readonly CollectionInfo[],
  onDone: (collection: CollectionInfo) => void,
): Promise<Validation> {
  const options = await optionsFor(client);
  const damage: string[] = [];
  const unchecked: string[] = [];
  for (const collection of collections) {
    try {
      const reply = await client.db(collection.db).command({ validate: collection.name, ...options });
      if (reply.valid !== true) damage.push(`${namespaceOf(collection)}: ${complaints(reply.errors)}`);
    } catch (thrown) {
      unchecked.push(`${namespaceOf(collection)}: ${maskSecrets(asError(thrown).message)}`);
    }
    onDone(collection);
  }
  return { damage, unchecked };
}

/** In a replica set and a sharded cluster clients can go on meanwhile. A single server and the embedded engine (on a folder of ours) cannot do that. */
async function optionsFor(client: MongoClient): Promise<{ background?: true }> {
  const hello = await client.db('admin').command({ hello: 1 });
  return hello.setName !== undefined || hello.msg === 'isdbgrid' ? { background: true } : {};
}

function complaints(errors: unknown): string {
  return Array.isArray(errors) && errors.length > 0 ? errors.map(String).join('; ') : 'the database gives no reason';
}
