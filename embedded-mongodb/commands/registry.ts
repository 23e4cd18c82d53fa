// All commands by name, and the one way to run one: check, run, and turn MongoDB's errors into a reply.
import { encode, int32, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { isTask, type Task } from '../server/task.js';
import { aggregate } from './aggregate.js';
import { collectionCommands } from './collections.js';
import type { CommandContext, CommandDefinition, Reply } from './command.js';
import { explain } from './explain.js';
import { checkFields, checkWriteConcern, countField } from './fields.js';
import { handshakeCommands } from './handshake.js';
import { indexCommands } from './indexes.js';
import { readCommands } from './read.js';
import { searchIndexCommands } from './search-indexes.js';
import { writeCommands } from './write.js';

/** Every command the engine knows, by its main name. */
export const COMMANDS: Readonly<Record<string, CommandDefinition>> = {
  ...handshakeCommands,
  ...readCommands,
  ...writeCommands,
  ...collectionCommands,
  ...indexCommands,
  ...searchIndexCommands,
  aggregate,
  explain,
};

interface Entry {
  readonly name: string;
  readonly definition: CommandDefinition;
  readonly fields: ReadonlySet<string> | undefined;
}

const BY_NAME = new Map<string, Entry>();
for (const [name, definition] of Object.entries(COMMANDS)) {
  const entry = { name, definition, fields: definition.fields === 'any' ? undefined : new Set(definition.fields) };
  for (const alias of [name, ...(definition.aliases ?? [])]) BY_NAME.set(alias, entry);
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
    if (entry.fields) checkFields(entry.name, context.command, entry.fields);
    checkWriteConcern(entry.name, context.command, !entry.definition.writes);
    const limitMs = context.name === 'getMore' ? undefined : countField(context.command, entry.name, 'maxTimeMS');
    const outcome = entry.definition.run({ ...context, name: entry.name, deadline: limitMs ? Date.now() + limitMs : Infinity });
    return isTask<Reply>(outcome) ? replied(outcome) : encoded(outcome);
  } catch (error) {
    if (error instanceof MongoError) return errorReply(error);
    throw error;
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
