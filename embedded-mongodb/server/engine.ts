// The engine behind the wire: store, catalog, records and cursors of one data folder, and the group commit by which all commands that
// arrive together share one transaction and one fsync.
import { Catalog } from '../catalog.js';
import { Records } from '../indexes/records.js';
import { Store } from '../store/store.js';
import { Cursors } from './cursors.js';
import type { Gate } from './gate.js';

export interface EngineOptions {
  /** Data folder; made when absent. */
  readonly path: string;
  /** Pause between two sweeps of expired documents; 60,000 as MongoDB's by default. */
  readonly ttlSweepMs?: number;
  /** Told of failures that no client sees (background sweeps) and of internal errors; they go to stderr by default. */
  readonly onError?: (error: Error) => void;
  /** Where the engine has a thread of its own. */
  readonly gate?: Gate;
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
  private readonly gate: Gate | undefined;

  constructor(options: EngineOptions) {
    this.gate = options.gate;
    this.now = options.now ?? Date.now;
    this.cursors = new Cursors(this.now);
    this.store = Store.open(options.path);
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
    this.gate?.enter();
    try {
      return this.store.transaction(work, frees);
    } catch (error) {
      this.catalog.reload();
      throw error;
    } finally {
      this.gate?.leave();
    }
  }

  async close(): Promise<void> {
    this.cursors.clear();
    await this.store.close();
  }
}
