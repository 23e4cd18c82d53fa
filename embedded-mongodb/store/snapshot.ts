// A copy of a data folder as it is at one instant, made from another process than the one that has it open and may go on writing: LMDB
// keeps the pages of a reader's snapshot until it is done. The engine can then be started on the copy.
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { VERSION_FILE } from './folder.js';
import { MAP_BYTES } from './store.js';

/**
 * Copies the folder `from`, whose owner runs on this host, into the new folder `to`, without its free space. Errors: LMDB's own where the file
 * cannot be read (another user's, damaged), those of the file system where there is no room.
 */
export async function copySnapshot(from: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  const db = open<Buffer, Uint8Array>({
    path: from,
    noSubdir: false,
    readOnly: true,
    keyEncoding: 'binary',
    encoding: 'binary',
    overlappingSync: false,
    ...(process.platform === 'win32' ? {} : { mapSize: MAP_BYTES }),
  });
  try {
    await db.backup(to, true);
  } finally {
    await db.close();
  }
  copyFileSync(join(from, VERSION_FILE), join(to, VERSION_FILE));
}
