// THE declaration of the commands the embedded engine answers and of each of their fields: done, taken without effect (and why), or refused. A field
// that is not declared is answered with MongoDB's IDLUnknownField. The registry of commands is typed by this list; README's table is made from it.

/** The fields of a command, or of an item of one of its lists. */
export interface Fields {
  /** Done as MongoDB does it. */
  readonly done?: readonly string[];
  /** Taken and without effect, each with the reason. */
  readonly ignored?: Readonly<Record<string, string>>;
  /** Refused unless they are absent, null or false. */
  readonly refused?: readonly string[];
  /** Fields that nobody knows are ignored too, as MongoDB does here. */
  readonly lenient?: true;
  /** What else is left out. */
  readonly note?: string;
}

const NO_SPILLING = 'everything is sorted and grouped in memory';
const NO_VALIDATORS = 'collections have no validators';
const NO_USERS = 'there are no users';
const NO_STATEMENTS = 'nothing is retried by the server';

const SIZES = 'counts and the sizes of documents, not of files';

const NO_FILLING = 'an empty timestamp is filled in by inserts only';

const WRITES = {
  bypassDocumentValidation: NO_VALIDATORS,
  stmtId: NO_STATEMENTS,
  stmtIds: NO_STATEMENTS,
  rawData: 'there are no time series',
};

export const COMMAND_FIELDS = {
  hello: { lenient: true },
  isMaster: { lenient: true },
  ping: {},
  buildInfo: {},
  getParameter: {
    done: ['featureCompatibilityVersion', 'authenticationMechanisms'],
    refused: ['allParameters', 'showDetails'],
    lenient: true,
    note: 'other parameters are not known',
  },
  getCmdLineOpts: {},
  hostInfo: {},
  whatsmyuri: {},
  connectionStatus: { ignored: { showPrivileges: NO_USERS, showAuthenticationRestrictions: NO_USERS } },
  getLog: { note: 'always empty' },
  serverStatus: { lenient: true, note: 'host, version, process, uptime, connections, cursors and memory only' },
  startSession: {},
  endSessions: {},
  killSessions: {},
  refreshSessions: {},
  find: {
    done: ['filter', 'sort', 'projection', 'hint', 'skip', 'limit', 'batchSize', 'singleBatch', 'collation', 'let', 'noCursorTimeout'],
    ignored: { allowDiskUse: NO_SPILLING, allowPartialResults: 'there are no shards', oplogReplay: 'MongoDB ignores it too' },
    refused: ['min', 'max', 'returnKey', 'showRecordId', 'tailable', 'awaitData', 'term', 'readOnce', 'includeQueryStatsMetrics'],
  },
  getMore: { done: ['collection', 'batchSize'] },
  killCursors: { done: ['cursors'] },
  count: { done: ['query', 'limit', 'skip', 'hint', 'collation'], ignored: { fields: 'MongoDB ignores it too' } },
  distinct: { done: ['key', 'query', 'collation', 'hint'] },
  aggregate: {
    done: ['pipeline', 'cursor', 'collation', 'hint', 'let', 'explain'],
    ignored: { allowDiskUse: NO_SPILLING, bypassDocumentValidation: NO_VALIDATORS },
  },
  explain: { done: ['verbosity'], note: 'no rejected plans; parsedQuery is the filter as it was sent' },
  insert: { done: ['documents', 'ordered', 'bypassEmptyTsReplacement'], ignored: WRITES },
  update: { done: ['updates', 'ordered', 'let'], ignored: { ...WRITES, bypassEmptyTsReplacement: NO_FILLING } },
  delete: { done: ['deletes', 'ordered', 'let'], ignored: WRITES },
  findAndModify: {
    done: ['query', 'sort', 'remove', 'update', 'new', 'fields', 'upsert', 'hint', 'collation', 'arrayFilters', 'let'],
    ignored: { ...WRITES, bypassEmptyTsReplacement: NO_FILLING },
  },
  bulkWrite: {
    done: ['ops', 'nsInfo', 'ordered', 'errorsOnly', 'cursor', 'let', 'bypassEmptyTsReplacement'],
    ignored: { bypassDocumentValidation: NO_VALIDATORS, stmtId: NO_STATEMENTS, stmtIds: NO_STATEMENTS },
  },
  create: {
    ignored: { autoIndexId: 'there is always an index on _id', idIndex: 'it can only be {_id: 1}', flags: 'MongoDB ignores it too' },
    refused: [
      ...['capped', 'size', 'max', 'timeseries', 'expireAfterSeconds', 'clusteredIndex', 'changeStreamPreAndPostImages'],
      ...['viewOn', 'pipeline', 'validator', 'validationLevel', 'validationAction', 'collation', 'encryptedFields', 'temp'],
      ...['storageEngine', 'indexOptionDefaults'],
    ],
  },
  drop: {},
  dropDatabase: {},
  renameCollection: { done: ['to', 'dropTarget'], ignored: { stayTemp: 'no collection is temporary' }, note: 'within one database' },
  listDatabases: { done: ['filter', 'nameOnly'], ignored: { authorizedDatabases: NO_USERS } },
  listCollections: { done: ['filter', 'nameOnly', 'cursor'], ignored: { authorizedCollections: NO_USERS } },
  collStats: { done: ['scale'], ignored: { verbose: 'there is no more to say' }, note: SIZES },
  dbStats: { done: ['scale'], ignored: { freeStorage: 'free space is not told apart' }, note: SIZES },
  dataSize: { done: ['estimate'], refused: ['keyPattern', 'min', 'max'], note: 'no less is read for an estimate' },
  fsync: { refused: ['lock'], note: 'what was acknowledged is on disk already' },
  validate: {
    ignored: { full: 'everything is always read', checkBSONConformance: 'all of each document is always read' },
    done: ['background'],
    refused: ['repair', 'metadata', 'fixMultikey'],
    lenient: true,
  },
  createIndexes: {
    done: ['indexes', 'ignoreUnknownIndexOptions'],
    ignored: { commitQuorum: 'there is one server' },
  },
  listIndexes: { done: ['cursor'], refused: ['includeIndexBuildInfo', 'includeBuildUUIDs'] },
  dropIndexes: { done: ['index'] },
  collMod: {
    done: ['index'],
    refused: [
      ...['validator', 'validationLevel', 'validationAction', 'viewOn', 'pipeline', 'cappedSize', 'cappedMax', 'timeseries'],
      ...['expireAfterSeconds', 'changeStreamPreAndPostImages', 'dryRun'],
    ],
  },
  createSearchIndexes: { done: ['indexes'], note: 'type vectorSearch only' },
  updateSearchIndex: { done: ['id', 'name', 'definition'] },
  dropSearchIndex: { done: ['id', 'name'] },
} as const satisfies Readonly<Record<string, Fields>>;

