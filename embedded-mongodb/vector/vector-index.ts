// One vector field of a search index in memory: which record has which row, its vector, and its filter fields. Writers keep it in step; what was
// there before is loaded from the collection (load.ts). Nothing of it is on disk, so a crash cannot make it disagree with the documents.
import { type Doc, fieldReader } from '../bson/index.js';
import { FilterGroups, type GroupFilter } from './filter-groups.js';
import type { Filter } from '../match/index.js';
import { filterPaths, type VectorField } from './search-index.js';
import { readVectorAt } from './vector-value.js';
import { type QueryVector, VectorRows } from './vector-rows.js';

/** Record number of a row that is free; records count from 1. */
const FREE = 0;

export class VectorIndex {
  /** Reads the part of a document that `write` needs. */
  readonly read: (raw: Buffer) => Doc;
  /** The last record loaded; absent when all are. Records above it are loaded later, or were written since the start. */
  loadedTo: number | undefined = 0;
  /** Why it cannot be used, in words for the client; absent when it can. */
  failure: string | undefined;
  private rows: VectorRows;
  private groups: FilterGroups;
  private readonly rowOf = new Map<number, number>();
  private recordOf: number[] = [];
  private readonly freed: number[] = [];
  private readonly path: readonly string[];
  private readonly scratch: Float32Array;

  constructor(
    readonly field: VectorField,
    definition: Doc,
  ) {
    const filters = filterPaths(definition);
    this.path = field.path.split('.');
    this.scratch = new Float32Array(field.dimensions);
    this.read = fieldReader(new Set([field.path, ...filters].map((path) => path.split('.')[0] as string)));
    this.rows = new VectorRows(field.dimensions, field.similarity);
    this.groups = new FilterGroups(filters);
  }

  /** Number of rows, free ones included. */
  get rowCount(): number {
    return this.recordOf.length;
  }

  /** Number of vectors. */
  get size(): number {
    return this.rowOf.size;
  }

  /** Bytes of the vectors; filter fields and the tables of records come on top. */
  get bytes(): number {
    return this.rows.bytes;
  }

  /** The record of a row; 0 for a free one. */
  record(row: number): number {
    return this.recordOf[row] ?? FREE;
  }

  /**
   * Takes in a document, in place of what its record held before; one without a vector of the right shape is left out, as Atlas does. `doc` needs
   * only what `read` gives. When memory runs out the index fails, not the write.
   */
  write(record: number, doc: Doc): void {
    if (this.failure !== undefined) return;
    if (!readVectorAt(doc, this.path, this.scratch)) {
      this.remove(record);
      return;
    }
    try {
      const row = this.rowOf.get(record) ?? this.freed.pop() ?? this.recordOf.length;
      this.rows.write(row, this.scratch);
      this.groups.write(row, doc);
      this.rowOf.set(record, row);
      this.recordOf[row] = record;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.fail(`its vectors need more memory than there is (${this.size} vectors took ${Math.round(this.bytes / 2 ** 20)} MB)`);
    }
  }

  remove(record: number): void {
    const row = this.rowOf.get(record);
    if (row === undefined) return;
    this.rows.erase(row);
    this.groups.erase(row);
    this.rowOf.delete(record);
    this.recordOf[row] = FREE;
    this.freed.push(row);
  }

  query(vector: Float32Array): QueryVector {
    return this.rows.query(vector);
  }

  /** See `VectorRows`. */
  estimates(query: QueryVector, row: number, count: number): Float32Array {
    return this.rows.estimates(query, row, count);
  }

  /** See `VectorRows`. */
  scores(query: QueryVector, row: number, count: number): Float64Array {
    return this.rows.scores(query, row, count);
  }

  filter(filter: Filter): GroupFilter {
    return this.groups.filter(filter);
  }

  private fail(reason: string): void {
    this.failure = reason;
    this.loadedTo = undefined;
    this.rows = new VectorRows(this.field.dimensions, this.field.similarity);
    this.groups = new FilterGroups([]);
    this.rowOf.clear();
    this.recordOf = [];
    this.freed.length = 0;
  }
}
