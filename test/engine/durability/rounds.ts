// Kills the engine's process under load at random instants, again and again on the same data folder, and looks each time at what is there.
import { type ChildProcess } from 'node:child_process';
import { deserialize } from 'bson';
import { MongoClient } from 'mongodb';
import { Engine } from '../../../embedded-mongodb/server/engine.js';
import { tableRange } from '../../../embedded-mongodb/store/store.js';
import { verifyEngine } from '../server/verify-folder.js';
import { Expected, type Row } from './expected.js';
import { randomOf, startLoad } from './load.js';

/** Rows that are there from the beginning, so that a build takes long enough to be killed in the middle. */
const FILLERS = 8_000;
const KILL_AFTER_MS = { least: 80, most: 900 };

export interface KillOptions {
  readonly start: (path: string) => Promise<{ readonly uri: string; readonly process: ChildProcess }>;
  readonly kill: (process: ChildProcess) => Promise<void>;
  readonly path: string;
  readonly kills: number;
  readonly seed: number;
  /** Told of each round. */
  readonly log?: (line: string) => void;
}

export interface Verdict {
  readonly kills: number;
  readonly acknowledged: number;
  /** Kills that found an index half built. */
  readonly unfinishedBuilds: number;
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
    unfinishedBuilds: 0,
    lost: [] as string[],
    disagreeing: [] as string[],
    unexpected: [] as string[],
  };
  for (let round = 1; round <= kills; round += 1) {
    const engine = await start(path);
    if (round === 1) await fill(engine.uri);
    const load = await startLoad(engine.uri, round, seed + round, expected);
    await new Promise((resolve) => setTimeout(resolve, KILL_AFTER_MS.least + random() * (KILL_AFTER_MS.most - KILL_AFTER_MS.least)));
    await kill(engine.process);
    verdict.unexpected.push(...(await load.ended()));
    const found = await inspect(path, expected);
    verdict.lost.push(...found.lost.map((line) => `kill ${round}: ${line}`));
    verdict.disagreeing.push(...found.disagreeing.map((line) => `kill ${round}: ${line}`));
    verdict.unfinishedBuilds += found.unfinishedBuilds;
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

/** Opens the folder of a killed process. */
async function inspect(path: string, expected: Expected): Promise<{ lost: string[]; disagreeing: string[]; unfinishedBuilds: number }> {
  const engine = new Engine({ path });
  try {
    const rows = new Map<string, Row>();
    const names = new Set(engine.catalog.collections('test').map((collection) => `collection ${collection.name}`));
    const collection = engine.catalog.find('test', 'rows');
    for (const index of collection?.indexes ?? []) names.add(`index ${index.name}`);
    for (const { value } of collection ? engine.storage.scan(tableRange(collection.table)) : []) {
      const row = deserialize(value) as Row;
      if (!row._id.startsWith('filler-')) rows.set(row._id, row);
    }
    const { unfinishedBuilds } = engine;
    return { lost: expected.lost(rows, names), disagreeing: [...verifyEngine(engine).errors], unfinishedBuilds };
  } finally {
    await engine.close();
  }
}
