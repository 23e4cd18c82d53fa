/** The four commands of `npm run data`. Each opens what it needs, closes it whatever happens, and gives the exit code. */
import { resolve } from 'node:path';
import type { Config } from '../../src/config.js';
import { ConfigurationError } from '../../src/domain/errors.js';
import { readBackup } from './backup-source.js';
import { compareDocuments, compareIndexes } from './compare.js';
import { readDatabase } from './database-source.js';
import { locate, type Location } from './location.js';
import { openForReading, openForWriting, type OpenDatabase } from './open-database.js';
import { createProgress } from './progress.js';
import { type CollectionInfo, type Source, totalDocuments } from './source.js';
import { transfer, type TransferReport } from './transfer.js';
import { validateCollections } from './validate.js';
import { checkBackupTarget, writeBackup } from './write-backup.js';

export const EXIT = { done: 0, failed: 1, different: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface CommandContext {
  readonly config: Config;
  /** One line for the operator. */
  readonly say: (line: string) => void;
  /** Ends the work at the next good moment. */
  readonly signal: AbortSignal;
}

/** Databases of the source; left out: all. */
interface Selection {
  readonly db?: readonly string[];
}

export async function backup(context: CommandContext, options: Selection & { from?: string; to: string; gzip?: true }): Promise<ExitCode> {
  const { say, signal } = context;
  const to = resolve(options.to);
  await checkBackupTarget(to);
  const { source, opened } = await openSource(locate(options.from, context.config), options.db ?? []);
  try {
    if (opened === null) throw new ConfigurationError(`${source.label} is a backup already: copy its folder.`);
    const consistency = opened.engine === 'embedded' ? 'snapshot' : 'collection';
    const manifest = await writeBackup(source, { to, consistency, gzip: options.gzip ?? false, progress: createProgress(), signal });
    const bytes = manifest.collections.reduce((sum, { data, metadata }) => sum + data.bytes + metadata.bytes, 0);
    say(`${totals(manifest.collections)} of ${source.label}, ${megabytes(bytes)}, are in ${to}, checked.`);
    if (consistency === 'collection')
      say('Each collection is as it was when its turn came: writes that went on meanwhile may be in one and not in another.');
    return EXIT.done;
  } finally {
    await source.close();
  }
}

export async function restore(context: CommandContext, options: Selection & { from: string; to?: string; drop?: true }): Promise<ExitCode> {
  const from = locate(options.from, context.config);
  if (from.kind !== 'backup') throw new ConfigurationError(`${from.label} is no backup: use copy to move data between databases.`);
  const source = await readBackup(from.path, options.db ?? []);
  return fill(context, source, locate(options.to, context.config), options.drop ?? false);
}

export async function copy(context: CommandContext, options: Selection & { from?: string; to: string; drop?: true }): Promise<ExitCode> {
  const { config, say } = context;
  const from = locate(options.from, config);
  const to = locate(options.to, config);
  if (from.kind === 'backup') throw new ConfigurationError(`${from.label} is a backup: use restore.`);
  if (from.label === to.label) throw new ConfigurationError(`Source and target are the same: ${from.label}.`);
  const { source, opened } = await openSource(from, options.db ?? []);
  if (opened?.isSnapshot === true)
    say(`${source.label} is in use: what is written from now on is not copied. Stop the service first to move everything.`);
  if (opened?.engine === 'server') say('Nothing should write to the source until this is done; the comparison at the end shows what did.');
  return fill(context, source, to, options.drop ?? false);
}

/** Closes the source. */
async function fill({ say, signal }: CommandContext, source: Source, to: Location, drop: boolean): Promise<ExitCode> {
  try {
    if (to.kind === 'backup') throw new ConfigurationError(`${to.label} is a backup: use backup to make one, under a new name.`);
    const target = await openForWriting(to);
    try {
      const report = await transfer(source, target, { drop, progress: createProgress(), signal });
      return tell(report, source.label, target.label, say);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

function tell(report: TransferReport, from: string, to: string, say: (line: string) => void): ExitCode {
  for (const note of report.notes) say(`Note: ${note}.`);
  const where = `from ${from} to ${to}${report.isResumed ? ' (begun by an earlier run)' : ''}`;
  if (report.differences.length === 0) {
    say(
      `${report.documents} documents in ${report.collections} collections went ${where}; both sides are equal in counts, hashes and indexes.`,
    );
    return EXIT.done;
  }
  for (const difference of report.differences) say(`Different: ${difference}.`);
  say(`Everything went ${where}, but the two sides differ: something wrote meanwhile. Stop it and run the same command again with --drop.`);
  return EXIT.different;
}

export async function verify(context: CommandContext, options: Selection & { from?: string; to?: string }): Promise<ExitCode> {
  const { config } = context;
  if (options.to === undefined) return verifyOne(context, locate(options.from, config), options.db ?? []);
  return verifyTwo(context, locate(options.from, config), locate(options.to, config), options.db ?? []);
}

async function verifyOne({ say }: CommandContext, location: Location, only: readonly string[]): Promise<ExitCode> {
  if (location.kind === 'backup') {
    const source = await readBackup(location.path, only);
    say(`${totals(source.collections)} in ${source.label}: every file is as it was written.`);
    return EXIT.done;
  }
  const opened = await openForReading(location);
  const progress = createProgress();
  try {
    const { label, collections } = await readDatabase(opened, only);
    progress.begin('verify', totalDocuments(collections));
    const done = ({ db, name, documents }: CollectionInfo): void => progress.advance(documents, `${db}.${name}`);
    const { damage, unchecked } = await validateCollections(opened.client, collections, done);
    progress.end();
    for (const problem of damage) say(`Damaged: ${problem}.`);
    for (const problem of unchecked) say(`Not checked: ${problem}.`);
    if (damage.length > 0) {
      say(
        `To mend indexes, let them be built anew: npm run data -- copy --from ${label} --to <a new folder>; then set DATA_DIR to that, or restore a backup.`,
      );
      return EXIT.different;
    }
    if (unchecked.length > 0) return EXIT.failed;
    say(`${totals(collections)} in ${label}: indexes and documents agree.`);
    return EXIT.done;
  } finally {
    progress.end();
    await opened.close();
  }
}

async function verifyTwo({ say }: CommandContext, from: Location, to: Location, only: readonly string[]): Promise<ExitCode> {
  const left = await openSource(from, only);
  try {
    const right = await openSource(to, left.source.databases);
    const progress = createProgress();
    try {
      progress.begin('compare', totalDocuments(left.source.collections) + totalDocuments(right.source.collections));
      const differences = await compareDocuments(left.source, right.source, (documents, where) => progress.advance(documents, where));
      progress.end();
      differences.push(...compareIndexes(left.source.collections, right.source.collections));
      for (const difference of differences) say(`Different: ${difference}.`);
      if (differences.length > 0) return EXIT.different;
      say(`${totals(left.source.collections)}: ${left.source.label} and ${right.source.label} are equal in counts, hashes and indexes.`);
      return EXIT.done;
    } finally {
      progress.end();
      await right.source.close();
    }
  } finally {
    await left.source.close();
  }
}

interface OpenSource {
  readonly source: Source;
  /** Null: a backup. */
  readonly opened: OpenDatabase | null;
}

async function openSource(location: Location, only: readonly string[]): Promise<OpenSource> {
  if (location.kind === 'backup') return { source: await readBackup(location.path, only), opened: null };
  const opened = await openForReading(location);
  try {
    return { source: await readDatabase(opened, only), opened };
  } catch (thrown) {
    await opened.close();
    throw thrown;
  }
}

function totals(collections: readonly { readonly documents: number }[]): string {
  const documents = collections.reduce((sum, collection) => sum + collection.documents, 0);
  return `${documents} documents in ${collections.length} collections`;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
