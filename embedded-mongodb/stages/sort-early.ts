// Where MongoDB runs a $sort: before the $unwind in front of it when it does not look at what is unwound. A sort by two fields that are arrays then
// fails even where unwinding leaves nothing. A $sort that another one follows is not run.
import { type Doc, isDoc, type Value } from '../bson/index.js';
import { type StageName } from '../surface.js';

export interface NamedStage {
  readonly name: StageName;
  readonly spec: Value;
}

/** The stages in the order they run in. Sorts by one field stay where they are, as nobody can tell. */
export function inRunningOrder<T extends NamedStage>(stages: readonly T[]): T[] {
  const order = [...stages];
  for (let at = 1; at < order.length; at += 1) {
    for (let to = at; to > 0 && runsBefore(order[to], order[to - 1]); to -= 1)
      [order[to - 1], order[to]] = [order[to] as T, order[to - 1] as T];
  }
  return order.filter(({ name }, at) => name !== '$sort' || order[at + 1]?.name !== '$sort');
}

/** Whether a stage is a sort that runs before the stage in front of it. */
export function runsBefore(stage: NamedStage | undefined, front: NamedStage | undefined): boolean {
  if (stage?.name !== '$sort' || front?.name !== '$unwind' || !isDoc(stage.spec) || stage.spec.size < 2) return false;
  const unwound = isDoc(front.spec) ? front.spec : new Map([['path', front.spec]]);
  return isApart(stage.spec, unwound.get('path'), '$') && isApart(stage.spec, unwound.get('includeArrayIndex') ?? null, '');
}

/** Whether no path of a sort is, holds or is within a path that is written with a prefix. */
function isApart(sort: Doc, written: Value | undefined, prefix: string): boolean {
  if (typeof written !== 'string') return true;
  return [...sort.keys()].every((path) => !`${prefix}${path}.`.startsWith(`${written}.`) && !`${written}.`.startsWith(`${prefix}${path}.`));
}
