// String order of a MongoDB collation document, through the ICU data of Node. Only the options whose meaning is the same there are taken.
import { MongoError, refusal } from '../errors.js';
import { compareStrings, type StringOrder } from './compare.js';
import { Int32, type Doc, type Value } from './types.js';

const SENSITIVITY: ReadonlyMap<number, 'base' | 'accent' | 'variant'> = new Map([
  [1, 'base'],
  [2, 'accent'],
  [3, 'variant'],
]);

/**
 * The order of `{locale, strength?, numericOrdering?}`; `{locale: 'simple'}` is byte order. Errors: BadValue for a missing or unknown locale, a
 * refusal for other options.
 */
export function collationOrder(collation: Doc): StringOrder {
  const locale = collation.get('locale');
  if (typeof locale !== 'string') throw new MongoError(40414, "BSON field 'collation.locale' is missing but a required field");
  if (locale === 'simple') return compareStrings;
  const numeric = collation.get('numericOrdering') ?? false;
  for (const [name, value] of collation) checkOption(name, value);
  const sensitivity = SENSITIVITY.get(Number(collation.get('strength') ?? 3));
  if (sensitivity === undefined || typeof numeric !== 'boolean') throw refusal('BadValue', 'This collation');
  if (Intl.Collator.supportedLocalesOf([locale.replaceAll('_', '-')]).length === 0) {
    throw new MongoError('BadValue', `Field 'locale' is invalid in: { locale: "${locale}" }`);
  }
  return new Intl.Collator(locale.replaceAll('_', '-'), { sensitivity, numeric, ignorePunctuation: false }).compare;
}

/** Options at MongoDB's defaults may be written out; others than locale, strength and numericOrdering may not differ from them. */
function checkOption(name: string, value: Value): void {
  const defaults: Readonly<Record<string, Value>> = {
    caseLevel: false,
    caseFirst: 'off',
    alternate: 'non-ignorable',
    maxVariable: 'punct',
    normalization: false,
    backwards: false,
  };
  if (['locale', 'strength', 'numericOrdering', 'version'].includes(name)) {
    if (name === 'strength' && !(value instanceof Int32)) throw refusal('BadValue', 'A collation strength that is not an int');
    return;
  }
  if (!(name in defaults) || defaults[name] !== value) throw refusal('BadValue', `The collation option ${name}`);
}