export type CommandName = keyof typeof COMMAND_FIELDS;

/** Fields of the items of a command's list. */
export const ITEM_FIELDS = {
  'update.updates': { done: ['q', 'u', 'c', 'multi', 'upsert', 'arrayFilters', 'collation', 'hint', 'sort'] },
  'delete.deletes': { done: ['q', 'limit', 'collation', 'hint'] },
  'bulkWrite.ops insert': { done: ['insert', 'document'] },
  'bulkWrite.ops update': {
    done: ['update', 'filter', 'updateMods', 'constants', 'multi', 'upsert', 'arrayFilters', 'collation', 'hint', 'sort'],
  },
  'bulkWrite.ops delete': { done: ['delete', 'filter', 'multi', 'collation', 'hint'] },
  'collMod.index': {
    done: ['name', 'keyPattern', 'expireAfterSeconds'],
    refused: ['hidden', 'unique', 'prepareUnique'],
    note: 'the expiry of a TTL index only',
  },
  'bulkWrite.nsInfo': { done: ['ns'], refused: ['encryptionInformation', 'collectionUUID'] },
  'createIndexes.indexes': {
    done: ['key', 'name', 'unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds', 'collation'],
    ignored: { v: 'there is one version', background: 'no index is built in the foreground' },
    refused: [
      ...['hidden', 'prepareUnique', 'clustered', 'wildcardProjection', 'storageEngine'],
      ...[
        'weights',
        'default_language',
        'language_override',
        'textIndexVersion',
        '2dsphereIndexVersion',
        'bits',
        'min',
        'max',
        'bucketSize',
      ],
    ],
    note: 'keys 1 and -1, not text, 2d, 2dsphere, hashed, wildcard; collations of strength 1 and 2, for equality',
  },
} as const satisfies Readonly<Record<string, Fields>>;

/** Fields that every command takes. */
export const GENERIC_FIELDS = {
  done: ['$db', 'maxTimeMS', 'readConcern', 'writeConcern', 'apiVersion', 'apiStrict', 'apiDeprecationErrors'],
  ignored: {
    comment: 'nothing is logged or profiled',
    lsid: 'a session is no more than its id',
    $clusterTime: 'there is one server',
    $readPreference: 'there is one server',
  },
  refused: ['startTransaction', 'autocommit', 'txnNumber'],
  note: 'read concern local, majority, available; write concern w 0, 1, majority, j, with the same effect: written to disk; apiStrict and apiDeprecationErrors only false',
} as const satisfies Fields;
