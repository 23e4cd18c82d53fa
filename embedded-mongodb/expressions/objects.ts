// Expressions on documents: merging, fields by name, conversion to and from arrays of pairs, and types.
import { type Doc, isArray, isDoc, isNumber, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { mergeFold } from '../accumulators/folds.js';
import { namedArguments, unary, variadic } from './build.js';
import { constantValue, derived, type Expr, type Parse, parseExpression, type Scope } from './types.js';

type Item = Value | undefined;

function typeName(value: Item): string {
  return value === undefined ? 'missing' : typeOf(value);
}

function mergeObjects(values: Iterable<Item>): Item {
  const all = [...values];
  const [only] = all;
  const fold = mergeFold();
  for (const value of all.length === 1 && isArray(only) ? only : all) fold.add(value);
  return fold.result();
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
    if (name.includes('\0')) throw new MongoError(4940400, 'Key field cannot contain an embedded null byte');
    result.set(name, field);
  }
  return result;
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

const getField: Parse = (operand, scope) => {
  const named =
    isDoc(operand) && [...operand.keys()].every((key) => !key.startsWith('$'))
      ? operand
      : new Map<string, Value>([
          ['field', operand],
          ['input', '$$CURRENT'],
        ]);
  for (const key of named.keys())
    if (key !== 'field' && key !== 'input') throw new MongoError(3041701, `$getField found an unknown argument: ${key}`);
  const fieldValue = named.get('field');
  const inputValue = named.get('input');
  if (fieldValue === undefined) throw new MongoError(3041702, "$getField requires 'field' to be specified");
  if (inputValue === undefined) throw new MongoError(3041703, "$getField requires 'input' to be specified");
  const field = parseExpression(fieldValue, scope);
  const input = parseExpression(inputValue, scope);
  if (field.constant) checkFieldName(constantValue(field));
  return derived([field, input], (root) => {
    const name = checkFieldName(field.run(root));
    const value = input.run(root);
    if (value === null) return null;
    return isDoc(value) ? value.get(name) : undefined;
  });
};

function checkFieldName(name: Item): string {
  if (typeof name !== 'string')
    throw new MongoError(3041704, `$getField requires 'field' to evaluate to type String, but got ${typeName(name)}`);
  return name;
}

function fieldSetter(name: '$setField' | '$unsetField'): Parse {
  const withValue = name === '$setField';
  return (operand, scope) => {
    const known = withValue ? ['field', 'input', 'value'] : ['field', 'input'];
    const named = namedArguments(name, operand, known, [], { notObject: 4161100, unknown: 4161101, missing: 0 });
    const field = constantField(named.get('field'), name, scope);
    const input = part(named, 'input', 4161109, name, scope);
    const value = withValue ? part(named, 'value', 4161103, name, scope) : undefined;
    return derived(value ? [input, value] : [input], (root) => {
      const object = input.run(root);
      if (object == null) return null;
      if (!isDoc(object)) throw new MongoError(4161105, `${name} requires 'input' to evaluate to type Object`);
      const result = new Map(object);
      const next = value?.run(root);
      if (next === undefined) result.delete(field);
      else result.set(field, next);
      return result;
    });
  };
}

function part(named: Doc, key: string, code: number, name: string, scope: Scope): Expr {
  const value = named.get(key);
  if (value === undefined) throw new MongoError(code, `${name} requires '${key}' to be specified`);
  return parseExpression(value, scope);
}

function constantField(value: Value | undefined, name: string, scope: Scope): string {
  if (value === undefined) throw new MongoError(4161102, `${name} requires 'field' to be specified`);
  if (typeof value === 'string' && value.startsWith('$'))
    throw new MongoError(4161108, `'${value}' is a field path reference which is not allowed in this context.`);
  const expr = parseExpression(value, scope);
  if (!expr.constant) throw new MongoError(4161106, `${name} requires 'field' to evaluate to a constant, but got a non-constant argument`);
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
  $mergeObjects: variadic(mergeObjects),
  $objectToArray: unary('$objectToArray', objectToArray),
  $setField: fieldSetter('$setField'),
  $type: unary('$type', typeName),
  $unsetField: fieldSetter('$unsetField'),
} satisfies Record<string, Parse>;
