// The engine behind the wire: store, catalog, records and cursors of one data folder, and the group commit by which all commands that
// arrive together share one transaction.
import { Catalog } from '../catalog.js';
import { Records } from '../indexes/records.js';
import { serveSnapshots } from '../store/snapshot.js';
import { Store } from '../store/store.js';
import { Cursors } from './cursors.js';

export interface EngineOptions {
  /** Data folder; made when absent. */
  readonly path: string;
  /** Pause between two sweeps of expired documents; 60,000 as MongoDB's by default. */
  readonly ttlSweepMs?: number;
  /** Told of failures that no client sees (background sweeps) and of internal errors; they go to stderr by default. */
  readonly onError?: (error: Error) => void;
  /** The clock of time limits and idle cursors, in ms; `Date.now` by default. */
  readonly now?: () => number;
}

export class Engine {
  readonly startedAt = Date.now();
  readonly now: () => number;
  readonly cursors: Cursors;
  readonly catalog: Catalog;
  readonly records: Records;
  readonly onError: (error: Error) => void;
  /** Index builds that a killed process left half done, and that were thrown away at this start. */
  readonly unfinishedBuilds: number;
  /** Open connections, for serverStatus. */
  connections = 0;
  private readonly store: Store;
  private readonly stopSnapshots: () => Promise<void>;

  constructor(options: EngineOptions) {
    this.now = options.now ?? Date.now;
    this.cursors = new Cursors(this.now);
    this.store = Store.open(options.path);
    this.stopSnapshots = serveSnapshots(options.path, this.store);
    this.catalog = new Catalog(this.store);
    this.records = new Records(this.store, this.catalog);
    this.unfinishedBuilds = this.catalog.hasUnfinishedBuilds() ? this.transaction(() => this.catalog.discardUnfinishedBuilds(), true) : 0;
    this.onError = options.onError ?? ((error) => process.stderr.write(`embedded-mongodb: ${error.stack ?? error.message}\n`));
  }

  get storage(): Store {
    return this.store;
  }

  /**
   * Runs `work` as one transaction. When it throws, nothing of it stays: the store is undone and the catalog read again. `frees` as the store has it.
   */
  transaction<T>(work: () => T, frees = false): T {
    try {
      return this.store.transaction(work, frees);
    } catch (error) {
      this.catalog.reload();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.cursors.clear();
    await this.stopSnapshots();
    await this.store.close();
  }
}
