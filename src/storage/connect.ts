/**
 * Opens the database: the server that the configuration names, or the embedded engine in this process where it names none. From here on nobody
 * can tell the difference. The only importer of the embedded engine.
 */
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Db } from 'mongodb';
import { type Connection, createConnection } from 'mongoose';
import { asError, ConfigurationError } from '../domain/errors.js';
import { maskSecrets } from '../telemetry/logger.js';
import { CLOSING_CONNECTIONS } from './closing-connection.js';
import { type DurableConcern, durableConcern, REPLICATED } from './durable-writes.js';

export interface Database {
  /** A connection of our own, not mongoose's global one. */
  readonly connection: Connection;
  readonly db: Db;
  readonly engine: 'embedded' | 'mongodb';
  /** Closes the connections, then the embedded engine. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Null: the embedded engine. */
  readonly uri: string | null;
  readonly database: string;
  readonly dataDir: string;
  /** The driver tells of each command (`commandStarted` and so on, of the connection's client); off where it is left out. */
  readonly monitorCommands?: boolean;
}

/** How long the start, and later any operation, waits for a server to answer before it fails. */
const SERVER_SELECTION_MS = 5_000;

/** Throws ConfigurationError, in a sentence for the operator, where the server does not answer or the data folder cannot be used. */
export async function connectDatabase(options: ConnectOptions): Promise<Database> {
  if (options.uri !== null) {
    const connection = await openDurably(options.uri, options);
    return { connection, db: nativeDb(connection), engine: 'mongodb', close: () => connection.close() };
  }
  const engine = await startEngine(join(options.dataDir, 'database'));
  // The embedded engine answers when it is on disk, whatever it is asked for.
  const connection = await open(engine.uri, options, REPLICATED).catch(async (thrown: unknown) => {
    await engine.stop();
    throw thrown;
  });
  const close = async () => {
    await connection.close();
    await engine.stop();
  };
  return { connection, db: nativeDb(connection), engine: 'embedded', close };
}

async function startEngine(path: string) {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (thrown) {
    throw new ConfigurationError(`The data folder ${path} cannot be written to: set DATA_DIR to a folder of yours.`, { cause: thrown });
  }
  const { startEmbeddedMongo } = await import('../../embedded-mongodb/index.js');
  try {
    return await startEmbeddedMongo({ path });
  } catch (thrown) {
    throw new ConfigurationError(`The data folder ${path} cannot be opened: ${asError(thrown).message}`, { cause: thrown });
  }
}

/** An acknowledged write is on disk: promise 1 of the design rests on it. */
async function openDurably(uri: string, options: ConnectOptions): Promise<Connection> {
  const connection = await open(uri, options, REPLICATED);
  const concern = await durableConcern(nativeDb(connection));
  if (concern === REPLICATED) return connection;
  await connection.close();
  return open(uri, options, concern);
}

async function open(uri: string, { database, monitorCommands = false }: ConnectOptions, writeConcern: DurableConcern): Promise<Connection> {
  try {
    return await createConnection(uri, {
      ...CLOSING_CONNECTIONS,
      dbName: database,
      autoIndex: false,
      autoCreate: false,
      bufferCommands: false,
      ignoreUndefined: true,
      monitorCommands,
      serverSelectionTimeoutMS: SERVER_SELECTION_MS,
      writeConcern,
    }).asPromise();
  } catch (thrown) {
    const reason = maskSecrets(asError(thrown).message);
    throw new ConfigurationError(`MongoDB at ${withoutCredentials(uri)} cannot be used (${reason}): check MONGODB_URI and the server.`, {
      cause: thrown,
    });
  }
}

/** The hosts of a connection string; what may hold a password is left out. */
function withoutCredentials(uri: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/)(?:[^@/]*@)?([^/?]*).*$/, '$1$2');
}

function nativeDb(connection: Connection): Db {
  if (connection.db === undefined) throw new Error('mongoose resolved a connection that has no database');
  return connection.db;
}
