// What a command is to the engine: whether it writes, and a function from request to reply. Its fields are declared in command-surface.ts.
import type { Doc, Value } from '../bson/index.js';
import type { Deadline } from '../planner/scan.js';
import type { Engine } from '../server/engine.js';
import type { Task } from '../server/task.js';

export interface CommandContext {
  readonly engine: Engine;
  /** The database the command is for (`$db`). */
  readonly db: string;
  /** The command's name as the client wrote it. */
  readonly name: string;
  readonly command: Doc;
  /** The bytes that `command` was decoded from. */
  readonly body: Buffer;
  /** Raw documents sent beside the command (`documents`, `updates`, `deletes`). */
  readonly sequences: ReadonlyMap<string, readonly Buffer[]>;
  readonly connectionId: number;
  /** When the command gives up (`maxTimeMS`). */
  readonly deadline: Deadline;
}

/** A document to encode, or one that already is bytes. */
export type Reply = Doc | Buffer;

export interface CommandDefinition {
  /** Other names of the command, in lower case where MongoDB takes them so. */
  readonly aliases?: readonly string[];
  /** Runs in a write transaction. */
  readonly writes: boolean;
  /** Runs without a pause, or gives a task whose every step runs in a transaction when the command writes. */
  run(context: CommandContext): Reply | Task<Reply>;
}

/** A successful reply of these fields; `ok` is added. */
export function ok(...fields: (readonly [string, Value])[]): Doc {
  return new Map<string, Value>([...fields, ['ok', 1]]);
}
