// Vectors as rows of numbers in WebAssembly memory: each once as float32, for exact scores, and once as int8, for a fast first look. A row
// keeps its place until it is erased, so that a search may be paused while others write.
import { createKernels, ensureBytes, type Kernels, MAX_MEMORY_BYTES } from './kernels.js';
import type { Similarity } from './search-index.js';

/** Rows that lie together; also the most that one call of a kernel takes. */
export const BLOCK_ROWS = 256;

const LARGEST_BYTE = 127;
const CORRECTION_BYTES = 8;
const LARGEST_FLOAT = 3.4028234663852886e38;
/** Rows are padded with zeros to whole steps of both kernels. */
const PADDING = 16;

/** A query in the forms the kernels take. */
export interface QueryVector {
  readonly values: Float32Array;
  /** Its squared length. */
  readonly squared: number;
  readonly bytes: Int16Array;
  /** What one step of `bytes` stands for. */
  readonly scale: number;
}

/** The memory as numbers: all of it, and the scratch places. */
interface Views {
  readonly floats: Float32Array;
  readonly int8: Int8Array;
  readonly bytesQuery: Int16Array;
  readonly floatsQuery: Float64Array;
  readonly estimates: Float32Array;
  readonly scores: Float64Array;
}

export class VectorRows {
  private readonly kernels: Kernels = createKernels();
  private readonly width: number;
  private readonly blockBytes: number;
  private readonly blocksAt: number;
  /** Scratch places: the query as int16 and as float64, and the results of a kernel. */
  private readonly bytesQueryAt = 0;
  private readonly floatsQueryAt: number;
  private readonly resultsAt: number;
  private blocks = 0;
  private readonly mostBlocks: number;
  /** The squared length of each row. */
  private squared = new Float64Array(0);
  private views: Views;
  /** The queries that are in their scratch places. */
  private bytesQuery: QueryVector | undefined;
  private floatsQuery: QueryVector | undefined;

  constructor(
    readonly dimensions: number,
    private readonly similarity: Similarity,
  ) {
    this.width = Math.ceil(dimensions / PADDING) * PADDING;
    this.floatsQueryAt = this.width * Int16Array.BYTES_PER_ELEMENT;
    this.resultsAt = this.floatsQueryAt + this.width * Float64Array.BYTES_PER_ELEMENT;
    this.blocksAt = this.resultsAt + BLOCK_ROWS * Float64Array.BYTES_PER_ELEMENT;
    this.blockBytes = BLOCK_ROWS * (this.width * 5 + CORRECTION_BYTES);
    this.mostBlocks = Math.floor((MAX_MEMORY_BYTES - this.blocksAt) / this.blockBytes);
    this.views = this.allocate(this.blocksAt);
  }

  /** Number of rows there is room for. */
  get capacity(): number {
    return this.blocks * BLOCK_ROWS;
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.kernels.memory.buffer.byteLength + this.squared.byteLength;
  }

  /** Stores a vector of the right dimensions at a row. Error: RangeError when there is no memory left. */
  write(row: number, vector: Float32Array): void {
    if (row >= this.capacity) this.addBlocks();
    const squared = squaredLength(vector);
    this.squared[row] = squared;
    this.views.floats.set(vector, this.floatsAt(row) / 4);
    const scale = largest(vector) / LARGEST_BYTE;
    quantize(vector, scale, this.views.int8, this.bytesAt(row));
    this.correct(row, ...correction(this.similarity, scale, squared));
  }

  /** Frees a row: no scan finds it from now on. */
  erase(row: number): void {
    this.correct(row, 0, -Infinity);
  }

  query(values: Float32Array): QueryVector {
    const scale = largest(values) / LARGEST_BYTE;
    const bytes = new Int16Array(this.width);
    quantize(values, scale, bytes, 0);
    return { values, squared: squaredLength(values), bytes, scale };
  }

  /**
   * Estimates of up to a block's rows from `row` on, from their int8 form; a higher one is nearer. They order rows as their scores do but for rounding;
   * -Infinity for an erased row. The first `count` numbers of the result count, until the next call.
   */
  estimates(query: QueryVector, row: number, count: number): Float32Array {
    if (this.bytesQuery !== query) this.views.bytesQuery.set(query.bytes);
    this.bytesQuery = query;
    const corrections = this.correctionsAt(row);
    this.kernels.scoreBytes(this.bytesAt(row), this.width, this.bytesQueryAt, query.scale, corrections, this.resultsAt, count);
    return this.views.estimates;
  }

