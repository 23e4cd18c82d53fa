// Looks at LMDB's file before LMDB does: the library trusts what it finds there, and a damaged page or a missing end would end the process
// instead of giving an error. Reads only.
import { closeSync, existsSync, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { firstBadPage, readMeta } from './pages.js';

export const DATA_FILE = 'data.mdb';

/** Up to this size of the file every page is looked at, which takes a tenth of a second; in a larger one only those above the leaves. */
const WHOLE_BYTES = 64 * 2 ** 20;

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
    const meta = first.transaction > second.transaction ? first : second;
    const whole = (meta.lastPage + 1) * meta.pageSize;
    // the file may be shorter than its number of pages says, when the last ones are free
    const bad = firstBadPage(file, meta, size < whole || size <= WHOLE_BYTES);
    if (bad === undefined) return;
    throw damaged(size < whole ? `its end is missing (${size} of ${whole} bytes are there)` : `page ${bad} was overwritten`);
  } finally {
    closeSync(file);
  }
}
