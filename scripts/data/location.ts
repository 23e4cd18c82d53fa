/** What the operator may name: a MongoDB by its URI, a data folder of the embedded engine, a backup, or nothing: the service's own database. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Config } from '../../src/config.js';
import { ConfigurationError } from '../../src/domain/errors.js';
import { MANIFEST_FILE } from './manifest.js';

export type Location =
  | {
      readonly kind: 'server';
      readonly uri: string;
      /** The database in question; null: all of the server's. */
      readonly database: string | null;
      readonly label: string;
    }
  | { readonly kind: 'folder'; readonly path: string; readonly exists: boolean; readonly label: string }
  | { readonly kind: 'backup'; readonly path: string; readonly label: string };

/** The engine's folder inside a service's DATA_DIR, where `src/storage/connect` puts it. */
const ENGINE_FOLDER = 'database';
/** What the engine keeps in its folder. */
const ENGINE_FILE = 'engine.json';

/** Throws ConfigurationError where a folder is neither empty nor one of ours. */
export function locate(given: string | undefined, config: Config): Location {
  if (given === undefined) return ofService(config);
  if (/^mongodb(\+srv)?:\/\//.test(given)) return server(given, /^[^/]+\/\/[^/]*\/([^?]+)/.exec(given)?.[1] ?? null);
  return folderOrBackup(resolve(given));
}

function ofService({ mongodb, dataDir }: Config): Location {
  return mongodb.uri === null ? engine(join(dataDir, ENGINE_FOLDER)) : server(mongodb.uri, mongodb.database);
}

function server(uri: string, database: string | null): Location {
  const host = uri.replace(/^(mongodb(?:\+srv)?:\/\/)(?:[^@/]*@)?([^/?]*).*$/, '$1$2');
  const name = database === null ? null : decodeURIComponent(database);
  return { kind: 'server', uri, database: name, label: name === null ? host : `${host}/${name}` };
}

function folderOrBackup(path: string): Location {
  if (existsSync(join(path, MANIFEST_FILE))) return { kind: 'backup', path, label: path };
  if (existsSync(join(path, ENGINE_FILE))) return engine(path);
  const inside = join(path, ENGINE_FOLDER);
  if (existsSync(join(inside, ENGINE_FILE))) return engine(inside);
  if (existsSync(path) && !isEmptyFolder(path)) {
    throw new ConfigurationError(
      `${path} is neither a data folder of the embedded engine (${ENGINE_FILE} is missing) nor a backup (${MANIFEST_FILE} is missing): name another one.`,
    );
  }
  return engine(basename(path) === ENGINE_FOLDER ? path : inside);
}

function engine(path: string): Location {
  return { kind: 'folder', path, exists: existsSync(join(path, ENGINE_FILE)), label: path };
}

function isEmptyFolder(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).length === 0;
}
