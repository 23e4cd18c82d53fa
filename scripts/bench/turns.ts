/**
 * `npm run bench:turns`: how many customers' messages a second the real service answers, in order, durably, and how long each waits; on the embedded
 * engine, on a real MongoDB where MONGOMS_SYSTEM_BINARY names one, and beside them a plain telegraf echo without a store, as the floor. Bot, fake
 * Telegram API and load are processes of their own on this machine. What each conversation is answered is recorded first, one message at a time; in
 * the measured runs anything that is missing, extra or in another place is counted.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { parse } from 'yaml';
import { connectDatabase } from '../../src/storage/connect.js';
import { ROOT_FOLDER } from '../../src/root-folder.js';
import { measure, record, type Result, type Shape } from './turns/measure.js';
import { growHistory } from './turns/stored-history.js';
import { startTarget, type Target } from './turns/target.js';

const SCRIPTS = 20;
const SHAPES: readonly Shape[] = [
  { name: '200 x 10, at once', chats: 200, messagesEach: 10, perSecond: null },
  { name: '1 x 200, at once', chats: 1, messagesEach: 200, perSecond: null },
  { name: '200 x 10, 300/s', chats: 200, messagesEach: 10, perSecond: 300 },
  { name: '200 x 10, 100/s', chats: 200, messagesEach: 10, perSecond: 100 },
];
const [AT_ONCE] = SHAPES as [Shape];

const program = new Command('bench:turns')
  .description('replies a second and how long each waits')
  .option('--shape <name>', 'only the shapes whose name begins so', '')
  .option('--on <names>', 'only these of embedded,mongodb,echo', 'embedded,mongodb,echo')
  .option('--runs <n>', 'measured runs of each shape', '3')
  .option('--stored <messages>', 'compare an empty store with one that holds so many messages, on the embedded engine')
  .option('--data <folder>', 'with --stored: fill this folder, go on with it or use it as it is, and keep it')
  .option('--fill', 'with --data: do not measure')
  .option('--steps', 'print the time of each step')
  .option('--profile <folder>', 'put CPU profiles of the bots there, one for each thread');
const options = program
  .parse()
  .opts<{ shape: string; on: string; runs: string; stored?: string; data?: string; fill?: true; steps?: true; profile?: string }>();

/** Undone when all is over. */
const cleanUps: (() => Promise<unknown>)[] = [];

async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const startService = (name: string, dataDir: string, environment: NodeJS.ProcessEnv = {}): Promise<Target> =>
  startTarget({
    name,
    program: 'dist/src/main.js',
    ready: /Parley is running/,
    dataDir,
    environment: { MONGODB_URI: undefined, ...environment },
    profileDir: options.profile,
  });

async function startTargets(): Promise<Target[]> {
  const wanted = options.on.split(',');
  const targets: Target[] = [];
  if (wanted.includes('embedded')) targets.push(await startService('embedded', await dataFolder()));
  if (wanted.includes('mongodb') && process.env['MONGOMS_SYSTEM_BINARY'] !== undefined) {
    const { MongoMemoryServer } = await import('mongodb-memory-server-core');
    const server = await MongoMemoryServer.create({ instance: { storageEngine: 'wiredTiger' } });
    cleanUps.push(() => server.stop());
    targets.push(await startService('MongoDB', await dataFolder(), { MONGODB_URI: server.getUri() }));
  }
  if (wanted.includes('echo'))
    targets.push(
      await startTarget({
        name: 'echo',
        program: 'dist/scripts/bench/turns/echo-bot.js',
        ready: /is running/,
        dataDir: await dataFolder(),
      }),
    );
  return targets;
}

async function questions(): Promise<string[]> {
  const file = parse(await readFile(join(ROOT_FOLDER, 'sample/questions.yaml'), 'utf8')) as {
    questions: { question: string; unanswerable?: boolean }[];
  };
  return file.questions.filter((entry) => entry.unanswerable !== true).map((entry) => entry.question);
}

/** `SCRIPTS` different scripts, or all questions round and round in one long chat. */
const scriptsOf = (asked: readonly string[], shape: Shape): string[][] =>
  Array.from({ length: Math.min(SCRIPTS, shape.chats) }, (_, index) =>
    Array.from({ length: shape.messagesEach }, (_, round) => asked[(index * 7 + round) % asked.length] ?? ''),
  );

