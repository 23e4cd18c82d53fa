// Vectors as BSON holds them: arrays of numbers, or MongoDB's packed vectors (binary subtype 9).
import { Binary, directValue, type Doc, Int32, isArray, type Value } from '../bson/index.js';

/**
 * Reads the vector at a path into `target`; false where there is none of its size, and inside an array of documents, where Atlas does not look.
 */
export function readVectorAt(doc: Doc, path: readonly string[], target: Float32Array): boolean {
  const value = directValue(doc, path);
  if (isArray(value)) return value.length === target.length && readNumbers(value, target);
  const packed = value instanceof Binary ? packedVector(value) : undefined;
  if (packed?.length !== target.length) return false;
  target.set(packed);
  return allFinite(target);
}

/** A value as a vector: int32, int64 or double numbers, or packed float32; all finite as float32. Absent when it is anything else. */
export function vectorOf(value: Value): Float32Array | undefined {
  if (isArray(value)) {
    const vector = new Float32Array(value.length);
    return readNumbers(value, vector) ? vector : undefined;
  }
  const packed = value instanceof Binary ? packedVector(value) : undefined;
  return packed && allFinite(packed) ? packed : undefined;
}

function packedVector(value: Binary): Float32Array | undefined {
  if (value.sub_type !== Binary.SUBTYPE_VECTOR || value.buffer[0] !== Binary.VECTOR_TYPE.Float32) return undefined;
  const wellFormed = value.buffer[1] === 0 && value.position % Float32Array.BYTES_PER_ELEMENT === 2; // type, padding, then whole floats
  return wellFormed ? value.toFloat32Array() : undefined;
}

function readNumbers(values: readonly Value[], target: Float32Array): boolean {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as Value;
    if (typeof value === 'number') target[index] = value;
    else if (value instanceof Int32) target[index] = value.value;
    else if (typeof value === 'bigint') target[index] = Number(value);
    else return false;
  }
  return allFinite(target);
}

function allFinite(vector: Float32Array): boolean {
  let sum = 0;
  for (let index = 0; index < vector.length; index += 1) sum += (vector[index] as number) * 0; // NaN from any number that is not finite
  return sum === 0;
}
