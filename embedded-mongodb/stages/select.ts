// The stages that choose and order documents: $match, $sort, $limit, $skip, $sample.
import { type Doc, isDoc, isNumber, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { compileFilter } from '../match/filter.js';
import { int64Of } from '../expressions/integers.js';
import { wholeNumber } from '../match/tests.js';
import { compileSortKeys } from '../sort.js';
import { createSorter } from '../sorter.js';
import { collecting, isPauseDoc, withPauses } from './pause.js';
import { type CompileStage, type Stage } from './types.js';

export const match: CompileStage = (spec, { scope, pipeline }) => {
  if (!isDoc(spec)) throw new MongoError(15959, 'the match filter must be an expression in an object');
  const { matches } = compileFilter(spec, { scope, ...(pipeline.collation ? { collation: pipeline.collation } : {}) });
  return function* (source) {
    for (const doc of source) if (isPauseDoc(doc) || matches(doc)) yield doc;
  };
};

export const sort: CompileStage = (spec, { strings }) => sortStage(spec, strings, Infinity);

/** A sort of which only the first `limit` documents are wanted. */
export function sortStage(spec: Value, strings: Parameters<typeof compileSortKeys>[1], limit: number): Stage {
  if (!isDoc(spec)) throw new MongoError(15973, 'the $sort key specification must be an object');
  if (spec.size === 0) throw new MongoError(15976, '$sort stage must have at least one sort key');
  const compiled = compileSortKeys(spec, strings);
  return function* (source) {
    const sorter = createSorter<Doc>(compiled.compareKeys, limit);
    let pausable = false;
    for (const doc of source) {
      if (isPauseDoc(doc)) {
        pausable = true;
        yield doc;
      } else sorter.add(compiled.keyOf(doc), doc);
    }
    yield* withPauses(sorter.rows(), pausable);
  };
}

/** The number of a $limit or $skip. */
export function stageCount(name: '$limit' | '$skip', spec: Value): number {
  const code = name === '$limit' ? 5107201 : 5107200;
  if (!isNumber(spec)) throw new MongoError(code, `invalid argument to ${name} stage: Expected a number`);
  const integer = int64Of(spec);
  if (integer === undefined) throw new MongoError(code, `invalid argument to ${name} stage: Expected an integer`);
  const number = Number(integer);
  if (number < 0) throw new MongoError(code, `invalid argument to ${name} stage: Expected a non-negative number`);
  if (name === '$limit' && number === 0) throw new MongoError(15958, 'the limit must be positive');
  return number;
}

export const limit: CompileStage = (spec) => {
  const most = stageCount('$limit', spec);
  return function* (source) {
    let given = 0;
    for (const doc of source) {
      yield doc;
      if (isPauseDoc(doc)) continue;
      given += 1;
      if (given === most) return;
    }
  };
};

export const skip: CompileStage = (spec) => {
  const least = stageCount('$skip', spec);
  return function* (source) {
    let seen = 0;
    for (const doc of source) {
      seen += isPauseDoc(doc) ? 0 : 1;
      if (seen > least || isPauseDoc(doc)) yield doc;
    }
  };
};

export const sample: CompileStage = (spec) => {
  if (!isDoc(spec)) throw new MongoError(28745, 'the $sample stage specification must be an object');
  for (const key of spec.keys()) if (key !== 'size') throw new MongoError(28748, `unrecognized option to $sample: ${key}`);
  const value = spec.get('size');
  if (value === undefined) throw new MongoError(28749, '$sample stage must specify a size');
  if (!isNumber(value)) throw new MongoError(28746, 'size argument to $sample must be a number');
  const size = Math.trunc(Number(wholeNumber(value) ?? Number.NaN));
  if (!(size > 0)) throw new MongoError(28747, 'size argument to $sample must be a positive integer');
  return function* (source) {
    const docs: Doc[] = [];
    yield* collecting(source, (doc) => docs.push(doc));
    yield* shuffled(docs).slice(0, size);
  };
};

function shuffled(docs: Doc[]): Doc[] {
  for (let index = docs.length - 1; index > 0; index -= 1) {
    const other = Math.floor(Math.random() * (index + 1));
    [docs[index], docs[other]] = [docs[other] as Doc, docs[index] as Doc];
  }
  return docs;
}
