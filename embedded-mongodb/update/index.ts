// Updates: what the rest of the engine uses of this folder.
import { type Doc } from '../bson/index.js';
import { compileDocumentUpdate, type Update, type UpdateOptions } from './compile.js';
import { compilePipelineUpdate } from './pipeline.js';

export { checkStages } from './pipeline.js';
export { checkUpsertFilter, documentForUpsert } from './upsert.js';
export { type Update } from './compile.js';

/** Compiles the update of a command: a document (operators or replacement) or an array of stages. */
export function compileUpdate(update: Doc | readonly Doc[], options: UpdateOptions = {}): Update {
  return update instanceof Map ? compileDocumentUpdate(update, options) : compilePipelineUpdate(update, options);
}
