// Operands of the operators on text and of type conversion.
import * as bson from 'bson';
import fc from 'fast-check';
import { F } from '../differential/case.js';
import { type Give, named, type Shape } from './expressions-shape.js';
import { type Kind } from './expressions-values.js';

const of =
  (kind: Kind): Shape['operand'] =>
  (give) =>
    fc.oneof({ arbitrary: give(kind), weight: 3 }, { arbitrary: give(kind).map((value): unknown => [value]), weight: 1 });
const cut = (give: Give): fc.Arbitrary<unknown> => fc.tuple(give('text'), give('small'), give('small'));
const trim = (give: Give): fc.Arbitrary<unknown> => named({ input: give('text') }, { chars: give('text') });
const replace = (give: Give): fc.Arbitrary<unknown> => named({ input: give('text'), find: give('text'), replacement: give('text') });

const PATTERNS = ['a', '^a', 'B$', 'ñ', '', '(a', '[ab]+', 'a|b', '\\d', '.', 'a.b', '^$'];
const TYPE_NAMES = ['double', 'string', 'object', 'array', 'objectId', 'bool', 'date', 'int', 'long', 'decimal', 'double', 'string', 'int', 'long', 'decimal', 'null', 'nothing']; // prettier-ignore
const TYPE_CODES = [1, 2, 3, 4, 7, 8, 9, 10, 16, 18, 19, F(1), F(1.5), 99, -1];

const regex = (give: Give): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constantFrom(...PATTERNS),
    fc.tuple(fc.constantFrom(...PATTERNS), fc.constantFrom('', 'i')).map(([pattern, options]): unknown => new bson.BSONRegExp(pattern, options)), // prettier-ignore
    give('text'),
  );

export const TEXT_SHAPES = {
  $concat: { gives: 'text', operand: (give) => fc.array(give('text'), { maxLength: 3 }) },
  $convert: {
    gives: 'any',
    operand: (give) =>
      named({ input: give('any'), to: fc.oneof(fc.constantFrom<unknown>(...TYPE_NAMES), fc.constantFrom<unknown>(...TYPE_CODES)) }, { onError: give('any'), onNull: give('any') }), // prettier-ignore
  },
  $indexOfCP: {
    gives: 'small',
    operand: (give) => fc.tuple(give('text'), give('text'), fc.array(give('small'), { maxLength: 2 })).map(([all, part, ends]): unknown => [all, part, ...ends]), // prettier-ignore
  },
  $ltrim: { gives: 'text', operand: trim },
  $regexMatch: { gives: 'flag', operand: (give) => named({ input: give('text'), regex: regex(give) }, { options: fc.constantFrom<unknown>('', 'i', 'm', 's', 'x', 'is', 'z', null) }) }, // prettier-ignore
  $replaceAll: { gives: 'text', operand: replace },
  $replaceOne: { gives: 'text', operand: replace },
  $rtrim: { gives: 'text', operand: trim },
  $split: { gives: 'texts', operand: (give) => fc.tuple(give('text'), give('text')) },
  $strLenBytes: { gives: 'small', operand: of('text') },
  $strLenCP: { gives: 'small', operand: of('text') },
  $strcasecmp: { gives: 'small', operand: (give) => fc.tuple(give('text'), give('text')) },
  $substr: { gives: 'text', operand: cut },
  $substrBytes: { gives: 'text', operand: cut },
  $substrCP: { gives: 'text', operand: cut },
  $toBool: { gives: 'flag', operand: of('any') },
  $toDate: { gives: 'date', operand: (give) => fc.oneof(of('date')(give), of('number')(give), of('text')(give), of('any')(give)) },
  $toDecimal: { gives: 'number', operand: (give) => fc.oneof(of('number')(give), of('text')(give), of('any')(give)) },
  $toDouble: { gives: 'number', operand: (give) => fc.oneof(of('number')(give), of('text')(give), of('any')(give)) },
  $toInt: { gives: 'number', operand: (give) => fc.oneof(of('number')(give), of('text')(give), of('any')(give)) },
  $toLong: { gives: 'number', operand: (give) => fc.oneof(of('number')(give), of('text')(give), of('any')(give)) },
  $toLower: { gives: 'text', operand: (give) => fc.oneof(of('text')(give), of('number')(give), of('date')(give)) },
  $toObjectId: { gives: 'any', operand: of('text') },
  $toString: { gives: 'text', operand: (give) => fc.oneof(of('number')(give), of('date')(give), of('any')(give)) },
  $toUpper: { gives: 'text', operand: (give) => fc.oneof(of('text')(give), of('number')(give), of('date')(give)) },
  $trim: { gives: 'text', operand: trim },
} satisfies Record<string, Shape>;
