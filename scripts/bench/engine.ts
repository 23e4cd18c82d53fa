/**
 * `npm run bench:engine`: operations a second of the embedded engine in its worker thread, through the official driver, for 1 and 16 callers; beside
 * it, in the same run, a real MongoDB where MONGOMS_SYSTEM_BINARY names one. Writes are acknowledged when they are on disk (`j: true`) on both.
 *
 * One argument chooses operations by the beginning of their name: `npm run bench:engine findOne`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../embedded-mongodb/index.js';

const RUNS = 3;
const RUN_MS = 1500;
const CALLERS = [1, 16];
const DOCUMENTS = 10_000;
const THREADS = 200;

interface Message {
  readonly _id: number;
  readonly thread: number;
  readonly at: Date;
  readonly text: string;
  readonly reads: number;
}

interface Target {
  readonly name: string;
  readonly messages: Collection<Message>;
  readonly stop: () => Promise<void>;
}

let lastId = DOCUMENTS;

function message(_id: number): Message {
  return { _id, thread: _id % THREADS, at: new Date(1_700_000_000_000 + _id * 1000), text: 'Where is my order? '.repeat(10), reads: 0 };
}

const anyId = (): number => Math.floor(Math.random() * DOCUMENTS);

const OPERATIONS: Readonly<Record<string, (messages: Collection<Message>) => Promise<unknown>>> = {
  insertOne: (messages) => messages.insertOne(message((lastId += 1))),
  'findOne by _id': (messages) => messages.findOne({ _id: anyId() }),
  findOneAndUpdate: (messages) => messages.findOneAndUpdate({ _id: anyId() }, { $inc: { reads: 1 }, $set: { at: new Date() } }),
  'find by index, sorted, 10': (messages) =>
    messages
      .find({ thread: anyId() % THREADS })
      .sort({ at: -1 })
      .limit(10)
      .toArray(),
};

async function connect(name: string, uri: string, stopServer: () => Promise<unknown>): Promise<Target> {
  const client = await MongoClient.connect(uri, { maxPoolSize: Math.max(...CALLERS), writeConcern: { w: 1, journal: true } });
  const messages = client.db('bench').collection<Message>('messages');
  await messages.createIndex({ thread: 1, at: -1 });
  await messages.insertMany(Array.from({ length: DOCUMENTS }, (_, id) => message(id)));
  return {
    name,
    messages,
    async stop() {
      await client.close();
      await stopServer();
    },
  };
}

async function embedded(): Promise<Target> {
  const path = await mkdtemp(join(tmpdir(), 'parley-bench-engine-'));
  const server = await startEmbeddedMongo({ path });
  return connect('embedded', server.uri, async () => {
    await server.stop();
    await rm(path, { recursive: true });
  });
}

async function real(): Promise<Target> {
  const { MongoMemoryServer } = await import('mongodb-memory-server-core');
  const server = await MongoMemoryServer.create({ instance: { storageEngine: 'wiredTiger' } });
  return connect('MongoDB', server.getUri(), () => server.stop());
}

/** Operations a second of callers that each start the next one when the last is answered. */
async function throughput(run: () => Promise<unknown>, callers: number): Promise<number> {
  const began = performance.now();
  let done = 0;
  const caller = async (): Promise<void> => {
    for (; performance.now() - began < RUN_MS; done += 1) await run();
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (done * 1000) / (performance.now() - began);
}

function cell(rates: readonly number[]): string {
  const [least = NaN, middle = NaN, most = NaN] = [...rates].sort((a, b) => a - b).map(Math.round);
  return `${String(middle).padStart(7)} (${least}..${most})`.padEnd(24);
}

async function main(): Promise<void> {
  const chosen = Object.entries(OPERATIONS).filter(([name]) => name.startsWith(process.argv[2] ?? ''));
  const targets = [await embedded()];
  try {
    if (process.env['MONGOMS_SYSTEM_BINARY'] !== undefined) targets.push(await real());
    console.log(
      `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1) ?? '?'} before`,
    );
    console.log(`operations a second: median (least..most) of ${RUNS} runs\n`);
    console.log(`${'operation'.padEnd(28)}callers  ${targets.map(({ name }) => name.padStart(7).padEnd(24)).join('')}`);
    for (const [name, run] of chosen) {
      for (const callers of CALLERS) {
        const rates = targets.map((): number[] => []);
        for (let turn = 0; turn < RUNS; turn += 1) {
          for (const [index, { messages }] of targets.entries()) rates[index]?.push(await throughput(() => run(messages), callers));
        }
        console.log(`${name.padEnd(28)}${String(callers).padStart(7)}  ${rates.map(cell).join('')}`);
      }
    }
    console.log(`\nload ${loadavg()[0]?.toFixed(1) ?? '?'} after`);
  } finally {
    for (const target of targets) await target.stop();
  }
}

await main();
