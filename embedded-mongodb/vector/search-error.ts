// Errors of a search. On Atlas a search process of its own answers `$vectorSearch`, and mongod hands its errors on as UnknownError (8).
import { MongoError } from '../errors.js';

export function searchError(what: string): MongoError {
  return new MongoError('UnknownError', `PlanExecutor error during aggregation :: caused by :: ${what}`);
}
