// Updates: what the rest of the engine uses of this folder.
import { type Doc, isArray } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { compileDocumentUpdate, type Update, type UpdateOptions } from './compile.js';

export { documentForUpsert } from './upsert.js';
export { type Update, type UpdateContext, type UpdateOptions } from './compile.js';

/** Compiles the update of a command: a document (operators or replacement) or an array of stages. */
export function compileUpdate(update: Doc | readonly Doc[], options: UpdateOptions = {}): Update {
  if (isArray(update as Doc)) throw new MongoError('FailedToParse', 'pipeline');
  return compileDocumentUpdate(update as Doc, options);
}
