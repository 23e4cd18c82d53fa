// Looks at LMDB's file before LMDB does: the library trusts what it finds there, and a damaged beginning or a missing end would end the process
// instead of giving an error. Reads only.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const DATA_FILE = 'data.mdb';

/** Where LMDB's two meta pages hold what (lmdb.h's MDB_page_header and MDB_meta, version 2): offsets in bytes. */
const META = { magic: 24, version: 28, pageSize: 48, lastPage: 144, bytes: 152 } as const;
const MAGIC = 0xbeefc0de;
const VERSION = 2;

/** Error, which says what to do, when the data file of a folder is missing, empty, cut off or overwritten. A `fresh` folder may have no file yet. */
export function checkDataFile(folder: string, fresh: boolean): void {
  const path = join(folder, DATA_FILE);
  const damaged = (what: string): Error =>
    new Error(
      `The data file ${path} is damaged: ${what}. Nothing was changed; restore the folder from a backup, or start with an empty folder`,
    );
  if (!existsSync(path)) {
    if (fresh) return;
    throw damaged('it is missing');
  }
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size === 0 && fresh) return;
    const first = readMeta(file, 0);
    const second = first && readMeta(file, first.pageSize);
    if (!second) throw damaged(size === 0 ? 'it is empty' : 'its beginning is not that of a database');
    const whole = (Math.max(first.lastPage, second.lastPage) + 1) * first.pageSize;
    if (size < whole && !isReadable(folder)) throw damaged(`its end is missing (${size} of ${whole} bytes are there)`);
  } finally {
    closeSync(file);
  }
}

function readMeta(file: number, offset: number): { readonly pageSize: number; readonly lastPage: number } | undefined {
  const bytes = Buffer.alloc(META.bytes);
  if (readSync(file, bytes, 0, META.bytes, offset) < META.bytes) return undefined;
  const pageSize = bytes.readUInt32LE(META.pageSize);
  if (bytes.readUInt32LE(META.magic) !== MAGIC || bytes.readUInt32LE(META.version) !== VERSION || pageSize < 256) return undefined;
  return { pageSize, lastPage: Number(bytes.readBigUInt64LE(META.lastPage)) };
}

/**
 * A file may be shorter than its number of pages says when the last ones are free. Only reading all tells, in a process of its own: it dies of a
 * missing page.
 */
function isReadable(folder: string): boolean {
  const script = `
    const db = require(${JSON.stringify(createRequire(import.meta.url).resolve('lmdb'))}).open({
      path: process.argv[1], readOnly: true, noSubdir: false, keyEncoding: 'binary', encoding: 'binary', overlappingSync: false,
    });
    for (const entry of db.getRange({})) void entry;`;
  return spawnSync(process.execPath, ['-e', script, folder], { stdio: 'ignore' }).status === 0;
}
