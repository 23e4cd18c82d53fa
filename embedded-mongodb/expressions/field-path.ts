// Field paths ("$a.b") and variables ("$$name.a.b") of expressions. Unlike filters, a path maps over arrays and never takes an index.
import { isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { constant, dynamic, type Expr, type Scope } from './types.js';

/** Parses text that begins with `$`. */
export function fieldPath(text: string, scope: Scope): Expr {
  if (!text.startsWith('$$')) {
    const parts = pathParts(text.slice(1));
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return dynamic((root) => root.get(only));
    return dynamic((root) => valueAt(root, parts, 0));
  }
  const [name = '', ...rest] = text.slice(2).split('.');
  checkReadName(name);
  return variable(name, scope, () => (rest.length === 0 ? [] : pathParts(rest.join('.'), text)));
}

/** The components of a path. Errors: MongoDB's for empty and `$` components. */
export function pathParts(path: string, whole = path): string[] {
  if (whole === '') throw new MongoError(16872, "'$' by itself is not a valid FieldPath");
  const parts = path.split('.');
  for (const part of parts) {
    if (part === '') throw new MongoError(whole.endsWith('.') ? 40353 : 15998, 'FieldPath field names may not be empty strings.');
    if (part.startsWith('$'))
      throw new MongoError(16410, `FieldPath field names may not start with '$'. Consider using $getField or $setField.`);
    if (part.includes('\0')) throw new MongoError(16411, 'FieldPath field names may not contain null bytes.');
  }
  return parts;
}

function variable(name: string, scope: Scope, path: () => readonly string[]): Expr {
  const cell = scope.variables.get(name);
  if (cell) {
    cell.used = true;
    const parts = path();
    return cell.constant === true ? constant(valueAt(cell.value, parts, 0)) : dynamic(() => valueAt(cell.value, parts, 0));
  }
  switch (name) {
    case 'ROOT':
    case 'CURRENT': {
      const parts = path();
      return dynamic((root) => valueAt(root, parts, 0));
    }
    case 'NOW':
      return constant(path().length === 0 ? scope.now : undefined);
    case 'REMOVE':
      path();
      return constant(undefined);
    default:
      throw new MongoError(17276, `Use of undefined variable: ${name}`);
  }
}

const NAME_REST = /^.[A-Za-z0-9_\u0080-\uffff]*$/s;

/** Names of variables where they are read: those of the system begin with an upper-case letter. */
function checkReadName(name: string): void {
  if (name === '') throw new MongoError('FailedToParse', 'empty variable names are not allowed');
  if (!/^[A-Za-z\u0080-\uffff]/.test(name))
    throw new MongoError('FailedToParse', `'${name}' starts with an invalid character for a variable name`);
  if (!NAME_REST.test(name)) throw new MongoError('FailedToParse', `'${name}' contains an invalid character for a variable name`);
}

/** User variables begin with a lower-case letter. */
export function checkVariableName(name: string): void {
  if (name === '') throw new MongoError('FailedToParse', 'empty variable names are not allowed');
  if (!/^[a-z\u0080-\uffff]/.test(name))
    throw new MongoError('FailedToParse', `'${name}' starts with an invalid character for a user variable name`);
  if (!NAME_REST.test(name)) throw new MongoError('FailedToParse', `'${name}' contains an invalid character for a variable name`);
}

/** The value at a path: through documents, and through each document of an array (which gives an array). */
export function valueAt(value: Value | undefined, parts: readonly string[], at: number): Value | undefined {
  let current = value;
  for (let index = at; index < parts.length; index += 1) {
    if (isDoc(current)) current = current.get(parts[index] as string);
    else return isArray(current) ? valuesIn(current, parts, index) : undefined;
  }
  return current;
}

function valuesIn(array: readonly Value[], parts: readonly string[], at: number): Value[] {
  const found: Value[] = [];
  for (const item of array) {
    if (!isDoc(item)) continue;
    const value = valueAt(item, parts, at);
    if (value !== undefined) found.push(value);
  }
  return found;
}
