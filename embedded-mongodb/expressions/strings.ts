// String expressions. Positions count code points (CP) or UTF-8 bytes (Bytes); letters change case only in ASCII, as in MongoDB.
import { BSONRegExp, compareStrings, int32, isNumber, typeOf, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { compileRegex, type TextTest } from '../match/regex.js';
import { allConstant, type Argument, binary, namedExpressions, ranged, unary, variadic } from './build.js';
import { indexArgument, int32Argument, toInt64 } from './integers.js';
import { textOf } from './text.js';
import { constantValue, derived, dynamic, type Parse, prepared } from './types.js';

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

function substrCodePoints(input: Argument, from: Argument, length: Argument): Item {
  const [value, start, size] = [input(), from(), length()];
  const text = Array.from(textOf(value));
  const at = int32Argument(start, { notNumber: 34450, notInt: 34451 }, '$substrCP: starting index');
  const count = int32Argument(size, { notNumber: 34452, notInt: 34453 }, '$substrCP: length');
  if (count < 0) throw new MongoError(34454, '$substrCP: length must be a nonnegative integer.');
  if (at < 0) throw new MongoError(34455, '$substrCP: the starting index must be nonnegative integer.');
  return text.slice(at, at + count).join('');
}

function substrBytes(input: Argument, from: Argument, length: Argument): Item {
  const [value, start, size] = [input(), from(), length()];
  const bytes = Buffer.from(textOf(value));
  if (start === undefined || !isNumber(start)) throw new MongoError(16034, '$substrBytes: starting index must be a numeric type');
  if (size === undefined || !isNumber(size)) throw new MongoError(16035, '$substrBytes: length must be a numeric type');
  const lower = toInt64(start);
  if (lower < 0n) throw new MongoError(50752, '$substrBytes: starting index must be non-negative');
  const count = toInt64(size);
  const at = Math.min(Number(lower), bytes.length);
  const end = count < 0n ? bytes.length : Math.min(bytes.length, at + Number(count));
  if (isContinuation(bytes[at])) throw new MongoError(28656, '$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte.');
  if (isContinuation(bytes[end]))
    throw new MongoError(28657, '$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.');
  return bytes.toString('utf8', at, end);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function split(value: Item, separator: Item): Item {
  if (value == null || separator == null) return null;
  const text = requireText(value, 40085, '$split requires an expression that evaluates to a string as a first argument');
  if (separator instanceof BSONRegExp) throw refusal(40086, '$split by a regular expression');
  const by = requireText(separator, 40086, '$split requires an expression that evaluates to a string as a second argument');
  if (by === '') throw new MongoError(40087, '$split requires a non-empty separator');
  return text.split(by);
}

const POSITION = { notInt: 40096, negative: 40097 };

function indexOf(input: Argument, sought: Argument, from?: Argument, to?: Argument): Item {
  const value = input();
  if (value == null) return null;
  const points = Array.from(requireText(value, 40093, '$indexOfCP requires a string as the first argument'));
  const part = Array.from(requireText(sought(), 40094, '$indexOfCP requires a string as the second argument'));
  const start = from ? indexArgument(from(), POSITION, '$indexOfCP: the starting index') : 0;
  const end = to ? Math.min(points.length, indexArgument(to(), POSITION, '$indexOfCP: the ending index')) : points.length;
  if (end < start) return int32(-1);
  if (points.length === 0 && part.length === 0) return int32(0);
  for (let at = start; at < end; at += 1) {
    if (part.every((point, offset) => points[at + offset] === point)) return int32(at);
  }
  return int32(-1);
}

/** What $trim removes by default: MongoDB's list of white space. */
const WHITE_SPACE = [...'\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a'];

const MAX_TRIM_BYTES = 4096;

function trimming(name: string, left: boolean, right: boolean): Parse {
  return (operand, scope) => {
    const { input, chars } = namedExpressions(name, operand, [['input', 50695], ['chars']], { notObject: 50696, unknown: 50694 }, scope);
    return derived(chars ? [input, chars] : [input], (root) => {
      const value = input.run(root);
      if (value == null) return null;
      const text = requireText(value, 50699, `${name} requires its input to be a string`);
      if (!chars) return trimmed(text, WHITE_SPACE, left, right);
      const removed = chars.run(root);
      if (removed == null) return null;
      const listed = requireText(removed, 50700, `${name} requires 'chars' to be a string`);
      if (Buffer.byteLength(listed) > MAX_TRIM_BYTES)
        throw new MongoError(12066800, `${name} requires 'chars' to be at most ${MAX_TRIM_BYTES} bytes`);
      return trimmed(text, [...listed], left, right);
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

const REPLACE_PARTS = [['input', 51749], ['find', 51748], ['replacement', 51747]] as const; // prettier-ignore

/** Not computed beforehand. */
function replacing(name: string, replace: (text: string, find: string, replacement: string) => string): Parse {
  return (operand, scope) => {
    const { input, find, replacement } = namedExpressions(name, operand, REPLACE_PARTS, { notObject: 51751, unknown: 51750 }, scope);
    return dynamic((root) => {
      const [text, sought, put] = [input.run(root), find.run(root), replacement.run(root)];
      if (text != null) requireText(text, 10503904, `${name} requires that 'input' be a string`);
      if (sought instanceof BSONRegExp) throw refusal(10503903, `${name} with a regular expression`);
      if (sought != null) requireText(sought, 10503903, `${name} requires that 'find' be a string`);
      if (put != null) requireText(put, 10503902, `${name} requires that 'replacement' be a string`);
      return text == null || sought == null || put == null ? null : replace(text as string, sought as string, put as string);
    });
  };
}

function replaceOne(text: string, find: string, replacement: string): string {
  const at = text.indexOf(find);
  return at < 0 ? text : text.slice(0, at) + replacement + text.slice(at + find.length);
}

function replaceAll(text: string, find: string, replacement: string): string {
  // MongoDB puts the replacement between bytes.
  if (find === '' && Buffer.byteLength(text) !== text.length) throw refusal(10503903, "$replaceAll of '' in text beyond ASCII");
  if (find === '') return `${replacement}${Array.from(text).join(replacement)}${text === '' ? '' : replacement}`;
  return text.split(find).join(replacement);
}

const REGEX_PARTS = [['input', 31022], ['regex', 31023], ['options']] as const; // prettier-ignore

/** Not computed beforehand, but a constant pattern is compiled before any document is seen. */
const regexMatch: Parse = (operand, scope) => {
  const { input, regex, options } = namedExpressions('$regexMatch', operand, REGEX_PARTS, { notObject: 51103, unknown: 31024 }, scope);
  return prepared(() => {
    const isFixed = scope.folds && allConstant([regex, options]);
    const fixed = isFixed ? patternTest(constantValue(regex), options && constantValue(options)) : undefined;
    return dynamic((root) => {
      const value = input.run(root);
      const test = fixed ?? patternTest(regex.run(root), options?.run(root));
      if (value != null && typeof value !== 'string') throw new MongoError(51104, "$regexMatch needs 'input' to be of type string");
      return value == null ? false : test(value);
    });
  });
};

function patternTest(regex: Item, options: Item): TextTest {
  const isRegex = regex instanceof BSONRegExp;
  if (regex != null && typeof regex !== 'string' && !isRegex)
    throw new MongoError(51105, "$regexMatch needs 'regex' to be of type string or regex");
  if (options != null && typeof options !== 'string') throw new MongoError(51106, "$regexMatch needs 'options' to be of type string");
  if (isRegex && regex.options !== '' && options != null)
    throw new MongoError(51107, "$regexMatch: found regex option(s) specified in both 'regex' and 'option' fields");
  const pattern = isRegex ? regex.pattern : regex;
  if (pattern?.includes('\0') === true) throw new MongoError(51109, '$regexMatch: regular expression cannot contain an embedded null byte');
  if (options?.includes('\0') === true) throw new MongoError(51110, '$regexMatch: options cannot contain an embedded null byte');
  if (pattern == null) return () => false;
  return compileRegex(pattern, isRegex && regex.options !== '' ? regex.options : (options ?? ''));
}

export const STRINGS = {
  $concat: variadic('$concat', concat, { associative: 'full' }),
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
