/** Loads files, folders and web pages into the knowledge, one after the other, and reports what became of each. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { ConfigurationError } from '../domain/errors.js';
import { FetchError, type FetchLimits, fetchPage } from './fetch-page.js';
import type { LoadResult, LoadSource } from './load-source.js';

export interface IngestOptions {
  /** Files, folders (with all below them) and http(s) URLs. */
  readonly locations: readonly string[];
  readonly load: LoadSource;
  readonly fetchLimits?: FetchLimits;
  readonly onProgress?: (done: number, total: number, source: string) => void;
}

export interface IngestReport {
  readonly results: readonly LoadResult[];
  /** The sources of all files that were found, as their documents are named. */
  readonly sources: readonly string[];
}

interface Found {
  readonly source: string;
  readonly path: string;
  readonly isUrl: boolean;
}

const DEFAULT_FETCH_LIMITS: FetchLimits = { maxBytes: 20 * 1024 * 1024, timeoutMs: 20_000, allowPrivate: false };

/** Throws ConfigurationError for a path that is not there; a file that cannot be read is part of the report. */
export async function ingestSources(options: IngestOptions): Promise<IngestReport> {
  const found = (await Promise.all(options.locations.map(findSources))).flat();
  const results: LoadResult[] = [];
  for (const [index, one] of found.entries()) {
    options.onProgress?.(index, found.length, one.source);
    results.push(await loadOne(one, options));
  }
  options.onProgress?.(found.length, found.length, '');
  return { results, sources: found.map((one) => one.source) };
}

const isUrl = (location: string): boolean => /^https?:\/\//i.test(location);

async function findSources(location: string): Promise<Found[]> {
  if (isUrl(location)) return [{ source: location, path: location, isUrl: true }];
  const stats = await stat(location).catch((thrown: unknown) => {
    throw new ConfigurationError(`${location} cannot be read: check the path.`, { cause: thrown });
  });
  if (!stats.isDirectory()) return [{ source: basename(location), path: location, isUrl: false }];
  const entries = await readdir(location, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ source: relative(location, path).split(sep).join('/'), path, isUrl: false }))
    .filter(({ source }) => !source.split('/').some((part) => part.startsWith('.')))
    .sort((a, b) => (a.source < b.source ? -1 : 1));
}

async function loadOne({ source, path, isUrl: fetched }: Found, options: IngestOptions): Promise<LoadResult> {
  if (!fetched) return options.load({ source, url: null, bytes: await readFile(path) });
  try {
    const page = await fetchPage(path, options.fetchLimits ?? DEFAULT_FETCH_LIMITS);
    return await options.load({ source, url: page.url, bytes: page.bytes });
  } catch (thrown) {
    if (!(thrown instanceof FetchError)) throw thrown;
    return { outcome: 'failed', source, reason: thrown.message };
  }
}
