// Values as canonical extended JSON in the order they have: the text that answers are compared by.
import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  type Doc,
  Int32,
  MinKey,
  ObjectId,
  Timestamp,
  type Value,
} from '../../../embedded-mongodb/bson/index.js';

export function show(value: Value): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      return `{"$numberDouble":"${Object.is(value, -0) ? '-0' : value}"}`;
    case 'bigint':
      return `{"$numberLong":"${value}"}`;
    default:
      return showObject(value);
  }
}

function showObject(value: Exclude<Value, string | boolean | number | bigint>): string {
  if (value === null) return 'null';
  if (value instanceof Map) return `{${[...value].map(([name, item]) => `${JSON.stringify(name)}:${show(item)}`).join(',')}}`;
  if (Array.isArray(value)) return `[${value.map(show).join(',')}]`;
  if (value instanceof Int32) return `{"$numberInt":"${value.value}"}`;
  if (value instanceof Date) return `{"$date":"${value.getTime()}"}`;
  if (value instanceof ObjectId) return `{"$oid":"${value.toHexString()}"}`;
  if (value instanceof Decimal128) return `{"$numberDecimal":"${value.toString()}"}`;
  if (value instanceof Binary) return `{"$binary":"${Buffer.from(value.buffer).toString('base64')}","subType":${value.sub_type}}`;
  if (value instanceof Timestamp) return `{"$timestamp":[${value.t},${value.i}]}`;
  if (value instanceof BSONRegExp) return `{"$regularExpression":[${JSON.stringify(value.pattern)},"${value.options}"]}`;
  if (value instanceof Code) return `{"$code":${JSON.stringify(value.code)}}`;
  return value instanceof MinKey ? '{"$minKey":1}' : '{"$maxKey":1}';
}

export function showAll(docs: Iterable<Doc>): string[] {
  return [...docs].map(show);
}
