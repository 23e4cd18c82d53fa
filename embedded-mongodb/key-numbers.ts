// Numbers of all four BSON types as bytes whose order is the numeric order, with equal bytes exactly for equal numbers: the nearest
// double with its bits flipped into order, then an exact tail for what that double cannot hold (large int64, most decimals).
import { toExactDecimal } from './bson/decimal-convert.js';
import { Int32, type NumberValue } from './bson/types.js';

const TAIL_ZERO = 0x80;
const TAIL_POSITIVE = 0x81;
const TAIL_NEGATIVE = 0x7f;
/** Added to a tail's decimal exponent to make it positive; exponents lie within about -6,200 and 6,200. */
const EXPONENT_BIAS = 16_384;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Gives the bytes of the number to `push`, in one or two parts that must be copied at once. */
export function encodeNumber(value: NumberValue, push: (bytes: Uint8Array) => void): void {
  if (typeof value === 'number') return pushDouble(value, push);
  if (value instanceof Int32) return pushDouble(value.value, push);
  if (typeof value === 'bigint' && value <= SAFE && value >= -SAFE) return pushDouble(Number(value), push);
  const exact = toExactDecimal(value);
  if (exact.kind !== 'finite') return pushDouble(exact.kind === 'nan' ? NaN : exact.negative ? -Infinity : Infinity, push);
  const near = Number(value.toString());
  return pushExact(value, Math.abs(near) === Infinity ? Math.sign(near) * Number.MAX_VALUE : near, push);
}

const scratch = Buffer.alloc(9);

function pushDouble(value: number, push: (bytes: Uint8Array) => void, tail = TAIL_ZERO): void {
  if (Number.isNaN(value)) {
    scratch.fill(0, 0, 8);
  } else {
    scratch.writeDoubleBE(value === 0 ? 0 : value, 0);
    if (value < 0) for (let index = 0; index < 8; index += 1) scratch[index] = ~(scratch[index] ?? 0);
    else scratch[0] = (scratch[0] ?? 0) ^ 0x80;
  }
  scratch[8] = tail;
  push(scratch);
}

/** The nearest double and, where it is not the number itself, the decimal digits of what is missing. */
function pushExact(value: NumberValue, near: number, push: (bytes: Uint8Array) => void): void {
  const exact = toExactDecimal(value);
  const rounded = toExactDecimal(near);
  const exponent = Math.min(exact.exponent, rounded.exponent);
  const scaled = (part: typeof exact): bigint => (part.negative ? -1n : 1n) * part.coefficient * 10n ** BigInt(part.exponent - exponent);
  const rest = scaled(exact) - scaled(rounded);
  if (rest === 0n) return pushDouble(near, push);
  const negative = rest < 0n;
  pushDouble(near, push, negative ? TAIL_NEGATIVE : TAIL_POSITIVE);
  const all = (negative ? -rest : rest).toString();
  const digits = all.replace(/0+$/, '');
  const tail = Buffer.alloc(digits.length + 3); // the last byte stays 0: it ends the digits
  tail.writeUInt16BE(exponent + all.length + EXPONENT_BIAS, 0);
  tail.write(digits, 2, 'latin1');
  push(negative ? tail.map((byte) => ~byte) : tail);
}
