// Group commit: the requests that arrive in one turn of the event loop run one after the other, those that write in one transaction, and
// are answered when it is on disk; others run meanwhile. What takes long is a task that goes on a slice a turn, so that nobody waits long behind it.
import { decode, type Doc, type Value } from '../bson/index.js';
import { errorReply, isWrite, startCommand } from '../commands/registry.js';
import { MongoError } from '../errors.js';
import type { Engine } from './engine.js';
import { isTask, runSlice, SLICES, type Slices, type Task } from './task.js';
import type { Request } from './wire.js';

export interface Pending {
  readonly request: Request;
  readonly connectionId: number;
  /** Gets the encoded reply document after the commit. */
  readonly answer: (reply: Buffer) => void;
}

interface Parsed extends Pending {
  readonly name: string;
  readonly db: string;
  readonly command: Doc;
  readonly writes: boolean;
}

interface Paused {
  readonly parsed: Parsed;
  readonly task: Task<Buffer>;
}

/** A command that has been carried out, and its reply. */
interface Done {
  readonly parsed: Parsed;
  readonly reply: Buffer;
}

/** What a command came to in a turn: its reply, or the task that goes on in a later turn. */
type Outcome = Buffer | Task<Buffer>;

export class Dispatcher {
  private queue: Pending[] = [];
  private paused: Paused[] = [];
  /** Connections with a command that is paused or not yet on disk: what they send next waits for its answer. */
  private readonly busy = new Set<number>();
  private scheduled = false;
  private stopped = false;
  private readonly isShort = (): boolean => this.engine.storage.isShort();

  constructor(
    private readonly engine: Engine,
    private readonly slices: Slices = SLICES,
  ) {}

  /** Queues a request for the next turn. */
  submit(pending: Pending): void {
    this.queue.push(pending);
    this.schedule();
  }

  /** A connection is gone: its waiting requests and its paused read are dropped; a write that has begun goes on. */
  disconnect(connectionId: number): void {
    this.queue = this.queue.filter((pending) => pending.connectionId !== connectionId);
    for (const { parsed, task } of this.paused) {
      if (parsed.connectionId === connectionId && !parsed.writes) this.end(parsed, () => task.return(NO_REPLY));
    }
  }

  /** Nothing runs any more; paused tasks are left where they are, as after a crash. */
  stop(): void {
    this.stopped = true;
  }

  private schedule(): void {
    if (this.scheduled || this.stopped) return;
    this.scheduled = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    this.scheduled = false;
    if (this.stopped) return;
    const { reads, writes } = this.takeBatch();
    const end = performance.now() + this.slices.readMs;
    for (const parsed of reads) this.settle(parsed, this.attempt(parsed, end));
    if (writes.length > 0) this.commit(writes);
    this.goOn(reads.length + writes.length > 0);
    if (this.paused.length > 0 || this.queue.some(({ connectionId }) => !this.busy.has(connectionId))) this.schedule();
  }

  /** One request of each connection, so that its answers come in order; what is behind it stays in the queue. */
  private takeBatch(): { reads: Parsed[]; writes: Parsed[] } {
    const reads: Parsed[] = [];
    const writes: Parsed[] = [];
    const waiting: Pending[] = [];
    const held = new Set(this.busy);
    for (const pending of this.queue) {
      if (held.has(pending.connectionId)) {
        waiting.push(pending);
        continue;
      }
      const parsed = parse(pending);
      if (!parsed) continue;
      held.add(pending.connectionId);
      (parsed.writes ? writes : reads).push(parsed);
    }
    this.queue = waiting;
    return { reads, writes };
  }

  private commit(batch: readonly Parsed[]): void {
    const end = performance.now() + this.slices.ms;
    const outcomes: Outcome[] = [];
    try {
      this.engine.transaction(() => {
        for (const parsed of batch) {
          if (outcomes.length > 0 && (performance.now() >= end || this.isShort())) break;
          outcomes.push(this.start(parsed, end));
        }
      });
    } catch (error) {
      this.report(asError(error));
      outcomes.length = 0;
      for (const parsed of batch) outcomes.push(this.attempt(parsed, end));
    }
    const done: Done[] = [];
    batch.forEach((parsed, index) => {
      const outcome = outcomes[index];
      if (isTask<Buffer>(outcome)) this.pause(parsed, outcome);
      else if (outcome) done.push({ parsed, reply: outcome });
    });
    this.queue = [...batch.slice(outcomes.length), ...this.queue];
    this.answerWhenDurable(done);
  }

