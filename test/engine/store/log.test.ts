// The log in front of LMDB: what a crash leaves is what was acknowledged, whatever became of the rest of the file; damage to it is told, not passed over.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store, tableKey, tableRange } from '../../../embedded-mongodb/store/store.js';
import { randomOf } from '../durability/load.js';

const TABLE = 20;
const LOG = 'engine.log';
/** Bytes before the first record, and of a record before its changes (write-ahead-log.ts). */
const FILE_HEAD = 12;
const RECORD_HEAD = 24;
/** Bytes of a change before its key, with the table's number in it. */
const CHANGE_HEAD = 6;

let folder: string;
let path: string;
let store: Store;
const opened: Store[] = [];

beforeEach(() => {
  // a disk with a GB free: on a smaller one LMDB commits each transaction
  folder = mkdtempSync(join(tmpdir(), 'parley-log-'));
  path = join(folder, 'data');
  store = open(path);
});

afterEach(() => {
  for (const each of opened.splice(0)) each.abandon();
  rmSync(folder, { recursive: true, force: true });
});

function open(at: string): Store {
  const each = Store.open(at);
  opened.push(each);
  return each;
}

const keyOf = (name: string): Buffer => tableKey(TABLE, Buffer.from(name));

function put(name: string, value = name): void {
  store.transaction(() => store.put(keyOf(name), Buffer.from(value)));
}

/** Resolves when all so far is on disk. */
const durable = (of = store): Promise<void> =>
  new Promise((resolve, reject) => of.whenDurable((error) => (error ? reject(error) : resolve())));

/** The names and values in a store. */
const contents = (of: Store): string[] =>
  [...of.scan(tableRange(TABLE))].map(({ key, value }) => `${key.toString('utf8', 4)}=${value.toString()}`);

/** The folder as a process leaves it that is killed now. */
function crashed(): string {
  const copy = join(folder, `crashed-${opened.length}`);
  cpSync(path, copy, { recursive: true, filter: (name) => !name.includes('lock') });
  return copy;
}

describe('after a crash', () => {
  test('what was told to be durable is there; puts, changes and deletes in their order', async () => {
    put('a');
    put('b');
    put('a', 'changed');
    store.transaction(() => {
      store.delete(keyOf('b'));
      store.put(keyOf('c'), Buffer.alloc(0));
    });
    await durable();
    const copy = crashed();
    expect(existsSync(join(copy, LOG))).toBe(true);
    expect(contents(open(copy))).toEqual(['a=changed', 'c=']);
  });

  test('at any instant of many transactions and commits, the state is that of one of them, and no older than the last that was durable', async () => {
    const random = randomOf(7);
    let number = 0;
    for (let round = 0; round < 12; round += 1) {
      let told = number;
      for (let count = random() * 400; count > 0; count -= 1) {
        number += 1;
        store.transaction(() => {
          store.put(keyOf('number'), Buffer.from(String(number)));
          store.put(keyOf(`row-${Math.floor(random() * 50)}`), Buffer.alloc(random() * 20_000, 'x'));
        });
        const mine = number;
        store.whenDurable(() => (told = Math.max(told, mine)));
        if (random() < 0.02) await durable();
      }
      if (random() < 0.3) store.checkpoint();
      const least = told;
      const found = open(crashed());
      const last = Number(found.get(keyOf('number')));
      expect(last).toBeGreaterThanOrEqual(least);
      expect(last).toBeLessThanOrEqual(number);
      found.abandon();
    }
    await durable();
    expect(Number(open(crashed()).get(keyOf('number')))).toBe(number);
  });

  test('a log of before the last commit is not applied again', async () => {
    put('a');
    await durable();
    const old = readFileSync(join(path, LOG));
    store.transaction(() => store.delete(keyOf('a')));
    store.checkpoint();
    const copy = crashed();
    writeFileSync(join(copy, LOG), old);
    expect(contents(open(copy))).toEqual([]);
  });

  test('during recovery it can be recovered again', async () => {
    put('a');
    await durable();
    const copy = crashed();
    const log = readFileSync(join(copy, LOG));
    open(copy).abandon();
    const again = `${copy}-again`;
    cpSync(copy, again, { recursive: true, filter: (name) => !name.includes('lock') });
    writeFileSync(join(again, LOG), log);
    const found = open(again);
    expect(contents(found)).toEqual(['a=a']);
    await found.close();
    expect(existsSync(join(again, LOG))).toBe(false);
  });
});

