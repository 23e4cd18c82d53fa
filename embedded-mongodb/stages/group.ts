// $group, and the stages that are shorthands for it: $count and $sortByCount; $bucket is in bucket.ts.
import { ACCUMULATOR_PARSERS } from '../accumulators/registry.js';
import { type MakeState, type State } from '../accumulators/types.js';
import { compare, type Doc, hashKey, int32, isDoc, isNumber, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { derived, type Expr, parseExpression, type Scope } from '../expressions/types.js';
import { fromSlots, type Slot } from '../slots.js';
import { type AccumulatorName, unsupported } from '../surface.js';
import { collecting, isPauseDoc, withPauses } from './pause.js';
import { type CompileStage, type Stage } from './types.js';

export interface Output {
  readonly name: string;
  readonly make: MakeState;
}

export const group: CompileStage = (spec, { scope }) => {
  if (!isDoc(spec)) throw new MongoError(15947, "a group's fields must be specified in an object");
  const later: Scope = { ...scope, faults: [] }; // faults of the accumulators come after those of the key
  let key: Expr | undefined;
  const outputs: Output[] = [];
  for (const [name, value] of spec) {
    if (name === '_id') key = parseId(value, scope);
    else outputs.push(parseOutput(name, value, later));
  }
  if (!key) throw new MongoError(15955, 'a group specification must include an _id');
  checkSorts(spec);
  scope.faults.push(...later.faults);
  return groupBy(key, outputs);
};

const SORTED = ['$top', '$topN', '$bottom', '$bottomN'];

/** Outputs that sort alike are computed together by MongoDB, which changes the order of the fields. */
export function checkSorts(spec: Doc): void {
  const seen = new Set<string>();
  for (const value of spec.values()) {
    const [entry] = isDoc(value) ? value : [];
    if (!entry || !SORTED.includes(entry[0]) || !isDoc(entry[1])) continue;
    const key = `${entry[0]}${hashKey(entry[1].get('sortBy'))}`;
    if (seen.has(key)) throw refusal(5788005, `Several ${entry[0]} of one sort`);
    seen.add(key);
  }
}

/** A key of one field holds null where the field is missing; a key of several leaves it out, as MongoDB. */
function parseId(id: Value, scope: Scope): Expr {
  if (
    isDoc(id) &&
    !id.keys().next().value?.startsWith('$') &&
    [...id.values()].some((value) => isNumber(value) || typeof value === 'boolean')
  )
    throw new MongoError(17390, '$group does not support inclusion-style expressions');
  const [only] = isDoc(id) && id.size === 1 ? id : [];
  if (!only || only[0].startsWith('$')) return parseExpression(id, scope);
  const [name] = only;
  parseExpression(new Map([[name, null]]), scope); // checks the name
  const inner = parseExpression(only[1], scope);
  return derived([inner], (root) => new Map([[name, inner.run(root) ?? null]]));
}

export function parseOutput(name: string, value: Value, scope: Scope): Output {
  if (name === '') throw new MongoError(12116300, 'The field name of an accumulator cannot be empty');
  if (name.includes('.')) throw new MongoError(40235, `The field name '${name}' cannot contain '.'`);
  if (name.startsWith('$')) throw new MongoError(40236, `The field name '${name}' cannot be an operator name`);
  if (!isDoc(value)) throw new MongoError(40234, `The field '${name}' must be an accumulator object`);
  const [entry] = value;
  if (!entry || value.size !== 1) throw new MongoError(40238, `The field '${name}' must specify one accumulator`);
  const [operator, operand] = entry;
  if (!Object.hasOwn(ACCUMULATOR_PARSERS, operator)) throw unsupported('accumulator', operator);
  return { name, make: ACCUMULATOR_PARSERS[operator as AccumulatorName](operand, scope) };
}

interface Group {
  readonly id: Value;
  readonly states: readonly State[];
}

export function groupBy(id: Expr, outputs: readonly Output[]): Stage {
  return function* (source) {
    const groups = new Map<string, Group>();
    let pausable = false;
    for (const doc of source) {
      if (isPauseDoc(doc)) {
        pausable = true;
        yield doc;
        continue;
      }
      const value = id.run(doc) ?? null;
      const key = hashKey(value);
      let found = groups.get(key);
      if (!found) {
        found = { id: value, states: outputs.map(({ make }) => make()) };
        groups.set(key, found);
      }
      for (const state of found.states) state.add(doc);
    }
    yield* withPauses(results(groups.values(), outputs), pausable);
  };
}

function* results(groups: Iterable<Group>, outputs: readonly Output[]): Generator<Doc, void, undefined> {
  for (const { id, states } of groups) {
    yield fromSlots([['_id', id], ...outputs.map(({ name }, index): Slot => [name, states[index]?.result() ?? null])]);
  }
}

export const COUNTER: Value = new Map([['$sum', int32(1)]]);

export const sortByCount: CompileStage = (spec, context) => {
  if (typeof spec === 'string' && (!spec.startsWith('$') || spec === '$')) {
    throw new MongoError(40148, 'the sortByCount field must be defined as a $-prefixed path or an expression inside an object');
  }
  if (isDoc(spec) && !spec.keys().next().value?.startsWith('$')) {
    throw new MongoError(40147, 'the sortByCount field must be defined as a $-prefixed path or an expression inside an object');
  }
  if (typeof spec !== 'string' && !isDoc(spec))
    throw new MongoError(40149, 'the sortByCount field must be specified as a string or as an object');
  const counted = group(
    new Map([
      ['_id', spec],
      ['count', COUNTER],
    ]),
    context,
  );
  return function* (source) {
    const docs: Doc[] = [];
    yield* collecting(counted(source), (doc) => docs.push(doc));
    yield* docs.sort((a, b) => compare(b.get('count'), a.get('count')));
  };
};

export const count: CompileStage = (spec, context) => {
  if (typeof spec !== 'string' || spec === '')
    throw new MongoError(typeof spec === 'string' ? 40157 : 40156, 'the count field must be a non-empty string');
  if (spec.startsWith('$')) throw new MongoError(40158, 'the count field cannot be a $-prefixed path');
  if (spec.includes('.')) throw new MongoError(40160, "the count field cannot contain '.'");
  const counted = groupBy(parseExpression(null, context.scope), [parseOutput('count', COUNTER, context.scope)]);
  return function* (source) {
    for (const doc of counted(source)) yield isPauseDoc(doc) ? doc : new Map([[spec, doc.get('count') ?? null]]);
  };
};