  /**
   * Exact scores of up to a block's rows from `row` on, by Atlas's formulas; NaN where there is none. The caller knows which rows are erased. The first
   * `count` numbers of the result count, until the next call.
   */
  scores(query: QueryVector, row: number, count: number): Float64Array {
    if (this.floatsQuery !== query) this.views.floatsQuery.set(query.values);
    this.floatsQuery = query;
    this.kernels.dotFloats(this.floatsAt(row), this.width * 4, this.floatsQueryAt, this.resultsAt, count);
    const { scores } = this.views;
    for (let index = 0; index < count; index += 1) {
      scores[index] = scoreOf(this.similarity, scores[index] as number, this.squared[row + index] as number, query.squared);
    }
    return scores;
  }

  private floatsAt(row: number): number {
    return this.blockAt(row) + (row % BLOCK_ROWS) * this.width * 4;
  }

  private bytesAt(row: number): number {
    return this.blockAt(row) + BLOCK_ROWS * this.width * 4 + (row % BLOCK_ROWS) * this.width;
  }

  private correctionsAt(row: number): number {
    return this.blockAt(row) + BLOCK_ROWS * this.width * 5 + (row % BLOCK_ROWS) * CORRECTION_BYTES;
  }

  private blockAt(row: number): number {
    return this.blocksAt + Math.floor(row / BLOCK_ROWS) * this.blockBytes;
  }

  private correct(row: number, factor: number, offset: number): void {
    const at = this.correctionsAt(row) / 4;
    this.views.floats[at] = factor;
    this.views.floats[at + 1] = offset;
  }

  /** Makes room for an eighth more, at least a block; what is not written yet takes no memory of the machine. */
  private addBlocks(): void {
    const blocks = Math.min(this.blocks + Math.ceil((this.blocks + 1) / 8), this.mostBlocks);
    if (blocks === this.blocks) throw new RangeError('the vectors of one index are more than WebAssembly can address');
    this.views = this.allocate(this.blocksAt + blocks * this.blockBytes);
    this.blocks = blocks;
    const squared = new Float64Array(this.capacity);
    squared.set(this.squared);
    this.squared = squared;
  }

  /** Growing takes the memory from under earlier views. */
  private allocate(bytes: number): Views {
    ensureBytes(this.kernels.memory, bytes);
    const { buffer } = this.kernels.memory;
    return {
      floats: new Float32Array(buffer),
      int8: new Int8Array(buffer),
      bytesQuery: new Int16Array(buffer, this.bytesQueryAt, this.width),
      floatsQuery: new Float64Array(buffer, this.floatsQueryAt, this.width),
      estimates: new Float32Array(buffer, this.resultsAt, BLOCK_ROWS),
      scores: new Float64Array(buffer, this.resultsAt, BLOCK_ROWS),
    };
  }
}

/** Summed in the order of the kernel, so that a vector's product with itself is exactly its squared length. */
function squaredLength(vector: Float32Array): number {
  const sums: [number, number, number, number] = [0, 0, 0, 0];
  for (let index = 0; index < vector.length; index += 1) {
    const lane = (index & 3) as 0 | 1 | 2 | 3;
    const value = vector[index] as number;
    sums[lane] += value * value;
  }
  return sums[0] + sums[2] + (sums[1] + sums[3]);
}

function largest(vector: Float32Array): number {
  let most = 0;
  for (let index = 0; index < vector.length; index += 1) most = Math.max(most, Math.abs(vector[index] as number));
  return most;
}

/** Whole steps of `scale`, rounded to the nearest. */
function quantize(vector: Float32Array, scale: number, target: Int8Array | Int16Array, at: number): void {
  const factor = scale === 0 ? 0 : 1 / scale;
  for (let index = 0; index < vector.length; index += 1) target[at + index] = Math.round((vector[index] as number) * factor);
}

/**
 * The factor of a row's int8 product and what is added to it, so that a higher sum is a better score: cosine = product / length; dotProduct = product;
 * euclidean: 2 * product - length² grows as the distance falls.
 */
function correction(similarity: Similarity, scale: number, squared: number): [factor: number, offset: number] {
  switch (similarity) {
    case 'cosine':
      return squared === 0 ? [0, -Infinity] : [scale / Math.sqrt(squared), 0];
    case 'dotProduct':
      return [scale, 0];
    case 'euclidean':
      return [2 * scale, -Math.min(squared, LARGEST_FLOAT)];
  }
}

/** Atlas's formulas (docs: Vector Search Score). A zero vector has no angle, and so no cosine. */
function scoreOf(similarity: Similarity, product: number, squared: number, querySquared: number): number {
  switch (similarity) {
    case 'cosine':
      return (1 + product / Math.sqrt(squared * querySquared)) / 2;
    case 'dotProduct':
      return (1 + product) / 2;
    case 'euclidean':
      return 1 / (1 + Math.sqrt(Math.max(0, squared + querySquared - 2 * product)));
  }
}
