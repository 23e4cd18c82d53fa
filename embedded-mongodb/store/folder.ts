// The data folder around the LMDB file: one process at a time, one format version. LMDB itself would let a second process in, whose
// caches would then be wrong.
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Version of the layout on disk: 2 has a log beside LMDB's file, which an engine of version 1 would not read. A folder with a higher one is refused. */
const FORMAT_VERSION = 2;

const LOCK_FILE = 'engine.lock';
export const VERSION_FILE = 'engine.json';
const BEAT_MS = 5_000;
/** A lock of another host (another container) that has not been renewed for this long is taken over. */
const STALE_MS = 20_000;

/** Longer than writing a lock takes. */
const WRITING_MS = 2_000;

interface Owner {
  readonly pid: number;
  /** Start of the process in clock ticks since boot, so that a reused process id is recognised; 0 where the system does not tell. */
  readonly started: number;
  readonly host: string;
}

export interface FolderLock {
  /** The folder has not been used before. */
  readonly fresh: boolean;
  /** Notes that it is used by this version, once its data file is there. */
  markUsed(): void;
  release(): void;
}

/**
 * Makes the folder if need be and locks it. Errors name the folder and what to do: in use by another process, not writable, or
 * written by a newer version.
 */
export function lockFolder(path: string): FolderLock {
  try {
    return lock(path);
  } catch (error) {
    const problem = PROBLEMS[String(codeOf(error))];
    throw problem === undefined ? error : new Error(`The data folder ${path} ${problem}`, { cause: error });
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: 'cannot be written to: give this user write access, or choose another folder',
  EPERM: 'cannot be written to: give this user write access, or choose another folder',
  EROFS: 'is on a read-only file system: choose another folder',
  ENOSPC: 'is on a full disk: free some space',
  EEXIST: 'is not a folder: choose another path',
  ENOTDIR: 'is not a folder: choose another path',
};

function lock(path: string): FolderLock {
  mkdirSync(path, { recursive: true });
  const file = join(path, LOCK_FILE);
  const mine: Owner = { pid: process.pid, started: startOf(process.pid), host: hostname() };
  if (!tryLock(file, mine)) {
    const owner = readOwner(file);
    if (owner && isAlive(owner, file)) {
      throw new Error(`The data folder ${path} is in use by process ${owner.pid}; stop it, or choose another folder`);
    }
    if (!owner && isYoung(file))
      throw new Error(`The data folder ${path} is being opened by another process; try again, or choose another folder`);
    rmSync(file, { force: true });
    if (!tryLock(file, mine)) throw new Error(`The data folder ${path} is being opened by another process; choose another folder`);
  }
  const beat = setInterval(() => touch(file), BEAT_MS);
  beat.unref();
  const release = (): void => {
    clearInterval(beat);
    rmSync(file, { force: true });
  };
  try {
    const found = versionOf(path);
    const markUsed = (): void => {
      if (found !== FORMAT_VERSION) writeVersion(path);
    };
    return { fresh: found === undefined, markUsed, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** A lock file without content is one that is being written, unless its process died at that moment. */
function isYoung(file: string): boolean {
  try {
    return Date.now() - statSync(file).mtimeMs < WRITING_MS;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The living process that holds the folder; absent when it is free. Changes nothing. */
export function folderOwner(path: string): { readonly pid: number; readonly host: string } | undefined {
  const file = join(path, LOCK_FILE);
  const owner = readOwner(file);
  return owner && isAlive(owner, file) ? { pid: owner.pid, host: owner.host } : undefined;
}

function tryLock(file: string, owner: Owner): boolean {
  try {
    const handle = openSync(file, 'wx', 0o600);
    writeSync(handle, JSON.stringify(owner));
    closeSync(handle);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The owner in the lock file; absent when the file is gone or was cut off by a crash. */
function readOwner(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner;
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(owner: Owner, file: string): boolean {
  if (owner.host !== hostname()) return Date.now() - statSync(file).mtimeMs < STALE_MS;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  return startOf(owner.pid) === owner.started;
}

/** Linux tells when a process began; elsewhere 0, which compares equal. */
function startOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return 0;
    throw error;
  }
}

function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** The version that used the folder last; absent when none has. Error: a newer one has. */
function versionOf(path: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(join(path, VERSION_FILE), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const format = formatIn(text);
  if (format === undefined || !Number.isInteger(format) || format < 1) {
    throw new Error(`The data folder ${path} has an unreadable ${VERSION_FILE}; restore it from a backup`);
  }
  if (format <= FORMAT_VERSION) return format;
  throw new Error(
    `The data folder ${path} was written by a newer version (format ${format}, this one knows ${FORMAT_VERSION}); use that version`,
  );
}

function formatIn(text: string): number | undefined {
  try {
    return Number((JSON.parse(text) as { format?: unknown } | null)?.format);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function writeVersion(path: string): void {
  const file = join(path, VERSION_FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify({ format: FORMAT_VERSION })}\n`, { flush: true });
  renameSync(`${file}.new`, file);
}

/** By shape, not by class: under a test runner the file system's errors are of another realm's class. */
function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
