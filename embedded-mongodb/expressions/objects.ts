// Expressions on documents: merging, fields by name, conversion to and from arrays of pairs, and types.
import { type Doc, isArray, isDoc, isNumber, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { mergeFold } from '../accumulators/folds.js';
import { fromSlots, withSlots } from '../slots.js';
import { namedExpressions, unary } from './build.js';
import { over } from './totals.js';
import { constant, constantValue, dynamic, type Expr, type Parse, parseExpression, type Scope } from './types.js';

type Item = Value | undefined;

function typeName(value: Item): string {
  return value === undefined ? 'missing' : typeOf(value);
}

function objectToArray(value: Item): Item {
  if (value == null) return null;
  if (!isDoc(value)) throw new MongoError(40390, `$objectToArray requires a document input, found: ${typeName(value)}`);
  return [...value].map(
    ([k, v]) =>
      new Map<string, Value>([
        ['k', k],
        ['v', v],
      ]),
  );
}

function arrayToObject(value: Item): Item {
  if (value == null) return null;
  if (!isArray(value)) throw new MongoError(40386, `$arrayToObject requires an array input, found: ${typeName(value)}`);
  const result: Doc = new Map();
  const asPairs = isArray(value[0]);
  if (value.length > 0 && !asPairs && !isDoc(value[0]))
    throw new MongoError(40398, `Unrecognised input type format for $arrayToObject: ${typeName(value[0])}`);
  for (const item of value) {
    const [name, field] = asPairs ? pairOf(item) : keyedPairOf(item);
    if (name.includes('\0')) throw new MongoError(asPairs ? 4940400 : 4940401, 'Key field cannot contain an embedded null byte');
    result.set(name, field);
  }
  return fromSlots([...result]);
}

function pairOf(item: Value): [string, Value] {
  if (!isArray(item))
    throw new MongoError(40396, '$arrayToObject requires a consistent input format. Elements must all be arrays or all be objects.');
  if (item.length !== 2)
    throw new MongoError(40397, `$arrayToObject requires an array of size 2 arrays,found array of size: ${item.length}`);
  const [name, field] = item as [Value, Value];
  if (typeof name !== 'string')
    throw new MongoError(40395, '$arrayToObject requires an array of key-value pairs, where the key must be of type string.');
  return [name, field];
}

function keyedPairOf(item: Value): [string, Value] {
  if (!isDoc(item))
    throw new MongoError(40391, '$arrayToObject requires a consistent input format. Elements must all be arrays or all be objects.');
  if (item.size !== 2)
    throw new MongoError(40392, `$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of keys:${item.size}`);
  const name = item.get('k');
  const field = item.get('v');
  if (name === undefined || field === undefined) throw new MongoError(40393, "$arrayToObject requires an object with keys 'k' and 'v'.");
  if (typeof name !== 'string')
    throw new MongoError(40394, "$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type string.");
  return [name, field];
}

const FIELD_AND_INPUT = [['field', 3041702], ['input', 3041703]] as const; // prettier-ignore

/** Not computed beforehand, not even its arguments. A name alone is a field of the document. */
const getField: Parse = (operand, outer) => {
  const scope: Scope = { ...outer, faults: [], folds: false };
  const named = isDoc(operand) && !operand.keys().next().value?.startsWith('$');
  const { field, input } = named
    ? namedExpressions('$getField', operand, FIELD_AND_INPUT, { notObject: 3041701, unknown: 3041701 }, scope)
    : { field: parseExpression(operand, scope), input: parseExpression('$$CURRENT', scope) };
  return dynamic((root) => {
    const name = fieldName(field.run(root));
    const value = input.run(root);
    if (value === null) return null;
    return isDoc(value) ? value.get(name) : undefined;
  });
};

function fieldName(name: Item): string {
  if (typeof name !== 'string')
    throw new MongoError(3041704, `$getField requires 'field' to evaluate to type String, but got ${typeName(name)}`);
  return name;
}

const UNSET_PARTS = [['field', 4161102], ['input', 4161109]] as const; // prettier-ignore
const SET_PARTS = [...UNSET_PARTS, ['value', 4161103]] as const; // prettier-ignore

/** Not computed beforehand, not even its arguments. */
function fieldSetter(name: '$setField' | '$unsetField'): Parse {
  return (operand, outer) => {
    const scope: Scope = { ...outer, faults: [], folds: false };
    let field = '';
    const own = {
      field: (value: Value): Expr => {
        field = constantField(value, name, scope);
        return constant(field);
      },
    };
    const codes = { notObject: 4161100, unknown: 4161101 };
    const { input, value }: { input: Expr; value?: Expr } =
      name === '$setField'
        ? namedExpressions(name, operand, SET_PARTS, codes, scope, own)
        : namedExpressions(name, operand, UNSET_PARTS, codes, scope, own);
    return dynamic((root) => {
      const object = input.run(root);
      if (object == null) return null;
      if (!isDoc(object)) throw new MongoError(4161105, `${name} requires 'input' to evaluate to type Object`);
      const next = value?.run(root);
      return withSlots(object, [[field, next]]);
    });
  };
}

function constantField(value: Value, name: string, scope: Scope): string {
  if (typeof value === 'string' && value.startsWith('$'))
    throw new MongoError(4161108, `'${value}' is a field path reference which is not allowed in this context.`);
  const expr = parseExpression(value, scope);
  const [operator = ''] = isDoc(value) ? value.keys() : ['$const'];
  if (isArray(value) || !['$const', '$literal'].includes(operator) || !expr.constant)
    throw new MongoError(4161106, `${name} requires 'field' to evaluate to a constant, but got a non-constant argument`);
  const field = constantValue(expr);
  if (typeof field !== 'string')
    throw new MongoError(4161107, `${name} requires 'field' to evaluate to type String, but got ${typeName(field)}`);
  if (field.includes('\0')) throw new MongoError(9534700, `${name} requires 'field' to be without null bytes`);
  return field;
}

export const OBJECTS = {
  $arrayToObject: unary('$arrayToObject', arrayToObject),
  $getField: getField,
  $isNumber: unary('$isNumber', (value) => isNumber(value)),
  $mergeObjects: over('$mergeObjects', mergeFold, { associative: 'none' }),
  $objectToArray: unary('$objectToArray', objectToArray),
  $setField: fieldSetter('$setField'),
  $type: unary('$type', typeName),
  $unsetField: fieldSetter('$unsetField'),
} satisfies Record<string, Parse>;
