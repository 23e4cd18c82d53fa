/** Where the project lies: the compiled files run from dist/, what they read at run time (pages, sample, package.json) stays in its folder. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const above = dirname(from);
  if (above === from) throw new Error('package.json is missing above the program: the installation is incomplete');
  return findRoot(above);
}

export const ROOT_FOLDER = findRoot(dirname(fileURLToPath(import.meta.url)));
