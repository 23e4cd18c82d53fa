// The beginning of a pipeline that the planner can run as a query: `$match`, then `$sort`, then `$skip` and `$limit`. The rest runs over
// the documents this yields.
import { type Doc, Int32, isDoc, isNumber, type Value } from '../bson/index.js';
import { wholeNumber } from '../vector/search-index.js';

export interface Leading {
  readonly filter: Doc;
  readonly sort: Doc | undefined;
  readonly skip: number;
  /** 0 for none. */
  readonly limit: number;
  /** The stages that are left. */
  readonly rest: readonly Doc[];
}

/** Splits a pipeline. What it does not understand stays in `rest`, whose compiler refuses it. */
export function leadingQuery(pipeline: readonly Doc[]): Leading {
  let at = 0;
  const filters: Doc[] = [];
  for (let match = operand(pipeline[at], '$match'); isDoc(match); match = operand(pipeline[at], '$match')) {
    filters.push(match);
    at += 1;
  }
  let sort: Doc | undefined;
  const sorting = operand(pipeline[at], '$sort');
  const sortedAgain = operand(pipeline[at + 1], '$sort') !== undefined; // then the first sort is not run
  if (isDoc(sorting) && sorting.size > 0 && [...sorting.values()].every(isNumber) && !sortedAgain) {
    sort = sorting;
    at += 1;
  }
  let skip = 0;
  const skipping = wholeNumber(operand(pipeline[at], '$skip'));
  if (skipping !== undefined && skipping >= 0) {
    skip = skipping;
    at += 1;
  }
  let limit = 0;
  const limiting = wholeNumber(operand(pipeline[at], '$limit'));
  if (limiting !== undefined && limiting > 0) {
    limit = limiting;
    at += 1;
  }
  const filter: Doc = filters.length === 1 ? (filters[0] as Doc) : new Map(filters.length === 0 ? [] : [['$and', filters]]);
  return { filter, sort, skip, limit, rest: pipeline.slice(at) };
}

function operand(stage: Doc | undefined, name: string): Value | undefined {
  return stage?.size === 1 ? stage.get(name) : undefined;
}

/** The name and group id of `{ $group: { _id: <constant>, <name>: { $sum: 1 } } }`, by which drivers count documents. */
export function countingGroup(rest: readonly Doc[]): { readonly id: Value; readonly name: string } | undefined {
  const group = rest.length === 1 ? operand(rest[0], '$group') : undefined;
  if (!isDoc(group) || group.size !== 2) return undefined;
  const [first, second] = [...group];
  if (!first || first[0] !== '_id' || (first[1] !== null && !isNumber(first[1]))) return undefined;
  if (!second || !/^[^$.][^.]*$/.test(second[0])) return undefined; // the compiler refuses such names
  const one = isDoc(second[1]) && second[1].size === 1 ? second[1].get('$sum') : undefined;
  return one instanceof Int32 && one.value === 1 ? { id: first[1], name: second[0] } : undefined; // the sum has the type of its terms
}
