// Copies of a data folder in use, each as the folder is at one instant. The process that has it open makes them, for others who ask by a file in the
// folder: LMDB keeps the pages of a reader's snapshot until it is done. Nobody else may open LMDB's files meanwhile: lmdb 3.5.6 writes the number of the
// last transaction into the shared lock file at each open, also to read only (`mdb_env_open2`), out of what it read a moment before. Where the engine had
// committed in between, its next transaction took the place of an acknowledged one.
import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderOwner, VERSION_FILE } from './folder.js';

/** A finished copy is the folder `snapshot-<id>`; with these endings it is asked for, being made, or could not be made. */
const PREFIX = 'snapshot-';
const WANTED = '.wanted';
const PART = '.part';
const FAILED = '.failed';

/** How often the owner looks whether a copy is wanted, and who asked whether it is there. */
const LOOK_MS = 1_000;
const WAIT_MS = 50;
/** Who is not heard in this time asks no longer. */
const PATIENCE_MS = 30_000;
/** Left free on the disk, for what the engine writes meanwhile. */
const SPARE_BYTES = 64 * 2 ** 20;

/** What an engine copies its data with. */
export interface Copier {
  /** Writes the copy, without free space, into an empty folder. */
  copy(to: string): Promise<unknown>;
  /** The most that it takes. */
  sizeBytes(): number;
}

/** For the owner of the folder: makes the copies that are asked for, until it is stopped, which waits for those that are being made. */
export function serveSnapshots(folder: string, copier: Copier): () => Promise<void> {
  removeLeftOvers(folder);
  const making = new Set<Promise<void>>();
  const look = (): void => {
    for (const copy of wantedIn(folder)) {
      const made = make(folder, copy, copier).finally(() => making.delete(made));
      making.add(made);
    }
  };
  const timer = setInterval(() => unlessUnreadable(look), LOOK_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await Promise.all(making);
  };
}

/**
 * Has the owner of a folder in use, on this host, copy it, and gives the folder of the copy, which lies in that folder; the engine can be started on it,
 * and the caller removes it. Errors: what the owner could not do; that it does not answer, or ended; those of the file system where this user may not write.
 */
export async function copySnapshot(folder: string): Promise<string> {
  const copy = join(folder, PREFIX + randomBytes(6).toString('hex'));
  writeFileSync(copy + WANTED, '');
  const end = performance.now() + PATIENCE_MS;
  try {
    for (; !existsSync(copy); await sleep(WAIT_MS)) {
      if (existsSync(copy + FAILED)) throw new Error(readFileSync(copy + FAILED, 'utf8'));
      if (folderOwner(folder) === undefined) throw new Error('the process that had it open has ended: try again');
      if (existsSync(copy + WANTED) && performance.now() > end) {
        throw new Error(
          'the process that has it open does not answer: it is suspended, or of a version that makes no copies; start it again',
        );
      }
    }
    return copy;
  } finally {
    for (const ending of [WANTED, FAILED]) rmSync(copy + ending, { force: true });
  }
}

/** The copies that are to be made, each named once. */
function wantedIn(folder: string): string[] {
  const wanted = readdirSync(folder).filter((name) => name.startsWith(PREFIX) && name.endsWith(WANTED));
  return wanted.flatMap((name) => {
    const file = join(folder, name);
    const isWaitedFor = Date.now() - statSync(file).mtimeMs < PATIENCE_MS;
    rmSync(file);
    return isWaitedFor ? [file.slice(0, -WANTED.length)] : [];
  });
}

async function make(folder: string, copy: string, copier: Copier): Promise<void> {
  const part = copy + PART;
  try {
    mkdirSync(part, { mode: 0o700 });
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < copier.sizeBytes() + SPARE_BYTES) throw new Error(`No space left for a copy in ${folder}`);
    await copier.copy(part);
    copyFileSync(join(folder, VERSION_FILE), join(part, VERSION_FILE));
    renameSync(part, copy);
  } catch (error) {
    unlessUnreadable(() => {
      rmSync(part, { recursive: true, force: true });
      writeFileSync(part, error instanceof Error ? error.message : String(error));
      renameSync(part, copy + FAILED);
    });
  }
}

/** What was being made, or had been made for somebody, when the last owner ended. */
function removeLeftOvers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(PREFIX) || name.endsWith(WANTED)) continue;
    const path = join(folder, name);
    const isUsed = statSync(path).isDirectory() && folderOwner(path) !== undefined;
    if (!isUsed) rmSync(path, { recursive: true, force: true });
  }
}

/** The file system may refuse, or the folder be gone: the engine goes on, and who asked hears nothing and is told so. */
function unlessUnreadable(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(typeof error === 'object' && error !== null && 'code' in error)) throw error;
  }
}
