// A value as the source text of a differential case, so that what the fuzz finds can be pasted into test/engine/differential/cases.
import * as bson from 'bson';

export function source(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(source).join(', ')}]`;
  if (value instanceof Map) return mapSource(value as Map<string, unknown>);
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  const known = bsonSource(value);
  if (known !== undefined) return known;
  return `{ ${Object.entries(value)
    .map(([name, inner]) => `${fieldName(name)}: ${source(inner)}`)
    .join(', ')} }`;
}

function fieldName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** A plain object where that keeps the order of the fields and their names. */
function mapSource(map: Map<string, unknown>): string {
  const plain = [...map.keys()].every((name) => !/^(?:\d+|__proto__)$/.test(name));
  if (plain) return `{ ${[...map].map(([name, inner]) => `${fieldName(name)}: ${source(inner)}`).join(', ')} }`;
  return `new Map<string, unknown>([${[...map].map(([name, inner]) => `[${JSON.stringify(name)}, ${source(inner)}]`).join(', ')}])`;
}

function bsonSource(value: object): string | undefined {
  if (value instanceof bson.Double) return `F(${Object.is(value.value, -0) ? '-0' : value.value})`;
  if (value instanceof bson.Long) return `L('${value.toString()}')`;
  if (value instanceof bson.Decimal128) return `D('${value.toString()}')`;
  if (value instanceof bson.Timestamp) return `new bson.Timestamp({ t: ${value.t}, i: ${value.i} })`;
  if (value instanceof bson.ObjectId) return `new bson.ObjectId('${value.toHexString()}')`;
  if (value instanceof bson.Binary) return `new bson.Binary(Buffer.from('${value.toString('hex')}', 'hex'), ${value.sub_type})`;
  if (value instanceof bson.BSONRegExp) return `new bson.BSONRegExp(${JSON.stringify(value.pattern)}, '${value.options}')`;
  if (value instanceof bson.Code) return `new bson.Code(${JSON.stringify(value.code)})`;
  if (value instanceof bson.MinKey) return 'new bson.MinKey()';
  return value instanceof bson.MaxKey ? 'new bson.MaxKey()' : undefined;
}
