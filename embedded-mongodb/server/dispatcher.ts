// Group commit: the requests that arrive in one turn of the event loop run one after the other in one transaction, and are answered
// when it is on disk. No command is ever paused, so each is atomic.
import { decode, type Doc, type Value } from '../bson/index.js';
import { errorReply, isWrite, runCommand } from '../commands/registry.js';
import { MongoError } from '../errors.js';
import type { Engine } from './engine.js';
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

export class Dispatcher {
  private queue: Pending[] = [];

  constructor(private readonly engine: Engine) {}

  /** Queues a request for the transaction of this turn. */
  submit(pending: Pending): void {
    if (this.queue.length === 0) setImmediate(() => this.flush());
    this.queue.push(pending);
  }

  private flush(): void {
    const batch = this.queue.map((pending) => parse(pending)).filter((parsed) => parsed !== undefined);
    this.queue = [];
    let replies: Buffer[];
    try {
      replies = this.runAll(batch);
    } catch (error) {
      this.engine.onError(asError(error));
      replies = batch.map((parsed) => this.runAlone(parsed));
    }
    batch.forEach((parsed, index) => parsed.answer(replies[index] as Buffer));
  }

  private runAll(batch: readonly Parsed[]): Buffer[] {
    const work = (): Buffer[] => batch.map((parsed) => this.run(parsed));
    return batch.some((parsed) => parsed.writes) ? this.engine.transaction(work) : work();
  }

  /** After a transaction was undone: each request by itself, so that only the one at fault fails. */
  private runAlone(parsed: Parsed): Buffer {
    try {
      return this.runAll([parsed])[0] as Buffer;
    } catch (error) {
      return errorReply(internal(asError(error)));
    }
  }

  private run(parsed: Parsed): Buffer {
    const { request, connectionId, name, db, command } = parsed;
    return runCommand({ engine: this.engine, db, name, command, sequences: request.sequences, connectionId });
  }
}

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

/** LMDB's words for a full disk become MongoDB's code for it. */
function internal(error: Error): MongoError {
  const full = /MDB_MAP_FULL|No space left/i.test(error.message);
  return new MongoError(
    full ? 14031 : 'InternalError',
    full ? 'The disk of the data folder is full' : `internal error of the embedded engine: ${error.message}`,
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
