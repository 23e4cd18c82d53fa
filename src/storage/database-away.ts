/** Tells a database that cannot be reached from one that refuses: the first comes back by itself, and no message is to blame for it. */
import { MongoError, MongoNetworkError, MongoNotConnectedError, MongoServerError, MongoServerSelectionError } from 'mongodb';

/** Codes with which a server that stops, steps down or starts refuses what it would do a moment later. */
const STOPPING: readonly unknown[] = [91, 189, 10107, 11600, 11602, 13435, 13436];

/** True also where the failure is the cause of another one. */
export function isDatabaseAway(thrown: unknown): boolean {
  if (thrown instanceof MongoServerError) return STOPPING.includes(thrown.code) || thrown.hasErrorLabel('RetryableWriteError');
  if (thrown instanceof MongoNetworkError || thrown instanceof MongoServerSelectionError || thrown instanceof MongoNotConnectedError)
    return true;
  // Cleared pools and closed topologies have classes that the driver does not export, and mongoose has its own.
  if (thrown instanceof MongoError && /Pool|Topology|ClientClosed/.test(thrown.name)) return true;
  if (!(thrown instanceof Error)) return false;
  return thrown.name === 'MongooseServerSelectionError' || (thrown.cause !== undefined && isDatabaseAway(thrown.cause));
}
