// The one error class of the engine and MongoDB's error codes in use, so that a client sees the same `code` and `codeName` from
// the embedded engine as from a real server.

/** Numeric code by MongoDB's code name (src/mongo/base/error_codes.yml). */
export const ERROR_CODES = {
  InternalError: 1,
  BadValue: 2,
  NoSuchKey: 4,
  HostUnreachable: 6,
  UnknownError: 8,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  ProtocolError: 17,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  NonExistentPath: 29,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  NotSingleValueField: 54,
  InvalidIdField: 53,
  EmptyFieldName: 56,
  DottedFieldName: 57,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  IndexAlreadyExists: 68,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  OperationFailed: 96,
  DocumentValidationFailure: 121,
  CommandNotSupported: 115,
  CannotIndexParallelArrays: 171,
  QueryPlanKilled: 175,
  InvalidIndexSpecificationOption: 197,
  QueryFeatureNotAllowed: 224,
  CursorKilled: 237,
  ConversionFailure: 241,
  NoSuchTransaction: 251,
  OperationNotSupportedInTransaction: 263,
  IndexBuildAborted: 276,
  NoQueryExecutionPlans: 291,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  APIVersionError: 322,
  APIStrictError: 323,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  Interrupted: 11601,
  CursorInUse: 12051,
  BackgroundOperationInProgressForNamespace: 12587,
  OutOfDiskSpace: 14031,
  IDLFailedToParse: 40414,
  IDLUnknownField: 40415,
} as const;

export type ErrorCodeName = keyof typeof ERROR_CODES;

const NAMES = new Map<number, string>(Object.entries(ERROR_CODES).map(([name, code]) => [code, name]));

/** MongoDB's name of a code; codes without a name are called `Location<code>`, as MongoDB does. */
function codeNameOf(code: number): string {
  return NAMES.get(code) ?? `Location${code}`;
}

/** An answer to a client: `{ ok: 0, code, codeName, errmsg }`, or one entry of `writeErrors`. */
export class MongoError extends Error {
  readonly code: number;
  readonly codeName: string;
  /** Further fields of the answer, e.g. `keyPattern` and `keyValue` of a duplicate key. */
  readonly extra: ReadonlyMap<string, unknown>;

  constructor(code: ErrorCodeName | number, message: string, extra: ReadonlyMap<string, unknown> = new Map()) {
    super(message);
    this.name = 'MongoError';
    this.code = typeof code === 'number' ? code : ERROR_CODES[code];
    this.codeName = codeNameOf(this.code);
    this.extra = extra;
  }
}

/** The error of one write of a batch, which the batch tells beside what else it did; what ends a command altogether is none. */
export function isOfOneWrite(error: unknown): error is MongoError {
  return error instanceof MongoError && error.code !== ERROR_CODES.MaxTimeMSExpired;
}

/** The refusal of something MongoDB has and the engine does not: MongoDB's code, and the way out. */
export function refusal(code: ErrorCodeName | number, what: string): MongoError {
  return new MongoError(code, `${what} is not supported by the embedded engine; set MONGODB_URI to a MongoDB server to use it`);
}

/** Whether an error says that the engine, not MongoDB, cannot do something. */
export function isRefusal({ message }: MongoError): boolean {
  return message.includes('MONGODB_URI');
}
