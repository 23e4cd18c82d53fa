// Values as text the way MongoDB writes them into error messages, e.g. `{ email: "a@b.c", n: 1.0 }`.
import { Binary, BSONRegExp, Code, Decimal128, Int32, MinKey, ObjectId, Timestamp, type Value } from './bson/index.js';

/** The text of a value; `undefined` is what an index holds for an empty array. */
export function showValue(value: Value | undefined): string {
  if (value === undefined) return 'undefined';
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return `"${value}"`;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      if (Object.is(value, -0)) return '-0.0';
      return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : showDouble(value);
    default:
      return showObject(value);
  }
}

/** As C's `%.16g` writes it. */
function showDouble(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = Math.abs(value) < 1e-4 ? value.toExponential(15) : value.toPrecision(16);
  const [mantissa = '', exponent] = text.split('e');
  const digits = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return exponent === undefined ? digits : `${digits}e${exponent.replace(/^([+-])(?=\d$)/, (sign) => `${sign}0`)}`;
}

function showObject(value: Exclude<Value, null | string | boolean | bigint | number>): string {
  if (value instanceof Map) {
    const fields = [...value].map(([name, field]) => `${name}: ${showValue(field)}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(showValue).join(', ')} ]`;
  if (value instanceof Int32) return String(value.value);
  if (value instanceof Decimal128) return value.toString();
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Binary) return showBinary(value);
  if (value instanceof Timestamp) return `Timestamp(${value.t}, ${value.i})`;
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (value instanceof Code) return value.code;
  return value instanceof MinKey ? 'MinKey' : 'MaxKey';
}

function showBinary(value: Binary): string {
  const hex = Buffer.from(value.buffer.subarray(0, value.length())).toString('hex');
  if (value.sub_type === Binary.SUBTYPE_UUID && hex.length === 32) {
    return `UUID("${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}")`;
  }
  return `BinData(${value.sub_type}, ${hex.toUpperCase()})`;
}
