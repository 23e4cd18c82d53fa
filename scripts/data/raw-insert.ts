/**
 * Inserts documents as the bytes they are. The driver's public calls would decode and encode them, which loses the order of fields named like numbers,
 * repeated fields and dates out of JavaScript's range; its own document sequence, which all its bulk writes use, takes bytes.
 */
import { createRequire } from 'node:module';
import type { Db } from 'mongodb';

type MakeSequence = (field: string, documents: readonly Uint8Array[], serialized: readonly Uint8Array[]) => unknown;
const { makeDocumentSequence } = createRequire(import.meta.url)('mongodb/lib/cmap/commands.js') as {
  readonly makeDocumentSequence: MakeSequence;
};

/** A batch of the limits of one message: 100,000 documents, 48 MB. In order; stops at the first that is refused. Error: MongoServerError. */
export async function insertRaw(db: Db, collection: string, documents: readonly Uint8Array[]): Promise<void> {
  const reply = await db.command({
    insert: collection,
    documents: makeDocumentSequence('documents', documents, documents),
    ordered: true,
    writeConcern: { w: db.writeConcern?.w ?? 'majority', j: true },
  });
  const [error] = (reply.writeErrors ?? []) as { readonly code: number; readonly errmsg: string }[];
  if (error !== undefined) throw new InsertRefused(error.code, error.errmsg);
  if (reply.writeConcernError !== undefined) throw new InsertRefused(0, 'the write was not acknowledged as durable');
}

export class InsertRefused extends Error {
  override readonly name = 'InsertRefused';

  constructor(
    /** MongoDB's error code; 11000: an `_id` that is there already. */
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}
