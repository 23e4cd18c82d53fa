// What is acknowledged survives: the process is killed, or ends by itself, under writers, index builds, drops and updates of everything, and the disk runs full. The
// long form of the first is `npm run kill:engine`.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, MongoClient } from 'mongodb';
import { killRounds } from '../durability/rounds.js';
import { type CompiledEngine, compileEngine, killHard } from './compiled-engine.js';
import { verifyFolder } from './verify-folder.js';

const KILLS = 5;
const SEED = 20_261_121;

let compiled: CompiledEngine;
let folder: string;

beforeAll(async () => {
  compiled = compileEngine();
  folder = await mkdtemp(join(tmpdir(), 'parley-durability-'));
});

afterAll(async () => {
  compiled.remove();
  await rm(folder, { recursive: true, force: true });
});

test(`kill -9 under load ${KILLS} times: nothing acknowledged is lost, all indexes agree`, async () => {
  const { lost, disagreeing, unexpected, acknowledged } = await killRounds({
    start: (path) => compiled.start(path),
    kill: killHard,
    path: join(folder, 'killed'),
    kills: KILLS,
    seed: SEED,
  });
  expect({ lost, disagreeing, unexpected }).toEqual({ lost: [], disagreeing: [], unexpected: [] });
  expect(acknowledged).toBeGreaterThan(KILLS * 10);
}, 120_000);