  /** Nobody is told of a write that a crash could still take back. */
  private answerWhenDurable(done: readonly Done[]): void {
    if (done.length === 0) return;
    for (const { parsed } of done) this.busy.add(parsed.connectionId);
    this.engine.storage.whenDurable((error) => {
      if (error) this.report(error);
      for (const { parsed, reply } of done) {
        this.busy.delete(parsed.connectionId);
        parsed.answer(error ? errorReply(internal(this.engine, error)) : reply);
      }
      if (this.queue.length > 0) this.schedule();
    });
  }

  /** One command alone, so that only it fails when something is wrong. */
  private attempt(parsed: Parsed, end: number): Outcome {
    try {
      return parsed.writes ? this.engine.transaction(() => this.start(parsed, end)) : this.start(parsed, end);
    } catch (error) {
      this.report(asError(error));
      return errorReply(internal(this.engine, asError(error)));
    }
  }

  /** Runs a command, a task until about `end`: those that come in one turn share its time, and each does at least its first step. */
  private start({ request, connectionId, name, db, command }: Parsed, end: number): Outcome {
    const started = startCommand({
      engine: this.engine,
      db,
      name,
      command,
      body: request.body,
      sequences: request.sequences,
      connectionId,
    });
    return isTask<Buffer>(started) ? (runSlice(started, end, this.isShort)?.result ?? started) : started;
  }

  private settle(parsed: Parsed, outcome: Outcome): void {
    if (isTask<Buffer>(outcome)) this.pause(parsed, outcome);
    else parsed.answer(outcome);
  }

  private pause(parsed: Parsed, task: Task<Buffer>): void {
    this.busy.add(parsed.connectionId);
    this.paused.push({ parsed, task });
  }

  /** The next paused task in turn gets a slice, in a transaction of its own when it writes. */
  private goOn(besideOthers: boolean): void {
    const next = this.paused.shift();
    if (!next) return;
    const { parsed, task } = next;
    const { readMs, ms, quietMs } = this.slices;
    const end = performance.now() + (parsed.writes ? (besideOthers ? ms : quietMs) : readMs);
    try {
      const go = (): ReturnType<typeof runSlice<Buffer>> => runSlice(task, end, this.isShort);
      const slice = parsed.writes ? this.engine.transaction(go) : go();
      if (!slice) this.paused.push(next);
      else if (parsed.writes) this.end(parsed, () => this.answerWhenDurable([{ parsed, reply: slice.result }]));
      else this.end(parsed, () => parsed.answer(slice.result));
    } catch (error) {
      this.report(asError(error));
      this.end(parsed, () => parsed.answer(this.failed(next, asError(error))));
    }
  }

  /** A task whose slice was undone: it may clean up, and its client hears what was wrong. What earlier slices wrote stays. */
  private failed({ parsed, task }: Paused, error: Error): Buffer {
    const clean = (): void => {
      try {
        task.throw(error);
      } catch (same) {
        if (same !== error) throw same;
      }
    };
    try {
      if (parsed.writes) this.engine.transaction(clean, true);
      else clean();
    } catch (another) {
      this.report(asError(another));
    }
    return errorReply(internal(this.engine, error));
  }

  /** A full disk is told to the clients only: a log may lie on the same disk. */
  private report(error: Error): void {
    if (!this.engine.storage.isFull(error)) this.engine.onError(error);
  }

  private end(parsed: Parsed, last: () => void): void {
    this.paused = this.paused.filter((other) => other.parsed !== parsed);
    this.busy.delete(parsed.connectionId);
    last();
  }
}

const NO_REPLY = Buffer.alloc(0);

/** Decodes the command; a malformed one is answered at once. */
function parse(pending: Pending): Parsed | undefined {
  const { request } = pending;
  try {
    const command = unwrapped(decode(request.body));
    const name = command.keys().next().value ?? '';
    const db = request.legacyDb ?? command.get('$db');
    if (typeof db !== 'string') throw new MongoError(40571, 'OP_MSG requests require a $db argument');
    return { ...pending, name, db, command, writes: isWrite(name) };
  } catch (error) {
    if (!(error instanceof MongoError)) throw error;
    pending.answer(errorReply(error));
    return undefined;
  }
}

/** Legacy queries may wrap the command to add a read preference. */
function unwrapped(command: Doc): Doc {
  const inner: Value | undefined = command.get('$query');
  return inner instanceof Map ? inner : command;
}

/** A full disk has MongoDB's code for it. */
function internal(engine: Engine, error: Error): MongoError {
  const full = engine.storage.isFull(error);
  return new MongoError(
    full ? 'OutOfDiskSpace' : 'InternalError',
    full
      ? 'The disk of the data folder is full: free some space; nothing was written'
      : `internal error of the embedded engine: ${error.message}`,
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
