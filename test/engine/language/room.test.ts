// Room on the disk: what a transaction is reckoned to need is at least what LMDB takes, so that LMDB never makes the file longer itself.
import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store, tableKey } from '../../../embedded-mongodb/store/store.js';
import { randomOf } from '../durability/load.js';

const SHAPES = [
  { keyBytes: 12, valueBytes: 300, name: 'small documents' },
  { keyBytes: 1_400, valueBytes: 10, name: 'long keys' },
  { keyBytes: 200, valueBytes: 40_000, name: 'documents of many pages' },
];

test.each(SHAPES)('$name written and deleted at random never need more than was made sure of', ({ keyBytes, valueBytes }) => {
  const path = mkdtempSync(join(tmpdir(), 'parley-room-'));
  const store = Store.open(path);
  const random = randomOf(keyBytes);
  const keys: Buffer[] = [];
  const change = (): void => {
    const old = random() < 0.45 ? keys.splice(Math.floor(random() * keys.length), 1)[0] : undefined;
    if (old) return store.delete(old);
    const key = tableKey(Math.floor(random() * 4), Buffer.from(`${random()}${'k'.repeat(random() * keyBytes)}`));
    keys.push(key);
    store.put(key, Buffer.alloc(random() * valueBytes));
  };
  const sizeOfFile = (): number => statSync(join(path, 'data.mdb')).size;
  try {
    for (let round = 0; round < 600; round += 1) {
      const before = store.transaction(() => {
        for (let count = random() * 6; count > 0; count -= 1) change();
        return sizeOfFile();
      });
      store.checkpoint();
      expect(sizeOfFile()).toBe(before);
    }
  } finally {
    void store.close();
    rmSync(path, { recursive: true, force: true });
  }
});
