// Regular expressions of MongoDB (PCRE2, UTF mode) as JavaScript ones. Constructs that mean the same are passed on, those that differ are
// rewritten, and those without an exact counterpart are refused: a pattern never silently means something else.
import { MongoError, refusal } from '../errors.js';

/** Tests a text; may throw a refusal for the two letters whose case folding differs between the engines. */
export type TextTest = (text: string) => boolean;

const END = '(?=\\n?$)';
const WORD = '0-9A-Za-z_';
const SPACE = '\\t\\n\\v\\f\\r ';
const SYNTAX = /[$(-+.?[-^{|}/]/;

/** Where the translation of one pattern stands. */
interface Translation {
  readonly pattern: string;
  at: number;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly extended: boolean;
  /** Depends on which letters are word characters. */
  usesWord: boolean;
}

/**
 * Compiles a pattern with MongoDB's options (i, m, s, x, u). Errors: BadValue for unknown options (51108) and malformed patterns (51091) as
 * MongoDB gives them, a refusal for constructs that JavaScript does not have.
 */
export function compileRegex(pattern: string, options: string): TextTest {
  const unknown = /[^imsxu]/.exec(options);
  if (unknown) throw new MongoError(51108, `invalid flag in regex options: ${unknown[0]}`);
  const inline = /^\(\?([imsx]+)\)/.exec(pattern);
  const flags = options + (inline?.[1] ?? '');
  const state: Translation = {
    pattern,
    at: inline?.[0].length ?? 0,
    multiline: flags.includes('m'),
    dotAll: flags.includes('s'),
    extended: flags.includes('x'),
    usesWord: false,
  };
  const ignoreCase = flags.includes('i');
  const source = translate(state);
  const regex = build(pattern, source, ignoreCase ? 'iu' : 'u');
  if (!ignoreCase || !state.usesWord) return (text) => regex.test(text);
  return (text) => {
    if (/[\u017f\u212a]/.test(text)) throw refusal('BadValue', 'A case-insensitive \\w or \\b on text with U+017F or U+212A');
    return regex.test(text);
  };
}

function build(pattern: string, source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new MongoError(51091, `Regular expression is invalid or not supported by the embedded engine (MONGODB_URI has all): ${pattern}`);
  }
}

function translate(state: Translation): string {
  let out = '';
  while (state.at < state.pattern.length) out += translateNext(state);
  return out;
}

function translateNext(state: Translation): string {
  const rest = state.pattern.slice(state.at);
  const char = rest[0] ?? '';
  switch (char) {
    case '\\':
      return translateEscape(state, false);
    case '[':
      return translateClass(state);
    case '(':
      return translateGroup(state, rest);
    case '*':
    case '+':
    case '?':
    case '{':
      return translateQuantifier(state, rest);
    default:
      state.at += 1;
      return translateChar(state, char, rest);
  }
}

function translateChar(state: Translation, char: string, rest: string): string {
  if (char === '.') return state.dotAll ? '[\\s\\S]' : '[^\\n]';
  if (char === '^') return state.multiline ? '(?:^|(?<=\\n)(?=[\\s\\S]))' : '^';
  if (char === '$') return state.multiline ? '(?=\\n|$)' : END;
  if (char === ']' || char === '}') return `\\${char}`;
  if (state.extended && /[ \t\n\v\f\r]/.test(char)) return '';
  if (state.extended && char === '#') {
    const lineEnd = rest.indexOf('\n');
    state.at += (lineEnd < 0 ? rest.length : lineEnd + 1) - 1;
    return '';
  }
  return char;
}

function translateGroup(state: Translation, rest: string): string {
  const opening = /^\((?:\?(?:[:=!]|<[A-Za-z_]\w*>))?/.exec(rest)?.[0] ?? '(';
  const following = rest[opening.length];
  if (opening === '(' && (following === '?' || following === '*')) throw unsupported(rest.slice(0, 4));
  state.at += opening.length;
  return opening;
}

function translateQuantifier(state: Translation, rest: string): string {
  const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(rest)?.[0];
  if (quantifier === undefined) {
    if (/^\{\s*,?\s*\d/.test(rest)) throw unsupported(rest.slice(0, 4));
    state.at += 1;
    return '\\{';
  }
  const suffix = rest[quantifier.length];
  if (suffix === '+') throw unsupported(rest.slice(0, quantifier.length + 1));
  const whole = suffix === '?' ? `${quantifier}?` : quantifier;
  if (state.extended && /^[ \t\n\v\f\r#]/.test(rest.slice(whole.length))) throw unsupported('space after a quantifier');
  state.at += whole.length;
  return whole;
}

function translateEscape(state: Translation, inClass: boolean): string {
  const rest = state.pattern.slice(state.at);
  const char = rest[1];
  if (char === undefined) throw new MongoError(51091, 'Regular expression is invalid: \\ at end of pattern');
  const long = /^\\(?:x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|[pP](?:\{\^?[A-Za-z]{1,2}\}|[A-Z]))/.exec(rest);
  if (long) {
    state.at += long[0].length;
    return long[1] === undefined && long[2] === undefined ? property(long[0]) : `\\u{${long[1] ?? long[2] ?? ''}}`;
  }
  state.at += 2;
  if ('nrtfd'.includes(char) || (char === 'D' && !inClass)) return `\\${char}`;
  const special = inClass ? classEscape(state, char) : plainEscape(state, char);
  if (special !== undefined) return special;
  if (/[A-Za-z0-9]/.test(char)) throw unsupported(`\\${char}`);
  if (char === '-') return inClass ? '\\-' : '-';
  return SYNTAX.test(char) ? `\\${char}` : char;
}

function plainEscape(state: Translation, char: string): string | undefined {
  state.usesWord ||= 'wWbB'.includes(char);
  const plain: Readonly<Record<string, string>> = {
    w: `[${WORD}]`,
    W: `[^${WORD}]`,
    s: `[${SPACE}]`,
    S: `[^${SPACE}]`,
    b: '\\b',
    B: '\\B',
    A: '(?<![\\s\\S])',
    z: '(?![\\s\\S])',
    Z: END,
    e: '\\x1b',
    a: '\\x07',
  };
  return plain[char];
}

function classEscape(state: Translation, char: string): string | undefined {
  state.usesWord ||= char === 'w';
  const inside: Readonly<Record<string, string>> = { w: WORD, s: SPACE, b: '\\x08', e: '\\x1b', a: '\\x07' };
  return inside[char];
}

/** `\pL` and `\p{Lu}`: general categories mean the same in both engines. */
function property(text: string): string {
  const name = text.slice(2).replace(/[{}]/g, '');
  if (name.startsWith('^')) throw unsupported(text);
  return `\\${text[1] ?? 'p'}{${name}}`;
}

function translateClass(state: Translation): string {
  const { pattern } = state;
  let out = '[';
  state.at += 1;
  if (pattern[state.at] === '^') {
    out += '^';
    state.at += 1;
  }
  const first = state.at;
  while (pattern[state.at] !== ']' || state.at === first) {
    const char = pattern[state.at];
    if (char === undefined) throw new MongoError(51091, 'Regular expression is invalid: missing terminating ] for character class');
    if (char === '[' && /[:.=]/.test(pattern[state.at + 1] ?? '')) throw unsupported('[[:class:]]');
    if (char === '\\') {
      const set = /[wsdpP]/.test(pattern[state.at + 1] ?? '');
      if (set && out.length > 1 && pattern[state.at - 1] === '-') throw unsupported('a range that ends in a class');
      out += translateEscape(state, true);
      if (set && pattern[state.at] === '-' && pattern[state.at + 1] !== ']') throw unsupported('a range that begins with a class');
      continue;
    }
    state.at += 1;
    out += char === ']' || char === '[' || (char === '^' && out.length > 1) ? `\\${char}` : char;
  }
  state.at += 1;
  return `${out}]`;
}

function unsupported(what: string): MongoError {
  return refusal(51091, `The construct ${what} in a regular expression`);
}

/**
 * The literal text that every match must begin with, when the pattern is anchored, case-sensitive and plain: what an index can use.
 */
export function literalPrefix(pattern: string, options: string): string | undefined {
  if (options !== '' || !pattern.startsWith('^') || pattern.includes('|')) return undefined;
  const prefix = /^\^((?:[^\\^$.|?*+()[\]{}]|\\[^A-Za-z0-9])*)/.exec(pattern)?.[1] ?? '';
  const next = pattern[prefix.length + 1] ?? '';
  const literal = prefix.replace(/\\(.)/gs, '$1');
  if (!/[*?{]/.test(next)) return literal === '' ? undefined : literal;
  const shorter = Array.from(literal).slice(0, -1).join('');
  return shorter === '' ? undefined : shorter;
}
