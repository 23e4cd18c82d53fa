// The vectors of one field of a collection as packed floats in memory, kept in step with writes, so that an exact search is one pass
// over contiguous numbers.
import { Binary, Decimal128, type Doc, directValue, Int32, isArray, isNumber, type Value } from '../bson/index.js';

const FIRST_CAPACITY = 256;

export class VectorCache {
  private vectors: Float32Array;
  /** Length of each vector, for cosine. */
  private norms: Float32Array;
  private records: number[] = [];
  private readonly positions = new Map<number, number>();
  private readonly path: readonly string[];

  constructor(
    path: string,
    readonly dimensions: number,
  ) {
    this.path = path.split('.');
    this.vectors = new Float32Array(FIRST_CAPACITY * dimensions);
    this.norms = new Float32Array(FIRST_CAPACITY);
  }

  get size(): number {
    return this.records.length;
  }

  /** Takes in a document's vector, replacing its earlier one; documents without a proper vector are left out, as Atlas does. */
  write(record: number, doc: Doc): void {
    const values = vectorOf(directValue(doc, this.path), this.dimensions);
    if (!values) {
      this.remove(record);
      return;
    }
    let position = this.positions.get(record);
    if (position === undefined) {
      position = this.records.length;
      this.grow(position + 1);
      this.records.push(record);
      this.positions.set(record, position);
    }
    this.vectors.set(values, position * this.dimensions);
    this.norms[position] = Math.sqrt(dot(values, values, 0, this.dimensions));
  }

  /** Forgets a record; the last vector takes its place. */
  remove(record: number): void {
    const position = this.positions.get(record);
    if (position === undefined) return;
    const last = this.records.length - 1;
    const moved = this.records[last] as number;
    this.vectors.copyWithin(position * this.dimensions, last * this.dimensions, (last + 1) * this.dimensions);
    this.norms[position] = this.norms[last] ?? 0;
    this.records[position] = moved;
    this.positions.set(moved, position);
    this.records.pop();
    this.positions.delete(record);
  }

  /** Calls `visit` with each record, its dot product with the query, and its length. */
  forEachDot(query: Float32Array, visit: (record: number, product: number, norm: number) => void): void {
    const { vectors, dimensions } = this;
    for (let position = 0; position < this.records.length; position += 1) {
      visit(this.records[position] as number, dot(query, vectors, position * dimensions, dimensions), this.norms[position] ?? 0);
    }
  }

  private grow(count: number): void {
    if (count <= this.norms.length) return;
    const capacity = this.norms.length * 2;
    const vectors = new Float32Array(capacity * this.dimensions);
    vectors.set(this.vectors);
    const norms = new Float32Array(capacity);
    norms.set(this.norms);
    this.vectors = vectors;
    this.norms = norms;
  }
}

/** A value as a vector: an array of exactly `dimensions` finite numbers, or BSON's packed float32 vector. */
export function vectorOf(value: Value | undefined, dimensions: number): Float32Array | undefined {
  if (value instanceof Binary && value.sub_type === Binary.SUBTYPE_VECTOR) return packedVector(value, dimensions);
  if (!isArray(value) || value.length !== dimensions) return undefined;
  const result = new Float32Array(dimensions);
  for (let index = 0; index < dimensions; index += 1) {
    const element = value[index] as Value;
    if (!isNumber(element)) return undefined;
    const number = element instanceof Int32 ? element.value : element instanceof Decimal128 ? Number(element.toString()) : Number(element);
    if (!Number.isFinite(number)) return undefined;
    result[index] = number;
  }
  return result;
}

function packedVector(value: Binary, dimensions: number): Float32Array | undefined {
  if (value.buffer[0] !== Binary.VECTOR_TYPE.Float32) return undefined;
  const vector = value.toFloat32Array();
  return vector.length === dimensions && vector.every(Number.isFinite) ? vector : undefined;
}

/** Four sums side by side, which the processor can add in parallel. */
function dot(query: Float32Array, vectors: Float32Array, offset: number, dimensions: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let index = 0;
  for (; index + 3 < dimensions; index += 4) {
    const at = offset + index;
    a += (query[index] as number) * (vectors[at] as number);
    b += (query[index + 1] as number) * (vectors[at + 1] as number);
    c += (query[index + 2] as number) * (vectors[at + 2] as number);
    d += (query[index + 3] as number) * (vectors[at + 3] as number);
  }
  for (; index < dimensions; index += 1) a += (query[index] as number) * (vectors[offset + index] as number);
  return a + b + c + d;
}
