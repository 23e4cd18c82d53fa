// The collMod command, for the expiry of a TTL index.
import { Decimal128, type Doc, isNumber, type NumberValue } from '../bson/index.js';
import { toDecimal, toInteger } from '../bson/decimal-convert.js';
import type { Collection } from '../catalog.js';
import { ITEM_FIELDS } from '../command-surface.js';
import { MongoError, refusal } from '../errors.js';
import type { Index } from '../indexes/index-spec.js';
import { findIndex } from '../planner/plan.js';
import { showValue } from '../show.js';
import { requireCollection } from './collections.js';
import { type CommandDefinition, ok } from './command.js';
import { collectionName, docField, numberOf, stringField, wrongType } from './fields.js';
import { checkItem } from './generic-fields.js';

const ITEM = 'collMod.index';
const MAX_SECONDS = 2 ** 31 - 1;

export const collMod: CommandDefinition = {
  writes: true,
  run(context) {
    const collection = requireCollection(context, collectionName(context));
    const change = docField(context.command, 'collMod', 'index');
    if (!change) return ok();
    checkItem(ITEM, ITEM, change);
    for (const option of ITEM_FIELDS[ITEM].refused)
      if ((change.get(option) ?? null) !== null) throw refusal('InvalidOptions', `The option '${option}' of ${ITEM}`); // false too is a change
    const seconds = secondsOf(change);
    const index = namedIndex(collection, change);
    if (seconds === undefined) throw new MongoError('InvalidOptions', 'no expireAfterSeconds, hidden, unique, or prepareUnique field');
    const before = index.expireAfterSeconds;
    if (before === undefined) checkMayExpire(index);
    index.spec = new Map([
      ...[...index.spec].filter(([option]) => option !== 'expireAfterSeconds'),
      ['expireAfterSeconds', BigInt(seconds)],
    ]);
    index.expireAfterSeconds = seconds;
    context.engine.catalog.save(collection);
    const after = ['expireAfterSeconds_new', BigInt(seconds)] as const;
    return before === undefined ? ok(after) : ok(['expireAfterSeconds_old', BigInt(Math.trunc(before))], after);
  },
};

/** Errors: InvalidOptions unless there is either a name or a key pattern, IndexNotFound. */
function namedIndex(collection: Collection, change: Doc): Index {
  const name = stringField(change, ITEM, 'name');
  const keyPattern = docField(change, ITEM, 'keyPattern');
  if (name !== undefined && keyPattern !== undefined) throw new MongoError('InvalidOptions', 'Cannot specify both key pattern and name.');
  const wanted = name ?? keyPattern;
  if (wanted === undefined) throw new MongoError('InvalidOptions', 'Must specify either index name or key pattern.');
  const index = findIndex(collection, wanted);
  if (!index) throw new MongoError('IndexNotFound', `cannot find index ${showValue(wanted)} for ns ${collection.ns}`);
  return index;
}

function checkMayExpire(index: Index): void {
  if (index.name === '_id_') throw new MongoError('InvalidOptions', 'the _id field does not support TTL indexes');
  if (index.fields.length > 1)
    throw new MongoError('InvalidOptions', 'TTL indexes are single-field indexes, compound indexes do not support TTL');
}

/** Whole seconds, at most an int32; absent where they are not given. Errors: TypeMismatch, InvalidOptions for less than 0. */
function secondsOf(change: Doc): number | undefined {
  const given = change.get('expireAfterSeconds') ?? null;
  if (given === null) return undefined;
  if (!isNumber(given)) throw wrongType(ITEM, 'expireAfterSeconds', given, '[long, int, decimal, double]');
  const seconds = wholeOf(given);
  if (seconds < 0) throw new MongoError('InvalidOptions', "TTL index 'expireAfterSeconds' option cannot be less than 0");
  return Math.min(seconds, MAX_SECONDS);
}

/** As MongoDB makes a whole number of it: doubles are cut off, decimals rounded, halves to the even one; NaN is 0. */
function wholeOf(given: NumberValue): number {
  const number = numberOf(given);
  if (Number.isNaN(number)) return 0;
  if (!(given instanceof Decimal128)) return Math.trunc(number) + 0; // no -0
  return Number(toInteger(toDecimal(given), 'halfEven') ?? number);
}
