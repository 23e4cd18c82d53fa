// A disk that fails under the log, or loses its power: what was acknowledged is there after a crash, what is not is told. No disk can be made to fail on every machine, so the
// calls of the file system that the log makes fail here, and as a system may do, the pages that could not be written are forgotten and pass for written.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HeldTransaction as Held } from '../../../embedded-mongodb/store/held-transaction.js';
import type { Store as AStore } from '../../../embedded-mongodb/store/store.js';
import { randomOf } from '../durability/load.js';

const LOG = 'engine.log';
const TABLE = 20;

let path: string;
/** What the log's disk really has. */
let onDisk: Buffer;
let failing: 'sync' | 'write' | undefined;
/** While set, a sync takes until it is called. */
let holding: (() => void) | undefined;

const readLog = (): Buffer => fs.readFileSync(join(path, LOG));
const ioError = (): Error => Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });

jest.unstable_mockModule('node:fs', () => ({
  ...fs,
  writeSync: (...args: Parameters<typeof fs.writeSync>) => {
    if (failing === 'write') throw ioError();
    return fs.writeSync(...args);
  },
  fdatasync: (file: number, after: (error: Error | null) => void) => {
    if (failing === 'sync') {
      fs.writeFileSync(join(path, LOG), onDisk, { flag: 'r+' });
      setImmediate(after, ioError());
      return;
    }
    const sync = () =>
      fs.fdatasync(file, (error) => {
        onDisk = readLog();
        after(error);
      });
    if (holding) holding = sync;
    else sync();
  },
}));
const { Store, tableKey, tableRange } = await import('../../../embedded-mongodb/store/store.js');
const { HeldTransaction } = await import('../../../embedded-mongodb/store/held-transaction.js');

let folder: string;
let store: AStore;
const opened: AStore[] = [];

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'parley-failing-')); // a disk with a GB free: on a smaller one LMDB commits each transaction
  path = join(folder, 'data');
  failing = undefined;
  holding = undefined;
  store = open(path);
  onDisk = readLog();
});

afterEach(() => {
  jest.restoreAllMocks();
  for (const each of opened.splice(0)) each.abandon();
  fs.rmSync(folder, { recursive: true, force: true });
});

function open(at: string): AStore {
  const each = Store.open(at);
  opened.push(each);
  return each;
}

const put = (name: string): void => store.transaction(() => store.put(tableKey(TABLE, Buffer.from(name)), Buffer.from(name)));

/** Null once all so far is on disk, or why it may not be. */
const durable = (): Promise<string | null> => new Promise((resolve) => store.whenDurable((error) => resolve(error?.message ?? null)));

const names = (of: AStore): string[] => [...of.scan(tableRange(TABLE))].map(({ value }) => value.toString());

/** What a start finds after the process was killed now, or with `log` in place of the file. */
function afterCrash(log = readLog()): string[] {
  const copy = join(folder, `crashed-${opened.length}`);
  fs.cpSync(path, copy, { recursive: true, filter: (name) => !name.includes('lock') });
  fs.writeFileSync(join(copy, LOG), log);
  failing = undefined;
  const found = open(copy);
  const told = names(found);
  found.abandon();
  return told;
}

/** Its next commit. */
function failLmdb(): void {
  jest.spyOn(HeldTransaction.prototype, 'commit').mockImplementationOnce(function fail(this: Held) {
    this.abort(); // as LMDB does
    throw new Error('LMDB cannot write');
  });
}

describe.each(['sync', 'write'] as const)('where the log’s %s fails', (what) => {
  test('LMDB commits at once, and those who wait hear of nothing', async () => {
    put('a');
    expect(await durable()).toBeNull();
    failing = what;
    put('b');
    expect(await durable()).toBeNull();
    expect(afterCrash()).toEqual(['a', 'b']);
  });

  test('and LMDB’s commit too, it is told; once the disk works again the log is written from its beginning', async () => {
    put('a');
    expect(await durable()).toBeNull();
    put('b');
    failing = what;
    failLmdb();
    expect(await durable()).toBe('LMDB cannot write');
    expect(names(store)).toEqual(['a', 'b']); // not acknowledged, and not undone: as after an answer that was lost
    failing = undefined;
    put('c');
    expect(await durable()).toBeNull();
    expect(afterCrash()).toEqual(['a', 'b', 'c']);
  });

  test('again and again, nothing that is acknowledged is lost, and nothing hangs', async () => {
    const acknowledged: string[] = [];
    for (let number = 100; number < 159; number += 1) {
      // the last two are in the log, behind one that was not acknowledged
      failing = number % 3 === 0 ? what : undefined;
      if (number % 6 === 0) failLmdb();
      put(String(number));
      if ((await durable()) === null) acknowledged.push(String(number));
      jest.restoreAllMocks();
    }
    expect(acknowledged.length).toBeGreaterThan(30);
    expect(acknowledged.length).toBeLessThan(59);
    expect(afterCrash()).toEqual(expect.arrayContaining(acknowledged));
  });
});

/** The smallest piece that a disk writes as a whole. */
const SECTOR_BYTES = 512;

test('a loss of power leaves any of the sectors that were being written: all that is acknowledged is there, and of the rest a beginning', async () => {
  const random = randomOf(11);
  const wanted: string[] = [];
  const write = (most: number): void => {
    for (let count = random() * most; count > 0; count -= 1) {
      const name = `${String(wanted.length).padStart(5, '0')} ${'x'.repeat(random() * 2_000)}`;
      wanted.push(name);
      store.transaction(() => store.put(tableKey(TABLE, Buffer.from(name.slice(0, 5))), Buffer.from(name)));
    }
  };
  let torn = 0;
  for (let round = 0; round < 60; round += 1) {
    write(20);
    expect(await durable()).toBeNull();
    const acknowledged = wanted.length;
    if (random() < 0.1) store.checkpoint();
    holding = () => undefined;
    write(20);
    const later = durable(); // writes what is new, and waits for the disk
    const mixed = readLog();
    for (let at = 0; at < mixed.length; at += SECTOR_BYTES) if (random() < 0.5) onDisk.copy(mixed, at, at, at + SECTOR_BYTES);
    const found = afterCrash(mixed);
    expect(found).toEqual(wanted.slice(0, found.length));
    expect(found.length).toBeGreaterThanOrEqual(acknowledged);
    if (found.length > acknowledged && found.length < wanted.length) torn += 1;
    const sync = holding;
    holding = undefined;
    sync();
    expect(await later).toBeNull();
  }
  expect(torn).toBeGreaterThan(5);
});
