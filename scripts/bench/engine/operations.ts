// The bench's section of single operations: how many a second 1 and 16 callers get done who each start the next one when the last is answered.
import type { Collection, Db } from 'mongodb';
import { fill, keyOf, message, type Message, threadsAmong } from './documents.js';
import { printHeader, printRow, type Target } from './report.js';
import { MOST_CALLERS, withServers } from './servers.js';

const RUNS = 3;
const RUN_MS = 1000;
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
  { name: 'ping (what the driver itself allows)', run: (_, db) => db.command({ ping: 1 }) },
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
  await withServers(async (servers) => {
    const targets = servers.map(({ db }) => ({ db, messages: db.collection<Message>('messages') }));
    for (const { messages } of targets) await fill(messages, DOCUMENTS);
    printHeader('operations a second, callers', servers);
    for (const { name, target, run } of OPERATIONS.filter((operation) => operation.name.startsWith(prefix))) {
      for (const callers of CALLERS) {
        const rates = targets.map((): number[] => []);
        for (let turn = 0; turn < RUNS; turn += 1) {
          for (const [index, { messages, db }] of targets.entries()) rates[index]?.push(await throughput(() => run(messages, db), callers));
        }
        printRow(`${name}, ${callers}`, rates, target);
      }
    }
  });
}

/** Operations a second. */
async function throughput(run: () => Promise<unknown>, callers: number): Promise<number> {
  const began = performance.now();
  let done = 0;
  const caller = async (): Promise<void> => {
    for (; performance.now() - began < RUN_MS; done += 1) await run();
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (done * 1000) / (performance.now() - began);
}
