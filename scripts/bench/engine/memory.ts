// The bench's section of memory: a million operations on an engine in a process of its own, and how much memory that process has on the way.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Collection, MongoClient } from 'mongodb';
import { keyOf, message, type Message, threadsAmong } from './documents.js';

const OPERATIONS = 1_000_000;
const DOCUMENTS = 5_000;
const CALLERS = 64;
/** Operations after which memory is looked at. */
const MARKS = [10_000, ...Array.from({ length: 10 }, (_, index) => ((index + 1) * OPERATIONS) / 10)];

/** `npm run bench:engine memory`: inserts, reads, updates and deletes on a collection that keeps its size. */
export async function measureMemory(): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'parley-bench-memory-'));
  const engine = spawn(process.execPath, [fileURLToPath(new URL('../../../embedded-mongodb/main.js', import.meta.url)), '--path', path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const uri = await new Promise<string>((resolve) => engine.stdout.once('data', (line: Buffer) => resolve(line.toString().trim())));
    const client = await MongoClient.connect(uri, { maxPoolSize: CALLERS, writeConcern: { w: 1, journal: true } });
    console.log(`\nmemory of an engine of its own over ${OPERATIONS.toLocaleString('en')} operations by ${CALLERS} callers, MB`);
    console.log(`${'operations'.padEnd(14)}${'resident'.padStart(10)}${'own (Linux)'.padStart(14)}`);
    await work(client.db('bench').collection<Message>('memory'), engine);
    await client.close();
  } finally {
    const gone = new Promise((resolve) => engine.once('exit', resolve));
    engine.kill('SIGTERM');
    await gone;
    await rm(path, { recursive: true });
  }
}

async function work(messages: Collection<Message>, engine: ChildProcess): Promise<void> {
  await messages.createIndex({ key: 1 }, { unique: true });
  await messages.createIndex({ thread: 1, at: -1 });
  await messages.insertMany(Array.from({ length: DOCUMENTS }, (_, id) => message(id)));
  let started = 0;
  let newest = DOCUMENTS;
  const marks = [...MARKS];
  const caller = async (): Promise<void> => {
    while (started < OPERATIONS) {
      started += 1;
      if (started === marks[0]) printMemory(marks.shift() ?? 0, engine);
      if (started % 10 === 0) await messages.deleteOne({ _id: newest - DOCUMENTS });
      else if (started % 10 === 5) await messages.insertOne(message((newest += 1)));
      else if (started % 10 < 4) await messages.updateOne({ _id: newest - (started % DOCUMENTS) }, { $inc: { reads: 1 } });
      else if (started % 10 < 8) await messages.findOne({ key: keyOf(newest - (started % DOCUMENTS)) });
      else
        await messages
          .find({ thread: threadsAmong(newest) - 10 })
          .sort({ at: -1 })
          .limit(5)
          .toArray();
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

/** `own` leaves out the pages of the data file, which the system lends and takes back. */
function printMemory(operations: number, { pid = 0 }: ChildProcess): void {
  const status = `/proc/${pid}/status`;
  const text = existsSync(status) ? readFileSync(status, 'utf8') : '';
  const megabytes = (field: string): string => {
    const kilobytes = new RegExp(`${field}:\\s+(\\d+)`).exec(text)?.[1];
    return kilobytes === undefined ? '?' : (Number(kilobytes) / 1024).toFixed(0);
  };
  console.log(`${operations.toLocaleString('en').padEnd(14)}${megabytes('VmRSS').padStart(10)}${megabytes('RssAnon').padStart(14)}`);
}
