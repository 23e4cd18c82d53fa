// What may be asked with a collation: filters, sorts and counts, which compare as ICU does. Expressions, and updates that compare, would compare by
// bytes here: they are refused rather than answered otherwise.
import { type Doc, isArray, isDoc, isNumber, type Value } from '../bson/index.js';
import { type MongoError, refusal } from '../errors.js';
import { countingGroup } from '../planner/leading.js';

const STAGES = ['$match', '$sort', '$skip', '$limit', '$count', '$unwind', '$unset', '$sample'];
const UPDATES = ['$set', '$unset', '$inc', '$mul', '$rename', '$setOnInsert', '$currentDate', '$push', '$pop', '$bit'];

function refused(what: string): MongoError {
  return refusal('BadValue', `${what} with a collation`);
}

/** Error: a refusal of `$expr` and of projections that compare. */
export function checkQueryUnderCollation(filter: Doc, projection: Doc | undefined): void {
  if (mentions(filter, '$expr')) throw refused('$expr');
  if (projection && ![...projection].every(([path, value]) => isSimple(value) && !path.endsWith('.$')))
    throw refused('A projection that computes or compares');
}

/** Error: a refusal of stages that compute or compare. */
export function checkPipelineUnderCollation(stages: readonly Doc[]): void {
  stages.forEach((stage, position) => {
    const [name, operand] = [...stage][0] ?? [];
    if (name === '$match' && isDoc(operand)) checkQueryUnderCollation(operand, undefined);
    const counts = name === '$group' && position === stages.length - 1 && countingGroup([stage]) !== undefined;
    const simple = name === '$project' && isDoc(operand) && [...operand.values()].every(isSimple);
    if (name !== undefined && !STAGES.includes(name) && !counts && !simple) throw refused(`The stage ${name}`);
  });
}

/** Error: a refusal of updates whose outcome depends on a comparison. */
export function checkUpdateUnderCollation(update: Doc | readonly Doc[], arrayFilters: readonly Doc[] | undefined): void {
  if (isArray(update as Value)) throw refused('An update by a pipeline');
  if (arrayFilters) throw refused('arrayFilters');
  for (const [name, operand] of update as Doc) {
    if (name.startsWith('$') && !UPDATES.includes(name)) throw refused(name);
    if (name === '$push' && mentions(operand, '$sort')) throw refused('$push with $sort');
  }
}

function isSimple(value: Value): boolean {
  return (
    isNumber(value) ||
    typeof value === 'boolean' ||
    (isDoc(value) && [...value.keys()].every((name) => name === '$slice' || name === '$meta'))
  );
}

function mentions(value: Value, name: string): boolean {
  if (isArray(value)) return value.some((element) => mentions(element, name));
  return isDoc(value) && [...value].some(([field, inner]) => field === name || mentions(inner, name));
}
