// The bench's section of single operations: how many a second 1 and 16 callers get done who each start the next one when the last is answered.
import type { Collection, Db } from 'mongodb';
import { fill, keyOf, message, type Message, threadsAmong } from './documents.js';
import { printHeader, printRow, type Target } from './report.js';
import { MOST_CALLERS, type Server, withServers } from './servers.js';

const RUNS = 9;
const RUN_MS = 200;
/** Before an operation is measured, so that neither server pays for compiling the driver. */
const WARM_UP_MS = 300;
const CALLERS = [1, MOST_CALLERS];
const DOCUMENTS = 10_000;

const WRITES: Target = { kind: 'throughput', factor: 1.3 };
const FINDS: Target = { kind: 'throughput', factor: 2 };

interface Operation {
  readonly name: string;
  readonly target?: Target;
  readonly run: (messages: Collection<Message>, db: Db) => Promise<unknown>;
}

let lastId = DOCUMENTS;
const anyId = (): number => Math.floor(Math.random() * DOCUMENTS);

const OPERATIONS: readonly Operation[] = [
  { name: 'ping', run: (_, db) => db.command({ ping: 1 }) },
  { name: 'insertOne', target: WRITES, run: (messages) => messages.insertOne(message((lastId += 1))) },
  { name: 'findOne by _id', target: FINDS, run: (messages) => messages.findOne({ _id: anyId() }) },
  { name: 'findOne by a unique index', target: FINDS, run: (messages) => messages.findOne({ key: keyOf(anyId()) }) },
  {
    name: 'findOneAndUpdate',
    target: WRITES,
    run: (messages) => messages.findOneAndUpdate({ _id: anyId() }, { $inc: { reads: 1 }, $set: { at: new Date() } }),
  },
  {
    name: 'find by index, sorted by it, 10 documents',
    target: FINDS,
    run: (messages) =>
      messages
        .find({ thread: anyId() % threadsAmong(DOCUMENTS) })
        .sort({ at: -1 })
        .limit(10)
        .toArray(),
  },
];

export async function measureOperations(prefix: string): Promise<void> {
  const chosen = OPERATIONS.filter((operation) => operation.name.startsWith(prefix));
  await withServers((servers) => measure(servers, chosen), { ceiling: true });
}

async function measure(servers: readonly Server[], operations: readonly Operation[]): Promise<void> {
  const targets = servers.map(({ name, db }) => ({ server: name, db, messages: db.collection<Message>('messages') }));
  for (const { server, messages } of targets) if (server !== 'any server') await fill(messages, DOCUMENTS);
  printHeader('operations a second, callers', servers);
  for (const { name, target, run } of operations) {
    for (const { messages, db } of targets) await throughput(() => run(messages, db), MOST_CALLERS, WARM_UP_MS);
    for (const callers of CALLERS) {
      const samples = targets.map(({ server }) => ({ server, values: [] as number[] }));
      for (let turn = 0; turn < RUNS; turn += 1) {
        for (const [index, { messages, db }] of targets.entries()) {
          samples[index]?.values.push(await throughput(() => run(messages, db), callers, RUN_MS));
        }
      }
      printRow(`${name}, ${callers}`, samples, target);
    }
  }
}

/** Operations a second. */
async function throughput(run: () => Promise<unknown>, callers: number, forMs: number): Promise<number> {
  const began = performance.now();
  let done = 0;
  const caller = async (): Promise<void> => {
    for (; performance.now() - began < forMs; done += 1) await run();
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (done * 1000) / (performance.now() - began);
}
