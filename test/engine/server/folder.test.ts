// Data folders that a process must not, or cannot, use: each gives one clear line and exit code 1, and leaves the folder as it was.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { memoryFolder } from '../../fakes/memory-folder.js';
import { type CompiledEngine, compileEngine, killHard } from './compiled-engine.js';
import { verifyFolder } from './verify-folder.js';

/** Of a folder that is made anew (store.ts). */
const PAGE_BYTES = 8192;

let compiled: CompiledEngine;
let folder: string;
/** A folder with some documents, as a process leaves it that was told to stop. */
let stopped: string;
let path: string;
let made = 0;

beforeAll(async () => {
  compiled = compileEngine();
  folder = await mkdtemp(join(memoryFolder(), 'parley-folder-'));
  stopped = path = join(folder, 'stopped');
  await use('stopped');
});

afterAll(async () => {
  compiled.remove();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  made += 1;
  path = join(folder, `data-${made}`);
});

/** Makes the folder, as `stopped` is. */
const used = (): Promise<void> => cp(stopped, path, { recursive: true });

/** Starts a process on the folder, inserts some documents and lets it be killed, or stop. */
async function use(end: 'killed' | 'stopped'): Promise<void> {
  const engine = await compiled.start(path);
  const client = await MongoClient.connect(engine.uri);
  await client
    .db('test')
    .collection('rows')
    .insertMany(Array.from({ length: 500 }, (_, n) => ({ n, text: 'x'.repeat(300) })));
  await client.close();
  if (end === 'killed') return killHard(engine.process);
  const gone = new Promise<void>((resolve) => engine.process.once('exit', () => resolve()));
  engine.process.kill('SIGTERM');
  await gone;
}

/** The number of documents a new process finds. */
async function count(): Promise<number> {
  const engine = await compiled.start(path);
  const client = await MongoClient.connect(engine.uri);
  const found = await client.db('test').collection('rows').countDocuments();
  await client.close();
  await killHard(engine.process);
  return found;
}

/** Nothing is missing, and documents and indexes agree. */
async function expectWhole(): Promise<void> {
  const { collections, errors } = await verifyFolder(path);
  expect(errors).toEqual([]);
  expect(collections.get('test.rows')?.documents).toBe(500);
}

/** All files but the locks, which come and go. */
async function contents(): Promise<Map<string, string>> {
  const names = (await readdir(path)).filter((name) => !name.includes('lock')).sort();
  return new Map(await Promise.all(names.map(async (name) => [name, (await readFile(join(path, name))).toString('base64')] as const)));
}

/** What a process says that does not start on the folder, which stays as it is; absent when it starts. */
async function refusal(): Promise<string | undefined> {
  const before = await contents();
  const refused = await compiled.start(path).then(
    async (engine) => {
      await killHard(engine.process);
      return undefined;
    },
    (error: Error) => error.message,
  );
  if (refused === undefined) return undefined;
  expect(refused).not.toContain('\n'); // a line, not a trace of the stack
  expect(await contents()).toEqual(before);
  return refused;
}

async function expectRefused(message: RegExp): Promise<void> {
  expect(await refusal()).toMatch(message);
}

describe('the lock', () => {
  test('a second process is told so, whether the first is busy or not; after a kill the folder is free', async () => {
    await used();
    const first = await compiled.start(path);
    await expect(compiled.start(path)).rejects.toThrow(/is in use by process \d+; stop it, or choose another folder/);
    await killHard(first.process);
    expect(await count()).toBe(500);
  });

  test('of a dead process is taken over, also when another process has its number by now', async () => {
    await used();
    const { pid } = process; // alive, but it did not begin when the lock says
    await writeFile(join(path, 'engine.lock'), JSON.stringify({ pid, started: 1, host: hostname() }));
    expect(await count()).toBe(500);
  });

  test('of another host holds while it is renewed', async () => {
    await used();
    const lock = join(path, 'engine.lock');
    await writeFile(lock, JSON.stringify({ pid: 1, started: 1, host: 'another' }));
    await expectRefused(/is in use by process 1/);
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    expect(await count()).toBe(500);
  });

  test('without content counts as being written for a moment only', async () => {
    await used();
    const lock = join(path, 'engine.lock');
    await writeFile(lock, '');
    const soon = new Date(Date.now() + 60_000); // so that it is young however long the process takes to start
    await utimes(lock, soon, soon);
    await expectRefused(/is being opened by another process; try again/);
    const before = new Date(Date.now() - 5_000);
    await utimes(lock, before, before);
    expect(await count()).toBe(500);
  });
});

