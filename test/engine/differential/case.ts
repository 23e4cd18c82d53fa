// A differential case: documents and one command, as data. Its answer is a text that holds types, order and error codes, so that answers of
// different engines can be compared as they are.
import * as bson from 'bson';
import { decode, type Doc } from '../../../embedded-mongodb/bson/index.js';

export type Plain = Record<string, unknown> | Map<string, unknown>;

export type Command =
  | { readonly find: Plain; readonly projection?: Plain; readonly sort?: Plain; readonly skip?: number; readonly limit?: number }
  | {
      readonly update: Plain | Plain[];
      readonly filter?: Plain;
      readonly upsert?: boolean;
      readonly multi?: boolean;
      readonly arrayFilters?: Plain[];
    }
  | { readonly aggregate: Plain[]; readonly others?: Record<string, Plain[]> };

export interface Case {
  /** Unique in its file. */
  readonly name: string;
  readonly docs: readonly Plain[];
  readonly run: Command;
}

/** What an engine answered: documents (after an update, the collection) as text, or an error code. */
export type Outcome =
  { readonly docs: readonly string[]; readonly reply?: string } | { readonly error: number; readonly refusal?: boolean };

/** One engine. */
export interface Engine {
  readonly run: (testCase: Case) => Promise<Outcome>;
}

/** Driver values as the engine holds them: integers are int32, `F(…)` doubles, `L(…)` int64, `D(…)` decimals. */
export function toDoc(value: Plain): Doc {
  return decode(Buffer.from(bson.serialize(value)));
}

export const F = (value: number): bson.Double => new bson.Double(value);
export const L = (value: string | number): bson.Long => bson.Long.fromString(String(value));
export const D = (value: string): bson.Decimal128 => bson.Decimal128.fromString(value);
export const T = (iso: string): Date => new Date(iso);

/** Cases that differ only in their command. */
export function family(prefix: string, docs: readonly Plain[], commands: readonly Command[]): Case[] {
  return commands.map((run) => ({ name: `${prefix} ${bson.EJSON.stringify(run, { relaxed: false })}`, docs, run }));
}

/** One case for each expression, evaluated on one document. */
export function expressions(prefix: string, doc: Plain, list: readonly unknown[]): Case[] {
  return family(
    prefix,
    [doc],
    list.map((expression) => ({ aggregate: [{ $project: { _id: 0, r: expression } }] })),
  );
}

/** One case for each filter; the answer is the ids that match. */
export function filters(prefix: string, docs: readonly Plain[], list: readonly Plain[]): Case[] {
  return family(
    prefix,
    docs,
    list.map((filter) => ({ find: filter, projection: { _id: 1 } })),
  );
}
