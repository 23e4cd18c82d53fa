/**
 * The write concern under which an acknowledged write is on disk, by the kind of server. `majority` alone would do for a replica set; a server of its own
 * takes it for "one of one has it" and answers before its journal is written, also with `j: true`: killed then, it had lost acknowledged writes.
 */
import type { Db, Document } from 'mongodb';

/** As clients are configured with it. */
export interface DurableConcern {
  readonly w: 1 | 'majority';
  readonly journal: true;
}

export const REPLICATED: DurableConcern = { w: 'majority', journal: true };
export const STANDALONE: DurableConcern = { w: 1, journal: true };

/** Asks the server that the client is connected to. */
export const durableConcern = async (db: Db): Promise<DurableConcern> => concernFor(await db.admin().command({ hello: 1 }));

/** By what a server answers to `hello`. Behind mongos is a sharded cluster, which is replicated. */
export const concernFor = ({ setName, msg }: Document): DurableConcern =>
  setName === undefined && msg !== 'isdbgrid' ? STANDALONE : REPLICATED;