const ROWS: readonly (readonly [name: string, value: (result: Result) => number, digits: number])[] = [
  ['replies/s', (result) => result.repliesPerSecond, 0],
  ['p50 ms, post to reply', (result) => result.p50, 0],
  ['p95 ms', (result) => result.p95, 0],
  ['p99 ms', (result) => result.p99, 0],
  ['lost', (result) => result.lost, 0],
  ['doubled', (result) => result.doubled, 0],
  ['out of order or wrong', (result) => result.misplaced, 0],
  ['posts refused', (result) => result.refused, 0],
  ['CPU ms a turn', (result) => result.cpuMsPerTurn, 2],
  ['  of that, own thread', (result) => result.ownThreadMsPerTurn, 2],
  ['  and the engine’s', (result) => result.nextThreadMsPerTurn, 2],
  ['  and V8’s helpers’', (result) => result.cpuMsPerTurn - result.ownThreadMsPerTurn - result.nextThreadMsPerTurn, 2],
  ['  load and platform', (result) => result.otherCpuMsPerTurn, 2],
  ['calibration loop ms', (result) => result.calibrationMs, 0],
];

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

function print(title: string, columns: readonly { readonly name: string; readonly results: readonly Result[] }[]): void {
  console.log(
    `\n${title}: median (least..most) of ${options.runs} runs\n${''.padEnd(24)}${columns.map(({ name }) => name.padStart(26)).join('')}`,
  );
  for (const [name, value, digits] of ROWS) {
    const cells = columns.map(({ results }) => {
      const values = results.map(value);
      const [least, middle, most] = [Math.min(...values), median(values), Math.max(...values)].map((number) => number.toFixed(digits));
      return `${middle ?? ''} (${least ?? ''}..${most ?? ''})`.padStart(26);
    });
    console.log(`${name.padEnd(24)}${cells.join('')}`);
  }
  const [first, ...others] = columns.map(({ name, results }) => ({ name, rate: median(results.map((result) => result.repliesPerSecond)) }));
  for (const other of others) console.log(`${first?.name ?? ''} is ${((first?.rate ?? NaN) / other.rate).toFixed(2)} x ${other.name}`);
}

async function printSteps(target: Target): Promise<void> {
  const steps = [...(await target.stepTimes())].sort(([, a], [, b]) => b.meanMs * b.count - a.meanMs * a.count);
  if (steps.length > 0) console.log(`steps of ${target.name} (mean ms x count):`);
  for (const [step, { meanMs, count }] of steps) console.log(`  ${step.padEnd(28)} ${meanMs.toFixed(2).padStart(8)} x ${count}`);
}

/** The targets take turns, so that a busy machine is busy for all of them. */
async function compare(targets: readonly Target[], shape: Shape, asked: readonly string[], title = shape.name): Promise<void> {
  const scripts = scriptsOf(asked, shape);
  const columns: { name: string; results: Result[]; expected: string[][] }[] = [];
  for (const target of targets) {
    const expected = await record(target, scripts);
    await measure(target, shape, scripts, expected); // not counted: the first thousands of turns are run by code that is not compiled yet
    await target.stepTimes();
    columns.push({ name: target.name, results: [], expected });
  }
  for (let run = 0; run < Number(options.runs); run++) {
    for (const [index, column] of columns.entries()) {
      const target = targets[index];
      if (target !== undefined) column.results.push(await measure(target, shape, scripts, column.expected));
    }
  }
  print(title, columns);
  if (options.steps === true) for (const target of targets) await printSteps(target);
}

/** A service with an empty store and one with a full one, side by side. */
async function compareStored(asked: readonly string[], messages: number): Promise<void> {
  const full = options.data ?? (await dataFolder());
  const stored = await fill(full, asked, messages);
  if (options.fill === true) return;
  const targets = [await startService('full store', full), await startService('empty store', await dataFolder())];
  try {
    await compare(targets, AT_ONCE, asked, `${AT_ONCE.name}, ${stored} messages stored before`);
  } finally {
    for (const target of targets) await target.stop();
  }
}

/** Returns the number of messages stored. */
async function fill(dataDir: string, asked: readonly string[], messages: number): Promise<number> {
  if (!existsSync(join(dataDir, 'database'))) {
    const service = await startService('real turns', dataDir);
    await measure(service, AT_ONCE, scriptsOf(asked, AT_ONCE), []);
    await service.stop();
  }
  const database = await connectDatabase({ uri: null, database: 'parley', dataDir });
  try {
    const began = performance.now();
    const stored = await growHistory(database.db, messages);
    console.log(`${stored} messages stored, ${((performance.now() - began) / 1000).toFixed(0)} s for what was missing`);
    return stored;
  } finally {
    await database.close();
  }
}

async function main(): Promise<void> {
  console.log(
    `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1) ?? '?'} before`,
  );
  const asked = await questions();
  try {
    if (options.stored !== undefined) return await compareStored(asked, Number(options.stored));
    const targets = await startTargets();
    try {
      for (const shape of SHAPES.filter(({ name }) => name.startsWith(options.shape))) await compare(targets, shape, asked);
      const memory = await Promise.all(
        targets.map(async (target) => `${target.name} ${(await target.usage())?.peakMb.toFixed(0) ?? '?'} MB`),
      );
      console.log(`\npeak memory: ${memory.join(', ')}`);
    } finally {
      for (const target of targets) await target.stop();
    }
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

await main();
