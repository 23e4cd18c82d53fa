// The bench's sections of commands over 100,000 documents: how long reads and writes take, and how long they keep the app's event loop and another
// client waiting.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Collection, MongoClient } from 'mongodb';
import { fill, type Message } from './documents.js';
import { printHeader, printRow, type Samples, type Target } from './report.js';
import { type Server, withServers } from './servers.js';

const RUNS = 5;
const DOCUMENTS = 100_000;
const PROBE_EVERY_MS = 2;

const TIMES: Target = { kind: 'time', factor: 3 };

interface Command {
  readonly name: string;
  readonly target?: Target;
  readonly run: (messages: Collection<Message>) => Promise<unknown>;
  /** Undoes what the command did, outside the measured time. */
  readonly undo?: (messages: Collection<Message>) => Promise<unknown>;
}

const READS: readonly Command[] = [
  {
    name: 'group: 2,000 groups, count, sum, average, latest',
    target: TIMES,
    run: (messages) =>
      messages
        .aggregate([
          {
            $group: {
              _id: '$thread',
              count: { $sum: 1 },
              weight: { $sum: '$weight' },
              reads: { $avg: '$reads' },
              latest: { $max: '$at' },
            },
          },
        ])
        .toArray(),
  },
  {
    name: 'group: 2 groups, count',
    target: TIMES,
    run: (messages) => messages.aggregate([{ $group: { _id: '$half', count: { $sum: 1 } } }]).toArray(),
  },
  {
    name: 'sort without an index, the last 10 read',
    target: TIMES,
    run: (messages) =>
      messages
        .find()
        .sort({ weight: 1, _id: 1 })
        .skip(DOCUMENTS - 10)
        .toArray(),
  },
  {
    name: 'sort without an index, the first 10',
    target: TIMES,
    run: (messages) => messages.find().sort({ weight: 1 }).limit(10).toArray(),
  },
  {
    name: 'sort without an index, all read by the driver',
    target: TIMES,
    run: (messages) => messages.find().sort({ weight: 1 }).toArray(),
  },
  { name: 'find without an index, 50 of them', run: (messages) => messages.find({ weight: { $lt: 7 } }).toArray() },
  { name: 'countDocuments with a filter, no index', run: (messages) => messages.countDocuments({ weight: { $gte: 7000 } }) },
  { name: 'countDocuments with a filter, indexed', run: (messages) => messages.countDocuments({ half: 1 }) },
  { name: 'countDocuments, all', run: (messages) => messages.countDocuments() },
];

const WRITES: readonly Command[] = [
  { name: 'updateMany, all', target: TIMES, run: (messages) => messages.updateMany({}, { $inc: { reads: 1 } }) },
  { name: 'updateMany, an indexed half', target: TIMES, run: (messages) => messages.updateMany({ half: 1 }, { $inc: { reads: 1 } }) },
  {
    name: 'createIndex',
    run: (messages) => messages.createIndex({ weight: 1 }, { name: 'built' }),
    undo: (messages) => messages.dropIndex('built'),
  },
];

/** Commands that are looked at only for how long others wait. */
const JOINS: readonly Command[] = [
  {
    name: 'aggregate with $facet',
    run: (messages) =>
      messages.aggregate([{ $facet: { halves: [{ $sortByCount: '$half' }], threads: [{ $sortByCount: '$thread' }] } }]).toArray(),
  },
  {
    name: 'aggregate with $lookup by fields',
    run: (messages) =>
      messages
        .aggregate([{ $limit: 100 }, { $lookup: { from: 'messages', localField: '_id', foreignField: 'thread', as: 'found' } }])
        .toArray(),
  },
];

export async function measureReads(prefix: string): Promise<void> {
  await measureTimes(READS.filter(({ name }) => name.startsWith(prefix)));
}

export async function measureWrites(prefix: string): Promise<void> {
  await measureTimes(WRITES.filter(({ name }) => name.startsWith(prefix)));
}

async function measureTimes(commands: readonly Command[]): Promise<void> {
  await withServers(async (servers) => {
    for (const { db } of servers) await fill(db.collection<Message>('messages'), DOCUMENTS);
    printHeader('ms over 100,000 documents', servers);
    for (const command of commands) {
      const samples = servers.map(({ name: server }) => ({ server, values: [] as number[] }));
      for (let turn = 0; turn < RUNS; turn += 1) {
        for (const [index, { db }] of servers.entries()) {
          samples[index]?.values.push(await timed(command, db.collection<Message>('messages')));
        }
      }
      printRow(command.name, samples, command.target);
    }
  });
}

/** How long each of the commands keeps others waiting. */
export async function measureWaits(prefix: string): Promise<void> {
  const chosen = [...READS, ...JOINS, ...WRITES].filter(({ name }) => name.startsWith(prefix));
  await withServers(async (servers) => {
    for (const { db } of servers) await fill(db.collection<Message>('messages'), DOCUMENTS);
    for (const server of servers) for (const command of chosen.slice(0, 1)) await waitsDuring(command, server); // what filling has left behind is collected
    printHeader('longest findOne of another client meanwhile, ms', servers);
    const stalls = new Map<string, readonly Samples[]>();
    for (const command of chosen) {
      const waits: { readonly server: Server['name']; readonly waits: Waits }[] = [];
      for (const server of servers) waits.push({ server: server.name, waits: await waitsDuring(command, server) });
      printRow(
        command.name,
        waits.map(({ server, waits: { clientMs } }) => ({ server, values: [clientMs] })),
      );
      stalls.set(
        command.name,
        waits.map(({ server, waits: { loopMs } }) => ({ server, values: [loopMs] })),
      );
    }
    printHeader('longest stall of the app’s event loop meanwhile, ms', servers);
    console.log('(the driver’s own work included; target: 25)');
    for (const [name, samples] of stalls) printRow(name, samples);
  });
}

async function timed({ run, undo }: Command, messages: Collection<Message>): Promise<number> {
  const began = performance.now();
  await run(messages);
  const took = performance.now() - began;
  await undo?.(messages);
  return took;
}

interface Waits {
  /** Longest time another client waited for a document by `_id`. */
  readonly clientMs: number;
  /** Longest time the event loop of this thread stood still. */
  readonly loopMs: number;
}

/** Runs a command while another client asks for a document every 2 ms. */
async function waitsDuring(command: Command, { db, uri }: Server): Promise<Waits> {
  const client = await MongoClient.connect(uri, { maxPoolSize: 1 });
  const probed = client.db(db.databaseName).collection<Message>('messages');
  await probed.findOne({ _id: 1 });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const state = { done: false, clientMs: 0 };
  delay.enable();
  const probing = (async () => {
    while (!state.done) {
      const began = performance.now();
      await probed.findOne({ _id: 1 });
      state.clientMs = Math.max(state.clientMs, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS));
    }
  })();
  await timed(command, db.collection<Message>('messages'));
  state.done = true;
  await probing;
  delay.disable();
  await client.close();
  return { clientMs: state.clientMs, loopMs: delay.max / 1e6 };
}
