// Kills the engine's process under load at random instants, again and again on the same data folder, and looks each time at what is there.
import { type ChildProcess } from 'node:child_process';
import { deserialize } from 'bson';
import { MongoClient } from 'mongodb';
import { Engine } from '../../../embedded-mongodb/server/engine.js';
import { tableKey, tableRange } from '../../../embedded-mongodb/store/store.js';
import { verifyEngine } from '../server/verify-folder.js';
import { Expected, type Row } from './expected.js';
import { type Expiring, firstSweep, randomOf, startLoad } from './load.js';

/** Rows that are there from the beginning, so that a build takes long enough to be killed in the middle. */
const FILLERS = 8_000;
const KILL_AFTER_MS = { least: 100, most: 2_000 };

export interface KillOptions {
  readonly start: (path: string) => Promise<{ readonly uri: string; readonly process: ChildProcess }>;
  readonly kill: (process: ChildProcess) => Promise<void>;
  readonly path: string;
  readonly kills: number;
  readonly seed: number;
  /** Told of each round. */
  readonly log?: (line: string) => void;
}

const HALF_DONE = ['index build', 'drop', 'updateMany', 'expiry'] as const;
type HalfDone = (typeof HALF_DONE)[number];

export interface Verdict {
  readonly kills: number;
  readonly acknowledged: number;
  /** Kills by what they found half done. */
  readonly halfDone: Readonly<Record<HalfDone, number>>;
  /** Acknowledged writes that were not there. */
  readonly lost: readonly string[];
  /** Index entries and documents that do not agree, and tables that belong to nothing. */
  readonly disagreeing: readonly string[];
  /** Answers of the server that should not have been. */
  readonly unexpected: readonly string[];
}

export async function killRounds({ start, kill, path, kills, seed, log }: KillOptions): Promise<Verdict> {
  const expected = new Expected();
  const random = randomOf(seed);
  const verdict = {
    kills,
    acknowledged: 0,
    halfDone: { 'index build': 0, drop: 0, updateMany: 0, expiry: 0 },
    lost: [] as string[],
    disagreeing: [] as string[],
    unexpected: [] as string[],
  };
  for (let round = 1; round <= kills; round += 1) {
    const engine = await start(path);
    if (round === 1) await fill(engine.uri);
    const load = await startLoad(engine.uri, round, seed + round, expected);
    await load.begun;
    await new Promise((resolve) => setTimeout(resolve, KILL_AFTER_MS.least + random() * (KILL_AFTER_MS.most - KILL_AFTER_MS.least)));
    await kill(engine.process);
    verdict.unexpected.push(...(await load.ended()));
    const found = await inspect(path, round, expected);
    verdict.lost.push(...found.lost.map((line) => `kill ${round}: ${line}`));
    verdict.disagreeing.push(...found.disagreeing.map((line) => `kill ${round}: ${line}`));
    for (const what of HALF_DONE) if (found.halfDone[what]) verdict.halfDone[what] += 1;
    verdict.acknowledged = expected.acknowledged;
    log?.(`kill ${round}: ${expected.acknowledged} acknowledged, ${verdict.lost.length} lost, ${verdict.disagreeing.length} disagreeing`);
  }
  return verdict;
}

async function fill(uri: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  const rows = client.db('test').collection<Row>('rows');
  await rows.insertMany(
    Array.from({ length: FILLERS }, (_, at) => ({ _id: `filler-${at}`, n: at % 50, code: `filler-${at}`, group: at % 7, sweep: 0 })),
  );
  await client.close();
}

/** Where the catalog (table 0) notes the tables that are dropped and not emptied yet. */
const DROPPED = { start: tableKey(0, Buffer.from('d')), end: tableKey(0, Buffer.from('e')) };

interface Found {
  readonly lost: readonly string[];
  readonly disagreeing: readonly string[];
  readonly halfDone: Readonly<Record<HalfDone, boolean>>;
}

/** Opens the folder of a killed process. */
async function inspect(path: string, round: number, expected: Expected): Promise<Found> {
  const engine = new Engine({ path });
  try {
    const names = new Set(engine.catalog.collections('test').map((collection) => `collection ${collection.name}`));
    for (const index of engine.catalog.find('test', 'rows')?.indexes ?? []) names.add(`index ${index.name}`);
    const expiring = documents<Expiring>(engine, 'expiring');
    for (const { _id } of expiring) names.add(`document ${_id}`);
    const rows = documents<Row>(engine, 'rows');
    const fillers = rows.filter(({ _id }) => _id.startsWith('filler-'));
    const own = rows.filter(({ _id }) => !_id.startsWith('filler-'));
    const sweeps = new Set(fillers.map(({ sweep }) => sweep));
    const halfDone = {
      'index build': engine.unfinishedBuilds > 0,
      drop: [...engine.storage.scan(DROPPED)].length > engine.unfinishedBuilds, // those are dropped when the folder is opened
      updateMany: sweeps.size > 1 && Math.max(...sweeps) > firstSweep(round),
      expiry: expiring.some(({ until }) => until.getTime() < Date.now()),
    };
    const lost = expected.lost(new Map(own.map((row) => [row._id, row])), names);
    return { lost, disagreeing: [...verifyEngine(engine).errors], halfDone };
  } finally {
    await engine.close();
  }
}

function documents<T>(engine: Engine, name: string): T[] {
  const collection = engine.catalog.find('test', name);
  return collection ? [...engine.storage.scan(tableRange(collection.table))].map(({ value }) => deserialize(value) as T) : [];
}
