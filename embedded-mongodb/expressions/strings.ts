// String expressions. Positions count code points (CP) or UTF-8 bytes (Bytes); letters change case only in ASCII, as in MongoDB.
import { BSONRegExp, compareStrings, int32, isDoc, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { compileRegex, type TextTest } from '../match/regex.js';
import { wholeNumber } from '../match/tests.js';
import { binary, namedArguments, ranged, unary, variadic } from './build.js';
import { textOf } from './text.js';
import { constantValue, derived, type Expr, type Parse, parseExpression } from './types.js';

type Item = Value | undefined;

function typeName(value: Item): string {
  return value === undefined ? 'missing' : typeOf(value);
}

function concat(values: Iterable<Item>): Item {
  let text = '';
  for (const value of values) {
    if (value == null) return null;
    if (typeof value !== 'string') throw new MongoError(16702, `$concat only supports strings, not ${typeName(value)}`);
    text += value;
  }
  return text;
}

function changeCase(change: (text: string) => string): (value: Item) => Item {
  return (value) => change(textOf(value));
}

const toLower = changeCase((text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()));
const toUpper = changeCase((text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()));

function requireText(value: Item, code: number, what: string): string {
  if (typeof value !== 'string') throw new MongoError(code, `${what}, found: ${typeName(value)}`);
  return value;
}

function int32Argument(value: Item, codes: { notNumber: number; notInt: number }, what: string): number {
  const isNumeric = value !== undefined && ['int', 'long', 'double', 'decimal'].includes(typeOf(value ?? null));
  if (!isNumeric) throw new MongoError(codes.notNumber, `${what} must be a numeric type`);
  const number = wholeNumber(value);
  if (number === undefined || Math.abs(number) > 2 ** 31)
    throw new MongoError(codes.notInt, `${what} cannot be represented as a 32-bit integral value`);
  return number;
}

function substrCodePoints(value: Item, from: Item, length: Item): Item {
  const text = Array.from(textOf(value));
  const start = int32Argument(from, { notNumber: 34450, notInt: 34451 }, '$substrCP: starting index');
  const count = int32Argument(length, { notNumber: 34452, notInt: 34453 }, '$substrCP: length');
  if (count < 0) throw new MongoError(34454, '$substrCP: length must be a nonnegative integer.');
  if (start < 0) throw new MongoError(34455, '$substrCP: the starting index must be nonnegative integer.');
  return text.slice(start, start + count).join('');
}

function substrBytes(value: Item, from: Item, length: Item): Item {
  const bytes = Buffer.from(textOf(value));
  const start = int32Argument(from, { notNumber: 16034, notInt: 16034 }, '$substrBytes: starting index');
  const count = int32Argument(length, { notNumber: 16035, notInt: 16035 }, '$substrBytes: length');
  if (start < 0) throw new MongoError(50752, '$substrBytes: starting index must be non-negative');
  const end = count < 0 ? bytes.length : Math.min(bytes.length, start + count);
  if (isContinuation(bytes[start]))
    throw new MongoError(28656, '$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte.');
  if (start < bytes.length && isContinuation(bytes[end]))
    throw new MongoError(28657, '$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.');
  return bytes.toString('utf8', Math.min(start, bytes.length), end);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function split(value: Item, separator: Item): Item {
  if (value == null || separator == null) return null;
  const text = requireText(value, 40085, '$split requires an expression that evaluates to a string as a first argument');
  const by = requireText(separator, 40086, '$split requires an expression that evaluates to a string as a second argument');
  if (by === '') throw new MongoError(40087, '$split requires a non-empty separator');
  return text.split(by);
}

function indexOf(value: Item, part: Item, from: Item = int32(0), to?: Item): Item {
  if (value == null) return null;
  const points = Array.from(requireText(value, 40093, '$indexOfCP requires a string as the first argument'));
  const sought = Array.from(requireText(part, 40094, '$indexOfCP requires a string as the second argument'));
  const start = indexArgument(from, 'starting');
  const end = to === undefined ? points.length : Math.min(points.length, indexArgument(to, 'ending'));
  for (let at = start; at + sought.length <= end && at < end; at += 1) {
    if (sought.every((point, offset) => points[at + offset] === point)) return int32(at);
  }
  return int32(-1);
}

function indexArgument(value: Item, what: string): number {
  const number = wholeNumber(value);
  if (number === undefined) throw new MongoError(40096, `$indexOfCP requires an integral ${what} index`);
  if (number < 0) throw new MongoError(40097, `$indexOfCP requires a nonnegative ${what} index, found: ${number}`);
  return number;
}

/** What $trim removes by default: MongoDB's list of white space. */
const WHITE_SPACE = [...'\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a'];

function trimming(name: string, left: boolean, right: boolean): Parse {
  return (operand, scope) => {
    const named = namedArguments(name, operand, ['input', 'chars'], ['input'], { notObject: 50696, unknown: 50694, missing: 50695 });
    const input = parseExpression(named.get('input') ?? null, scope);
    const chars = named.has('chars') ? parseExpression(named.get('chars') ?? null, scope) : undefined;
    return derived(chars ? [input, chars] : [input], (root) => {
      const value = input.run(root);
      if (value == null) return null;
      const text = requireText(value, 50699, `${name} requires its input to be a string`);
      if (!chars) return trimmed(text, WHITE_SPACE, left, right);
      const removed = chars.run(root);
      if (removed == null) return null;
      return trimmed(text, [...requireText(removed, 50700, `${name} requires 'chars' to be a string`)], left, right);
    });
  };
}

function trimmed(text: string, removed: readonly string[], left: boolean, right: boolean): string {
  const points = Array.from(text);
  let start = 0;
  let end = points.length;
  while (left && start < end && removed.includes(points[start] ?? '')) start += 1;
  while (right && end > start && removed.includes(points[end - 1] ?? '')) end -= 1;
  return points.slice(start, end).join('');
}

function replacing(name: string, replace: (text: string, find: string, replacement: string) => string): Parse {
  return (operand, scope) => {
    const codes = { notObject: 51751, unknown: 51750, missing: 0 };
    const named = namedArguments(name, operand, ['input', 'find', 'replacement'], [], codes);
    const exprs = (['input', 'find', 'replacement'] as const).map((key, index) => {
      const value = named.get(key);
      if (value === undefined) throw new MongoError([51749, 51748, 51747][index] ?? 51749, `${name} requires '${key}' to be specified`);
      return parseExpression(value, scope);
    });
    return derived(exprs, (root) => {
      const values = exprs.map((expr) => expr.run(root));
      for (const value of values) {
        if (value != null && typeof value !== 'string')
          throw new MongoError(10503904, `${name} requires its arguments to be strings, found: ${typeName(value)}`);
      }
      const [input, find, replacement] = values as (string | null | undefined)[];
      return input == null || find == null || replacement == null ? null : replace(input, find, replacement);
    });
  };
}

function replaceOne(text: string, find: string, replacement: string): string {
  const at = text.indexOf(find);
  return at < 0 ? text : text.slice(0, at) + replacement + text.slice(at + find.length);
}

function replaceAll(text: string, find: string, replacement: string): string {
  if (find === '') return `${replacement}${Array.from(text).join(replacement)}${text === '' ? '' : replacement}`;
  return text.split(find).join(replacement);
}

const regexMatch: Parse = (operand, scope) => {
  if (!isDoc(operand)) throw new MongoError(51103, '$regexMatch expects an object of named arguments');
  const named = namedArguments('$regexMatch', operand, ['input', 'regex', 'options'], [], { notObject: 51103, unknown: 31024, missing: 0 });
  if (!named.has('input')) throw new MongoError(31022, "$regexMatch requires 'input' parameter");
  if (!named.has('regex')) throw new MongoError(31023, "$regexMatch requires 'regex' parameter");
  const exprs = ['input', 'regex', ...(named.has('options') ? ['options'] : [])].map((key) =>
    parseExpression(named.get(key) ?? null, scope),
  );
  const [input, regex, options] = exprs as [Expr, Expr, Expr?];
  const fixed =
    regex.constant && (options?.constant ?? true) ? patternTest(constantValue(regex), options && constantValue(options)) : undefined;
  return derived(exprs, (root) => {
    const test = fixed ?? patternTest(regex.run(root), options?.run(root));
    const value = input.run(root);
    if (value != null && typeof value !== 'string') throw new MongoError(51104, "$regexMatch needs 'input' to be of type string");
    return value == null ? false : test(value);
  });
};

function patternTest(regex: Item, options: Item): TextTest {
  if (options != null && typeof options !== 'string') throw new MongoError(51106, "$regexMatch needs 'options' to be of type string");
  if (regex == null) return () => false;
  if (regex instanceof BSONRegExp) {
    if (regex.options !== '' && options != null)
      throw new MongoError(51107, "$regexMatch: found regex option(s) specified in both 'regex' and 'option' fields");
    return compileRegex(regex.pattern, regex.options === '' ? (options ?? '') : regex.options);
  }
  if (typeof regex !== 'string') throw new MongoError(51105, "$regexMatch needs 'regex' to be of type string or regex");
  return compileRegex(regex, options ?? '');
}

export const STRINGS = {
  $concat: variadic(concat),
  $indexOfCP: ranged('$indexOfCP', 2, 4, indexOf),
  $ltrim: trimming('$ltrim', true, false),
  $regexMatch: regexMatch,
  $replaceAll: replacing('$replaceAll', replaceAll),
  $replaceOne: replacing('$replaceOne', replaceOne),
  $rtrim: trimming('$rtrim', false, true),
  $split: binary('$split', split),
  $strLenBytes: unary('$strLenBytes', (value) =>
    int32(Buffer.byteLength(requireText(value, 34473, '$strLenBytes requires a string argument'))),
  ),
  $strLenCP: unary('$strLenCP', (value) => int32(Array.from(requireText(value, 34471, '$strLenCP requires a string argument')).length)),
  $strcasecmp: binary('$strcasecmp', (left, right) => int32(Math.sign(compareStrings(toUpper(left) as string, toUpper(right) as string)))),
  $substr: ranged('$substr', 3, 3, substrBytes),
  $substrBytes: ranged('$substrBytes', 3, 3, substrBytes),
  $substrCP: ranged('$substrCP', 3, 3, substrCodePoints),
  $toLower: unary('$toLower', toLower),
  $toUpper: unary('$toUpper', toUpper),
  $trim: trimming('$trim', true, true),
} satisfies Record<string, Parse>;