describe('a process that ends by itself under load', () => {
  const ENDS = 2;
  /** It takes some ms; one that hangs takes for ever. */
  const LIMIT_MS = 20_000;

  test.each([
    ['an uncaught error', "throw new Error('a defect')", 1],
    ['process.exit', 'process.exit(3)', 3],
  ])(
    `with %s, ${ENDS} times: is gone with its exit code, nothing acknowledged is lost`,
    async (_, ending, code) => {
      const preload = `data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${ending}; });`)}`;
      const end = async (child: ChildProcess): Promise<void> => {
        const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
        const hanging = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
        child.kill('SIGUSR2');
        await gone;
        clearTimeout(hanging);
        expect({ code: child.exitCode, signal: child.signalCode }).toEqual({ code, signal: null });
      };
      const { lost, disagreeing, unexpected } = await killRounds({
        start: (path) => compiled.start(path, ['--import', preload]),
        kill: end,
        path: join(folder, `ended-${code}`),
        kills: ENDS,
        seed: SEED,
      });
      expect({ lost, disagreeing, unexpected }).toEqual({ lost: [], disagreeing: [], unexpected: [] });
    },
    120_000,
  );
});

const DISK_BYTES = 8 * 2 ** 20;
/** Freed when the disk is full. */
const BALLAST_BYTES = DISK_BYTES / 4;
const FULL = { code: 14031, message: expect.stringMatching(/disk of the data folder is full/) as unknown };

interface Row {
  _id: number;
  n: number;
  text: string;
}

/** A small disk of its own, where this system lets us have one. */
async function mountSmallDisk(path: string): Promise<(() => void) | undefined> {
  await mkdir(path, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', path]).status === 0;
  return mounted ? () => void spawnSync('umount', [path]) : undefined;
}

/** Lets `work` have a small disk; says so where there can be none. */
async function onSmallDisk(work: (disk: string) => Promise<void>): Promise<void> {
  const disk = join(folder, 'disk');
  const unmount = await mountSmallDisk(disk);
  if (!unmount) {
    console.warn('skipped: this system does not let the test mount a small disk (it needs to be root on Linux)');
    return;
  }
  try {
    await work(disk);
  } finally {
    unmount();
  }
}

/**
 * Lets `work` have a collection of an engine in a process of its own, which is killed in the end. LMDB must not have met the full disk itself: it says
 * so on stderr, and the way it does wrote past the end of a buffer, which ended the process in one run of five of these tests.
 */
async function withRows<T>(path: string, work: (rows: Collection<Row>) => Promise<T>): Promise<T> {
  const engine = await compiled.start(path);
  let errors = '';
  engine.process.stderr?.on('data', (text: Buffer) => (errors += text.toString()));
  const client = await MongoClient.connect(engine.uri);
  try {
    const result = await work(client.db('test').collection<Row>('rows'));
    expect(engine.process.signalCode).toBeNull();
    expect(errors).toBe('');
    return result;
  } finally {
    await client.close();
    await killHard(engine.process);
  }
}

/** Inserts a document of 2 kB. */
async function insert(rows: Collection<Row>, id: number): Promise<void> {
  await rows.insertOne({ _id: id, n: id % 100, text: 'x'.repeat(2_000) });
}

/** Fills what is left of the disk with a file. */
async function fillDisk(file: string): Promise<void> {
  await expect(writeFile(file, Buffer.alloc(DISK_BYTES))).rejects.toThrow(/ENOSPC/);
}

/** Writes until the disk is full, looks at what still goes, frees space and goes on; the number of documents that were acknowledged. */
async function fillFreeAndGoOn(rows: Collection<Row>, freeSpace: () => Promise<void>): Promise<number> {
  let next = 0;
  const insertForever = async (): Promise<never> => {
    for (;;) await insert(rows, next++);
  };
  await rows.createIndex({ n: 1 });
  await expect(insertForever()).rejects.toMatchObject(FULL);
  next -= 1; // the last one was refused
  const cursor = rows.find({}, { batchSize: 2 });
  expect(await cursor.next()).toMatchObject({ _id: 0 });
  await expect(rows.createIndex({ text: 1 })).rejects.toMatchObject(FULL);
  await expect(rows.updateMany({}, { $set: { text: 'y'.repeat(9_000) } })).rejects.toMatchObject(FULL);
  expect(await rows.countDocuments()).toBe(next);
  expect(await rows.find({ n: 5 }).toArray()).toHaveLength(Math.ceil((next - 5) / 100));
  expect(await cursor.toArray()).toHaveLength(next - 1);

  await freeSpace();
  for (const end = next + 50; next < end; next += 1) await insert(rows, next);
  await rows.createIndex({ n: -1, _id: 1 });
  return next;
}

describe('a full disk', () => {
  const expectWhole = async (data: string, documents: number): Promise<void> => {
    const { collections, errors } = await verifyFolder(data);
    expect(errors).toEqual([]);
    expect(collections.get('test.rows')?.documents).toBe(documents);
  };

  test('is a clear error; reads go on, and when space is freed writes go on; nothing acknowledged is lost', async () => {
    await onSmallDisk(async (disk) => {
      const data = join(disk, 'data');
      const ballast = join(disk, 'ballast');
      await writeFile(ballast, Buffer.alloc(BALLAST_BYTES));
      const acknowledged = await withRows(data, (rows) => fillFreeAndGoOn(rows, () => rm(ballast)));
      await expectWhole(data, acknowledged);
    });
  }, 120_000);

  test('that others fill and free under load: every write is acknowledged or refused, and the process lives', async () => {
    await onSmallDisk(async (disk) => {
      const data = join(disk, 'data');
      const ballast = join(disk, 'ballast');
      const acknowledged = await withRows(data, async (rows) => {
        let next = 0;
        let kept = 0;
        let filling = true;
        const write = async (): Promise<void> => {
          while (filling) {
            const id = next++;
            const outcome = await insert(rows, id).then(
              () => undefined,
              (error: unknown) => error,
            );
            if (outcome === undefined) kept += 1;
            else expect(outcome).toMatchObject(FULL);
            if (id % 2 !== 0) continue;
            const { deletedCount } = await rows.deleteOne({ _id: id });
            kept -= deletedCount;
          }
        };
        const writers = Promise.all(Array.from({ length: 4 }, write));
        for (let round = 0; round < 40; round += 1) {
          await fillDisk(ballast);
          await rows.findOne({ _id: 1 });
          await rm(ballast);
        }
        filling = false;
        await writers;
        return kept;
      });
      await expectWhole(data, acknowledged);
    });
  }, 120_000);

  test('does not keep a process from starting, nor documents from being deleted', async () => {
    await onSmallDisk(async (disk) => {
      const data = join(disk, 'data');
      const ballast = join(disk, 'ballast');
      await withRows(data, async (rows) => {
        for (let id = 0; id < 200; id += 1) await insert(rows, id);
      });
      await fillDisk(ballast);
      await withRows(data, async (rows) => {
        expect(await rows.countDocuments()).toBe(200);
        expect((await rows.deleteMany({ n: { $lt: 50 } })).deletedCount).toBe(100);
      });
      await expectWhole(data, 100);
    });
  }, 120_000);
});
