// Vectors as BSON holds them: arrays of numbers, or MongoDB's packed vectors (binary subtype 9).
import { Binary, Decimal128, directValue, type Doc, Int32, isArray, isNumber, type Value } from '../bson/index.js';

/** The vector at a path; absent where there is none of this size, or inside an array of documents, as Atlas documents. */
export function vectorAt(doc: Doc, path: readonly string[], dimensions: number): Float32Array | undefined {
  const vector = vectorOf(directValue(doc, path));
  return vector?.length === dimensions ? vector : undefined;
}

/** A value as a vector: finite int32, int64 or double numbers, or packed float32. Absent when it is anything else. */
export function vectorOf(value: Value | undefined): Float32Array | undefined {
  const vector = value instanceof Binary ? packedVector(value) : isArray(value) ? numbers(value) : undefined;
  return vector?.every(Number.isFinite) ? vector : undefined;
}

function packedVector(value: Binary): Float32Array | undefined {
  if (value.sub_type !== Binary.SUBTYPE_VECTOR || value.buffer[0] !== Binary.VECTOR_TYPE.Float32) return undefined;
  const wellFormed = value.buffer[1] === 0 && value.position % Float32Array.BYTES_PER_ELEMENT === 2; // a byte of padding, then whole floats
  return wellFormed ? value.toFloat32Array() : undefined;
}

function numbers(values: readonly Value[]): Float32Array | undefined {
  const vector = new Float32Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as Value;
    if (typeof value === 'number') vector[index] = value;
    else if (value instanceof Int32) vector[index] = value.value;
    else if (isNumber(value) && !(value instanceof Decimal128)) vector[index] = Number(value);
    else return undefined;
  }
  return vector;
}
