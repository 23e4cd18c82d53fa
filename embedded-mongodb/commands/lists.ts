// Cursors over lists that are at hand (collections, indexes, results of a bulkWrite). MongoDB writes their fields in other orders than a find's.
import { decode, type Doc, isDoc, type Value } from '../bson/index.js';
import { type Batch, DEFAULT_BATCH } from '../server/cursors.js';
import { type CommandContext, ok } from './command.js';
import { countField } from './fields.js';
import { checkCursorField } from './generic-fields.js';

/** `ns` stands before or after the batch. */
export function firstCursor({ docs, id }: Batch, ns: string, nsAt: 'before' | 'after'): Doc {
  const batch: [string, Value] = ['firstBatch', docs.map((doc) => decode(doc))];
  const last: [string, Value] = ['ns', ns];
  return new Map<string, Value>([['id', id], ...(nsAt === 'before' ? [last, batch] : [batch, last])]);
}

/** A list as a cursor, whose batch size stands in `cursor.batchSize`. */
export function listReply(context: CommandContext, ns: string, rows: readonly Buffer[]): Doc {
  const cursor = context.command.get('cursor');
  if (isDoc(cursor)) checkCursorField(context.name, cursor);
  const size = isDoc(cursor) ? countField(cursor, context.name, 'batchSize') : undefined;
  const batch = context.engine.cursors.start(ns, rows, size ?? Math.max(DEFAULT_BATCH, rows.length), false);
  return ok(['cursor', firstCursor(batch, ns, 'before')]);
}
