// Case-insensitive (strength 1 and 2) collations of indexes, kept to what can be exact without ICU sort keys: equality. Strings are folded to one
// representative of their equality class, which is what an index holds; it gives no order.
import { collationOrder } from '../bson/collation.js';
import { type Doc, Int32, int32, isDoc, isNumber, typeOf, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { textFold } from './fold.js';

export interface Collation {
  /** With all defaults, as listIndexes shows it. */
  readonly spec: Doc;
  /** The value with every string in it folded; equal results exactly for values the collation calls equal. */
  readonly fold: (value: Value) => Value;
}

const DEFAULTS: readonly (readonly [string, Value])[] = [
  ['caseLevel', false],
  ['caseFirst', 'off'],
  ['strength', int32(3)],
  ['numericOrdering', false],
  ['alternate', 'non-ignorable'],
  ['maxVariable', 'punct'],
  ['normalization', false],
  ['backwards', false],
];

/** Locales in which letters fold as in the root collation, so that `fold` is right. */
const LOCALES = new Set(['en', 'en_US', 'en_GB', 'es', 'es_ES', 'es_MX', 'pt', 'fr', 'it', 'de']);

/** A collation from its document; absent for the simple (binary) one. Errors: BadValue for what is not offered. */
export function parseCollation(given: Doc): Collation | undefined {
  if (given.size === 0) return undefined;
  const locale = given.get('locale');
  if (locale === undefined) throw new MongoError(40414, "BSON field 'collation.locale' is missing but a required field");
  if (typeof locale !== 'string') throw wrongType('locale', locale, 'string');
  if (locale === 'simple') return undefined;
  for (const name of given.keys()) {
    if (name !== 'locale' && name !== 'version' && !DEFAULTS.some(([known]) => known === name)) {
      throw new MongoError(40415, `BSON field 'collation.${name}' is an unknown field.`);
    }
  }
  const spec: Doc = new Map([['locale', locale]]);
  for (const [name, fallback] of DEFAULTS) {
    const value = given.get(name) ?? fallback;
    if (typeof fallback === 'boolean' && typeof value !== 'boolean') throw wrongType(name, value, 'bool');
    if (name !== 'strength' && value !== fallback) throw refusal('BadValue', `The collation option '${name}'`);
    spec.set(name, value);
  }
  spec.set('version', '57.1');
  const strength = strengthOf(spec.get('strength'));
  spec.set('strength', int32(strength));
  if (strength > 2 || !LOCALES.has(locale)) {
    throw refusal(
      'BadValue',
      `The collation { locale: '${locale}', strength: ${strength} } (strength 1 and 2 of ${[...LOCALES].join(', ')} are)`,
    );
  }
  const foldText = textFold(collationOrder(spec));
  return {
    spec,
    fold: (value) => foldValue(value, foldText),
  };
}

function wrongType(name: string, value: Value, expected: string): MongoError {
  return new MongoError('TypeMismatch', `BSON field 'collation.${name}' is the wrong type '${typeOf(value)}', expected type '${expected}'`);
}

/** True when both are absent or say the same. */
export function sameCollation(a: Collation | undefined, b: Collation | undefined): boolean {
  if (!a || !b) return a === b;
  return a.spec.get('locale') === b.spec.get('locale') && strengthOf(a.spec.get('strength')) === strengthOf(b.spec.get('strength'));
}

function strengthOf(value: Value | undefined): number {
  if (value === undefined || !isNumber(value)) throw new MongoError('TypeMismatch', "BSON field 'collation.strength' must be a number");
  return Number(value instanceof Int32 ? value.value : value);
}

function foldValue(value: Value, foldText: (text: string) => string): Value {
  if (typeof value === 'string') return foldText(value);
  if (Array.isArray(value)) return value.map((element) => foldValue(element, foldText));
  if (isDoc(value)) return new Map([...value].map(([name, field]) => [name, foldValue(field, foldText)]));
  return value;
}
