// All commands by name, and the one way to run one: check, run, and turn MongoDB's errors into a reply.
import { encode, int32, type Value } from '../bson/index.js';
import { type CommandName } from '../command-surface.js';
import { MongoError } from '../errors.js';
import { checkDeadline, type Deadline } from '../planner/scan.js';
import { isTask, type Task } from '../server/task.js';
import { bulkWrite } from './bulk-write.js';
import { collMod } from './coll-mod.js';
import { collectionCommands } from './collections.js';
import type { CommandContext, CommandDefinition, Reply } from './command.js';
import { aggregate, explain } from './explain.js';
import { checkCommand, timeLimit } from './generic-fields.js';
import { handshakeCommands } from './handshake.js';
import { indexCommands } from './indexes.js';
import { readCommands } from './read.js';
import { searchIndexCommands } from './search-indexes.js';
import { statisticsCommands } from './statistics.js';
import { validate } from './validate.js';
import { writeCommands } from './write.js';

/** Every command the engine knows, by its main name. */
const COMMANDS: Readonly<Record<CommandName, CommandDefinition>> = {
  ...handshakeCommands,
  ...readCommands,
  ...writeCommands,
  ...collectionCommands,
  ...indexCommands,
  ...searchIndexCommands,
  ...statisticsCommands,
  aggregate,
  bulkWrite,
  collMod,
  explain,
  validate,
};

interface Entry {
  readonly name: CommandName;
  readonly definition: CommandDefinition;
}

const BY_NAME = new Map<string, Entry>();
for (const name of Object.keys(COMMANDS) as CommandName[]) {
  const definition = COMMANDS[name];
  for (const alias of [name, ...(definition.aliases ?? [])]) BY_NAME.set(alias, { name, definition });
}

/** True when the command must run in a write transaction; unknown commands do not. */
export function isWrite(name: string): boolean {
  return BY_NAME.get(name)?.definition.writes ?? false;
}

/**
 * Starts a command: its encoded reply, or a task that gives it. MongoDB's errors become a reply; any other error is the engine's own and is
 * thrown.
 */
export function startCommand(context: Omit<CommandContext, 'deadline'>): Buffer | Task<Buffer> {
  try {
    const entry = BY_NAME.get(context.name);
    if (!entry) throw unknownCommand(context.name);
    const { name, definition } = entry;
    checkCommand(name, context.command, definition.writes);
    const limitMs = timeLimit(name, context.command);
    const { now } = context.engine;
    const deadline = { at: limitMs === undefined ? Infinity : now() + limitMs, now };
    const outcome = definition.run({ ...context, name, deadline });
    if (!isTask<Reply>(outcome)) return encoded(outcome);
    return replied(limitMs === undefined ? outcome : limited(outcome, deadline));
  } catch (error) {
    if (error instanceof MongoError) return errorReply(error);
    throw error;
  }
}

/** The task with a look at the time wherever it may be paused. */
function* limited<T>(task: Task<T>, deadline: Deadline): Task<T> {
  try {
    for (let step = task.next(); ; step = task.next()) {
      if (step.done) return step.value;
      yield step.value;
      checkDeadline(deadline);
    }
  } catch (error) {
    task.throw(error); // it may clean up, and gives the error on
    throw error;
  } finally {
    task.return(undefined as T);
  }
}

function* replied(task: Task<Reply>): Task<Buffer> {
  try {
    return encoded(yield* task);
  } catch (error) {
    if (error instanceof MongoError) return errorReply(error);
    throw error;
  }
}

function encoded(reply: Reply): Buffer {
  return Buffer.isBuffer(reply) ? reply : encode(reply);
}

function unknownCommand(name: string): MongoError {
  return new MongoError(
    'CommandNotFound',
    `no such command: '${name}' (the embedded engine supports a subset of MongoDB; set MONGODB_URI to a MongoDB server for all of it)`,
  );
}

export function errorReply(error: MongoError): Buffer {
  return encode(
    new Map<string, Value>([
      ['ok', 0],
      ['errmsg', error.message],
      ['code', int32(error.code)],
      ['codeName', error.codeName],
      ...([...error.extra] as [string, Value][]),
    ]),
  );
}
