// What the fuzz asks both servers: a batch is a few documents and the commands to run on them; a command is written by its generator as data.
import type fc from 'fast-check';
import type { Plain } from '../differential/case.js';

/** Stands in a command for the collection the documents of the batch are in. */
export const COLLECTION = '@';
/** A second collection with the batch's other documents, for stages that read one. */
export const OTHER = 'other';

/** One comparison: a command both servers answer on the same documents. */
export interface Probe {
  /** What `--only` chooses by. */
  readonly kind: string;
  /** The command without `$db`; its first value is COLLECTION (or 1). */
  readonly command: Plain;
  /** Runs on a fresh copy of the documents, which is compared afterwards. */
  readonly writes?: boolean;
  /** The order of the answered documents is not specified: they are compared as a set. */
  readonly unordered?: boolean;
  /** The order of the fields of documents is not specified: MongoDB takes an upsert's equalities from a hash table. */
  readonly anyFieldOrder?: boolean;
}

/** Random commands of one kind. `weight` is their share among all generators. */
export interface Generator {
  readonly kind: string;
  readonly weight: number;
  readonly probes: fc.Arbitrary<Probe>;
  /** The documents its commands are about; absent: those of values.ts. */
  readonly documents?: fc.Arbitrary<Plain[]>;
}

export interface Batch {
  readonly docs: readonly Plain[];
  readonly others: readonly Plain[];
  readonly probes: readonly Probe[];
}
