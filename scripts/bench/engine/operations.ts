// The bench's section of single operations: how many a second 1 and 16 callers get done who each start the next one when the last is answered.
import type { Collection, Db } from 'mongodb';
import { fill, keyOf, message, type Message, threadsAmong } from './documents.js';
import { microsSince, threadMicros } from './processor-time.js';
import { printHeader, printRow, type Target } from './report.js';
import { MOST_CALLERS, type Server, withServers } from './servers.js';

const RUNS = 9;
const RUN_MS = 200;
/**
 * Run on each server before an operation is measured: V8 compiles what runs often while it runs, the engine as well as the driver, which takes some
 * thousand operations. A service has them behind it within minutes.
 */
const WARM_UP_OPERATIONS = 6_000;
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
  const messagesOf = ({ db }: Server): Collection<Message> => db.collection<Message>('messages');
  for (const server of servers) if (server.name !== 'any server') await fill(messagesOf(server), DOCUMENTS);
  printHeader('operations a second, callers', servers);
  for (const { name, target, run } of operations) {
    for (const server of servers) await warmUp(() => run(messagesOf(server), server.db));
    for (const callers of CALLERS) {
      const samples = servers.map((server) => ({ server: server.name, values: [] as number[] }));
      const costs = servers.map(() => ({ driver: 0, server: 0, operations: 0 }));
      for (let turn = 0; turn < RUNS; turn += 1) {
        for (const [index, server] of servers.entries()) {
          const before = [threadMicros(process.pid), threadMicros(server.pid)] as const;
          const { done, perSecond } = await throughput(() => run(messagesOf(server), server.db), callers, RUN_MS);
          samples[index]?.values.push(perSecond);
          addCost(costs[index], server, before, done);
        }
      }
      printRow(`${name}, ${callers}`, samples, target);
      printCosts(servers, costs);
    }
  }
}

/** µs of processor taken in all, and by how many operations. */
interface Cost {
  driver: number;
  server: number;
  operations: number;
}

type Micros = ReadonlyMap<number, number>;

/** The driver works in the main thread. A server in a thread of this process is the busiest of the others; of another process, all of its threads. */
function addCost(cost: Cost | undefined, { pid }: Server, [ownBefore, serverBefore]: readonly [Micros, Micros], done: number): void {
  if (!cost) return;
  const own = microsSince(ownBefore, process.pid);
  cost.driver += own.get(process.pid) ?? NaN;
  own.delete(process.pid);
  cost.server +=
    pid === process.pid ? Math.max(...own.values()) : [...microsSince(serverBefore, pid).values()].reduce((sum, micros) => sum + micros, 0);
  cost.operations += done;
}

/** A second line of a row; none where the system does not tell. */
function printCosts(servers: readonly Server[], costs: readonly Cost[]): void {
  const shown = servers.map(({ name }, index) => {
    const { driver = NaN, server = NaN, operations = NaN } = costs[index] ?? {};
    return `${name} ${(server / operations).toFixed(0)} + ${(driver / operations).toFixed(0)}`;
  });
  if (!shown.some((text) => text.includes('NaN'))) console.log(`    µs of processor each, server + driver: ${shown.join(', ')}`);
}

async function warmUp(run: () => Promise<unknown>): Promise<void> {
  let left = WARM_UP_OPERATIONS;
  const caller = async (): Promise<void> => {
    for (; left > 0; left -= 1) await run();
  };
  await Promise.all(Array.from({ length: MOST_CALLERS }, caller));
}

interface Throughput {
  readonly done: number;
  readonly perSecond: number;
}

async function throughput(run: () => Promise<unknown>, callers: number, forMs: number): Promise<Throughput> {
  const began = performance.now();
  let done = 0;
  const caller = async (): Promise<void> => {
    for (; performance.now() - began < forMs; done += 1) await run();
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { done, perSecond: (done * 1000) / (performance.now() - began) };
}
