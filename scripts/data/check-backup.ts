/** Compares the files of a backup with its manifest. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupFile, type Manifest, MANIFEST_FILE } from './manifest.js';

/** What is wrong, a sentence each; empty: every file is there and holds what was written. */
export async function checkBackup(folder: string, manifest: Manifest): Promise<string[]> {
  const damage: string[] = [];
  const files = manifest.collections.flatMap(({ data, metadata }) => [data, metadata]);
  for (const file of files) {
    const problem = await checkFile(folder, file);
    if (problem !== null) damage.push(problem);
  }
  const known = new Set([MANIFEST_FILE, ...files.map(({ path }) => path)]);
  for (const path of await filesIn(folder)) {
    if (!known.has(path)) damage.push(`${path} is not of this backup`);
  }
  return damage;
}

async function checkFile(folder: string, { path, bytes, sha256 }: BackupFile): Promise<string | null> {
  const file = join(folder, path);
  const size = await stat(file).then(
    (found) => found.size,
    (thrown: unknown) => {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw thrown;
    },
  );
  if (size === null) return `${path} is missing`;
  if (size !== bytes) return `${path} has ${size} bytes instead of ${bytes}`;
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex') === sha256 ? null : `${path} has been changed`;
}

/** Paths of all files, with `/` between their parts. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => path.slice(folder.length + 1).replaceAll('\\', '/'));
}
