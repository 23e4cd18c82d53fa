// Accumulators that keep values: extremes, first and last, lists, sets, merged documents.
import { compare, type Doc, hashKey, isDoc, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { fromSlots } from '../slots.js';
import { type Fold } from './types.js';

/** The smallest (`sign` 1) or largest (-1) value; null and missing do not count. */
export function extremeFold(sign: 1 | -1): Fold {
  let best: Value | undefined;
  return {
    add: (value) => {
      if (value == null) return;
      if (best === undefined || sign * compare(value, best) < 0) best = value;
    },
    result: () => best,
  };
}

export function lastFold(): Fold {
  let value: Value | undefined;
  return {
    add: (next) => {
      value = next;
    },
    result: () => value,
  };
}

export function pushFold(): Fold {
  const values: Value[] = [];
  return {
    add: (value) => {
      if (value !== undefined) values.push(value);
    },
    result: () => values,
  };
}

export function setFold(): Fold {
  const values = new Map<string, Value>();
  return {
    add: (value) => {
      if (value === undefined) return;
      const key = hashKey(value);
      if (!values.has(key)) values.set(key, value);
    },
    result: () => [...values.values()],
  };
}

/** Later fields win but keep the place of the earlier ones. Error 40400 for what is neither a document nor null. */
export function mergeFold(): Fold {
  const merged: Doc = new Map();
  return {
    add: (value) => {
      if (value == null) return;
      if (!isDoc(value)) throw new MongoError(40400, `$mergeObjects requires object inputs, but input is of type ${typeOf(value)}`);
      for (const [name, item] of value) merged.set(name, item);
    },
    result: () => fromSlots([...merged]),
  };
}
