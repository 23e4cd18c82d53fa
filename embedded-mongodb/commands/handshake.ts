// What a driver asks about the server itself: hello and its old names, build and host information, sessions, and other small talk.
import { cpus, freemem, hostname, totalmem } from 'node:os';
import { type Doc, int32, MAX_DOCUMENT_BYTES, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { MAX_MESSAGE_BYTES } from '../server/wire.js';
import { type CommandContext, type CommandDefinition, ok } from './command.js';
import { MAX_WRITE_BATCH } from './documents.js';

/** The server version whose behaviour the engine follows, and the wire version that belongs to it. */
export const VERSION = '8.0.0';
const WIRE_VERSION = 25;
const SESSION_MINUTES = 30;

function helloReply(context: CommandContext, primaryField: 'ismaster' | 'isWritablePrimary'): Doc {
  if (context.command.has('speculativeAuthenticate')) throw refusal('BadValue', 'Authentication');
  return ok(
    ['helloOk', true],
    [primaryField, true],
    ['maxBsonObjectSize', int32(MAX_DOCUMENT_BYTES)],
    ['maxMessageSizeBytes', int32(MAX_MESSAGE_BYTES)],
    ['maxWriteBatchSize', int32(MAX_WRITE_BATCH)],
    ['localTime', new Date()],
    ['logicalSessionTimeoutMinutes', int32(SESSION_MINUTES)],
    ['connectionId', int32(context.connectionId)],
    ['minWireVersion', int32(0)],
    ['maxWireVersion', int32(WIRE_VERSION)],
    ['readOnly', false],
  );
}

const hello: CommandDefinition = {
  writes: false,
  run: (context) => helloReply(context, 'isWritablePrimary'),
};

const isMaster: CommandDefinition = {
  aliases: ['ismaster'],
  writes: false,
  run: (context) => helloReply(context, 'ismaster'),
};

const ping: CommandDefinition = { writes: false, run: () => ok() };

const buildInfo: CommandDefinition = {
  aliases: ['buildinfo'],
  writes: false,
  run: () =>
    ok(
      ['version', VERSION],
      ['gitVersion', 'embedded'],
      ['modules', []],
      [
        'versionArray',
        VERSION.split('.')
          .map((part): Value => int32(Number(part)))
          .concat(int32(0)),
      ],
      ['bits', int32(64)],
      ['debug', false],
      ['maxBsonObjectSize', int32(MAX_DOCUMENT_BYTES)],
      ['storageEngines', ['lmdb']],
    ),
};

const getParameter: CommandDefinition = {
  writes: false,
  run({ command }) {
    const fields: [string, Value][] = [];
    if (command.has('featureCompatibilityVersion')) fields.push(['featureCompatibilityVersion', new Map([['version', '8.0']])]);
    if (command.has('authenticationMechanisms')) fields.push(['authenticationMechanisms', []]);
    if (fields.length === 0) throw new MongoError('InvalidOptions', 'no option found to get');
    return ok(...fields);
  },
};

const hostInfo: CommandDefinition = {
  writes: false,
  run: () =>
    ok([
      'system',
      new Map<string, Value>([
        ['currentTime', new Date()],
        ['hostname', hostname()],
        ['cpuAddrSize', int32(64)],
        ['memSizeMB', int32(Math.round(totalmem() / 1_048_576))],
        ['numCores', int32(cpus().length)],
        ['cpuArch', process.arch],
      ]),
    ]),
};

const getCmdLineOpts: CommandDefinition = {
  writes: false,
  run: () => ok(['argv', ['embedded-mongodb']], ['parsed', new Map<string, Value>()]),
};

const whatsmyuri: CommandDefinition = { writes: false, run: ({ connectionId }) => ok(['you', `127.0.0.1:${connectionId}`]) };

const connectionStatus: CommandDefinition = {
  writes: false,
  run: () =>
    ok([
      'authInfo',
      new Map<string, Value>([
        ['authenticatedUsers', []],
        ['authenticatedUserRoles', []],
      ]),
    ]),
};

const getLog: CommandDefinition = {
  writes: false,
  run: ({ command }) =>
    command.get('getLog') === '*' ? ok(['names', ['global', 'startupWarnings']]) : ok(['totalLinesWritten', int32(0)], ['log', []]),
};

const serverStatus: CommandDefinition = {
  writes: false,
  run: ({ engine }) =>
    ok(
      ['host', hostname()],
      ['version', VERSION],
      ['process', 'embedded-mongodb'],
      ['pid', BigInt(process.pid)],
      ['uptime', (Date.now() - engine.startedAt) / 1000],
      ['localTime', new Date()],
      ['connections', new Map<string, Value>([['current', int32(engine.connections)]])],
      [
        'metrics',
        new Map<string, Value>([
          ['cursor', new Map<string, Value>([['open', new Map<string, Value>([['total', int32(engine.cursors.size)]])]])],
        ]),
      ],
      [
        'mem',
        new Map<string, Value>([
          ['resident', int32(Math.round(process.memoryUsage().rss / 1_048_576))],
          ['free', int32(Math.round(freemem() / 1_048_576))],
        ]),
      ],
    ),
};

/** What was acknowledged is on disk already. */
const fsync: CommandDefinition = {
  writes: false,
  run({ db }) {
    if (db !== 'admin') throw new MongoError('Unauthorized', 'fsync may only be run against the admin database.');
    return ok(['numFiles', int32(1)]);
  },
};

/** Sessions only carry an id here: there is nothing to end. */
const accepted: CommandDefinition = { writes: false, run: () => ok() };

const startSession: CommandDefinition = {
  writes: false,
  run: ({ command }) => ok(['id', command.get('lsid') ?? new Map()], ['timeoutMinutes', int32(SESSION_MINUTES)]),
};

export const handshakeCommands = {
  hello,
  isMaster,
  ping,
  buildInfo,
  getParameter,
  getCmdLineOpts,
  hostInfo,
  whatsmyuri,
  connectionStatus,
  getLog,
  serverStatus,
  fsync,
  startSession,
  endSessions: accepted,
  killSessions: accepted,
  refreshSessions: accepted,
} satisfies Record<string, CommandDefinition>;