describe('a transaction that throws', () => {
  test('is undone alone: those before it, in the log only or on disk, stay', async () => {
    put('a');
    await durable();
    put('b');
    const fail = (): void =>
      store.transaction(() => {
        store.put(keyOf('a'), Buffer.from('half'));
        store.delete(keyOf('b'));
        throw new Error('a defect');
      });
    expect(fail).toThrow('a defect');
    expect(fail).toThrow('a defect');
    put('c');
    await durable();
    expect(contents(store)).toEqual(['a=a', 'b=b', 'c=c']);
    expect(contents(open(crashed()))).toEqual(['a=a', 'b=b', 'c=c']);
  });

  test('those who wait for earlier ones are told', async () => {
    put('a');
    const told = durable();
    expect(() =>
      store.transaction(() => {
        throw new Error('a defect');
      }),
    ).toThrow('a defect');
    await told;
    expect(contents(open(crashed()))).toEqual(['a=a']);
  });
});

describe('what does not fit', () => {
  test('into the log is on disk at once, with all before it', async () => {
    put('a');
    put('large', 'x'.repeat(5 * 2 ** 20));
    let isTold = false;
    store.whenDurable(() => (isTold = true));
    expect(isTold).toBe(true);
    put('b');
    await durable();
    expect(contents(open(crashed())).map((text) => text.slice(0, 3))).toEqual(['a=a', 'b=b', 'lar']);
  });

  test('many transactions fill the log again and again', async () => {
    for (let number = 0; number < 300; number += 1) put(`row-${number % 10}`, String(number).repeat(10_000));
    await durable();
    const found = contents(open(crashed()));
    expect(found.map((text) => text.slice(0, 9))).toEqual(Array.from({ length: 10 }, (_, n) => `row-${n}=29${n}`));
  });
});

describe('the file', () => {
  /** Three records, each on disk before the next. */
  async function three(): Promise<string> {
    for (const name of ['a', 'b', 'c']) {
      put(name);
      await durable();
    }
    return crashed();
  }

  /** Overwrites a byte of a record's value. */
  function spoil(copy: string, record: number): void {
    const file = join(copy, LOG);
    const bytes = readFileSync(file);
    const size = RECORD_HEAD + CHANGE_HEAD + keyOf('a').length + 1;
    const at = FILE_HEAD + record * size + size - 1;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(file, bytes);
  }

  test('a record that was being written ends it', async () => {
    const copy = await three();
    spoil(copy, 2);
    expect(contents(open(copy))).toEqual(['a=a', 'b=b']);
  });

  test('a damaged record that was on disk before later ones is told; without the file the folder opens as of the last commit', async () => {
    const copy = await three();
    spoil(copy, 0);
    expect(() => Store.open(copy)).toThrow(
      /engine.log is damaged: record 1 was overwritten\. Nothing was changed; restore the folder from a backup/,
    );
    rmSync(join(copy, LOG));
    expect(contents(open(copy))).toEqual([]);
  });

  test.each([
    ['cut off', (file: string) => truncateSync(file, 1_000), /its end is missing/],
    ['emptied', (file: string) => truncateSync(file, 0), /its beginning is not that of a log/],
    ['another file', (file: string) => writeFileSync(file, 'hello '.repeat(500_000)), /its beginning is not that of a log/],
  ])('%s is told', async (_, damage, message) => {
    const copy = await three();
    damage(join(copy, LOG));
    expect(() => Store.open(copy)).toThrow(message);
  });

  test('is gone after a stop, and the folder needs no log', async () => {
    put('a');
    await store.close();
    expect(existsSync(join(path, LOG))).toBe(false);
    expect(contents(open(path))).toEqual(['a=a']);
  });

  test('a folder of the version without a log is taken over, and is refused to that version afterwards', async () => {
    put('a');
    await store.close();
    writeFileSync(join(path, 'engine.json'), '{"format":1}\n');
    expect(contents(open(path))).toEqual(['a=a']);
    expect(JSON.parse(readFileSync(join(path, 'engine.json'), 'utf8'))).toEqual({ format: 2 });
  });
});