describe('the format', () => {
  test.each([
    ['a newer version', '{"format": 99}', /was written by a newer version \(format 99, this one knows 2\); use that version/],
    ['no version', '{}', /has an unreadable engine.json; restore it from a backup/],
    ['no JSON', '{"form', /has an unreadable engine.json; restore it from a backup/],
  ])('%s is refused', async (_, text, message) => {
    await used();
    await writeFile(join(path, 'engine.json'), text);
    await expectRefused(message);
  });
});

describe('the data file', () => {
  const file = (): string => join(path, 'data.mdb');

  test('has room behind its pages as long as a process has it open, and when it was killed', async () => {
    await use('killed');
    const { size } = await stat(file());
    expect(await count()).toBe(500);
    await use('stopped');
    expect((await stat(file())).size).toBeLessThan(size);
  });

  test('cut in half', async () => {
    await used();
    await truncate(file(), (await readFile(file())).length / 2);
    await expectRefused(/data.mdb is damaged: its end is missing \(\d+ of \d+ bytes are there\)\. Nothing was changed; restore the folder/);
  });

  test('without some of its last pages is refused, unless they were free', async () => {
    await used();
    const whole = await readFile(file());
    const refusals: (string | undefined)[] = [];
    for (const pages of [1, 2, 4, 8, 16]) {
      await writeFile(file(), whole.subarray(0, whole.length - pages * PAGE_BYTES));
      refusals.push(await refusal());
      if (refusals.at(-1) === undefined) await expectWhole();
    }
    expect(refusals.at(-1)).toMatch(/its end is missing/);
  });

  test.each([
    ['other bytes', (page: Buffer) => page.fill(0xab)],
    ['nothing', (page: Buffer) => page.fill(0)],
    ['nothing in the first half', (page: Buffer) => page.fill(0, 0, page.length / 2)],
    ['nothing in the second half', (page: Buffer) => page.fill(0, page.length / 2)],
    ['its neighbour', (page: Buffer, neighbour: Buffer) => neighbour.copy(page)],
  ])('with %s in the place of a page is refused, unless the page was free', async (_, overwrite) => {
    await used();
    const whole = await readFile(file());
    const pages = whole.length / PAGE_BYTES;
    const refusals: (string | undefined)[] = [];
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const at = Math.floor(pages * share) * PAGE_BYTES;
      const damaged = Buffer.from(whole);
      overwrite(damaged.subarray(at, at + PAGE_BYTES), whole.subarray(at - PAGE_BYTES, at));
      await writeFile(file(), damaged);
      refusals.push(await refusal());
      if (refusals.at(-1) === undefined) await expectWhole();
      else expect(refusals.at(-1)).toMatch(/page \d+ was overwritten/);
    }
    expect(refusals.filter((message) => message !== undefined).length).toBeGreaterThan(0);
  });

  test.each([
    ['emptied', /it is empty/, () => Buffer.alloc(0)],
    ['a few bytes long', /its beginning is not that of a database/, (whole: Buffer) => whole.subarray(0, 100)],
    ['another file', /its beginning is not that of a database/, () => Buffer.from('hello '.repeat(5000))],
    ['overwritten at its beginning', /its beginning is not that of a database/, (whole: Buffer) => Buffer.from(whole).fill(0xab, 0, 8192)],
    [
      'overwritten in its second page',
      /its beginning is not that of a database/,
      (whole: Buffer) => Buffer.from(whole).fill(0xab, PAGE_BYTES, 2 * PAGE_BYTES),
    ],
  ])('%s', async (_, message, damage) => {
    await used();
    await writeFile(file(), damage(await readFile(file())));
    await expectRefused(message);
  });

  test('gone', async () => {
    await used();
    await rm(file());
    await expectRefused(/it is missing/);
  });
});

describe('the folder', () => {
  test('is a file', async () => {
    await writeFile(path, '');
    await expect(compiled.start(path)).rejects.toThrow(/is not a folder: choose another path/);
    await expect(compiled.start(join(path, 'inside'))).rejects.toThrow(/is not a folder: choose another path/);
  });

  test('may not be written to', async () => {
    if (process.getuid?.() === 0) {
      // root may write anywhere but on a read-only disk
      await mkdir(path);
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'tmpfs', path]).status === 0;
      if (!mounted) {
        console.warn('skipped: this system does not let the test mount a read-only disk');
        return;
      }
      try {
        await expectRefused(/is on a read-only file system: choose another folder/);
      } finally {
        spawnSync('umount', [path]);
      }
      return;
    }
    await used();
    await chmod(path, 0o500);
    await expectRefused(/cannot be written to: give this user write access, or choose another folder/);
    await chmod(path, 0o700);
  });
});
