// Fields whose types MongoDB is strict about, though the engine has no use for most of them: a malformed command must not pass here and fail there.
import { type Doc, isNumber } from '../bson/index.js';
import { wrongType } from './fields.js';

interface StrictFields {
  /** A boolean, not a number. */
  readonly booleans?: readonly string[];
  /** A boolean or a number. */
  readonly safeBooleans?: readonly string[];
  /** Not null, which most fields take for absent. */
  readonly notNull?: readonly string[];
}

const BATCH: StrictFields = { booleans: ['ordered', 'bypassEmptyTsReplacement'], safeBooleans: ['bypassDocumentValidation'] };
const FIND_BOOLEANS = ['singleBatch', 'noCursorTimeout', 'allowDiskUse', 'allowPartialResults', 'oplogReplay', 'tailable', 'awaitData'];

const STRICT: Readonly<Record<string, StrictFields>> = {
  find: { booleans: FIND_BOOLEANS, notNull: [...FIND_BOOLEANS, 'filter', 'sort', 'projection', 'collation'] },
  insert: BATCH,
  update: BATCH,
  delete: BATCH,
  bulkWrite: { booleans: [...(BATCH.booleans ?? []), 'errorsOnly'], safeBooleans: ['bypassDocumentValidation'] },
  aggregate: { booleans: ['allowDiskUse'], notNull: ['allowDiskUse', 'pipeline'], safeBooleans: ['bypassDocumentValidation'] },
  listCollections: { booleans: ['nameOnly'] },
  'update.updates': { booleans: ['multi', 'upsert'] },
  'bulkWrite.ops': { booleans: ['multi', 'upsert'] },
};

const SAFE_TYPES = '[bool, long, int, decimal, double]';

/** Checks a command, or an item of its list named as MongoDB names it. Error: TypeMismatch. */
export function checkTypes(name: string, command: Doc): void {
  const strict = STRICT[name];
  if (!strict) return;
  for (const field of strict.notNull ?? []) if (command.get(field) === null) throw wrongType(name, field, null, 'another');
  for (const field of strict.booleans ?? []) {
    const value = command.get(field) ?? null;
    if (value !== null && typeof value !== 'boolean') throw wrongType(name, field, value, 'bool');
  }
  for (const field of strict.safeBooleans ?? []) {
    const value = command.get(field) ?? null;
    if (value !== null && typeof value !== 'boolean' && !isNumber(value)) throw wrongType(name, field, value, SAFE_TYPES);
  }
}
