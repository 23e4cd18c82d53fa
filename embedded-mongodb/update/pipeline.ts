// Updates written as a pipeline: each document goes through the stages that an update may use.
import { type Doc } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { compilePipeline } from '../stages/pipeline.js';
import { UPDATE_STAGES } from '../surface.js';
import { finish, type Update, type UpdateOptions } from './compile.js';

/** Compiles a pipeline update. Errors: InvalidOptions for other stages, FailedToParse with array filters. */
export function compilePipelineUpdate(stages: readonly Doc[], options: UpdateOptions): Update {
  if (options.arrayFilters !== undefined)
    throw new MongoError('FailedToParse', 'arrayFilters may not be specified for pipeline-style updates');
  for (const stage of stages) {
    const [name = ''] = stage.keys();
    if (!(UPDATE_STAGES as readonly string[]).includes(name)) {
      throw new MongoError('InvalidOptions', `${name} is not allowed to be used within an update`);
    }
  }
  const { run } = compilePipeline(stages, {
    collection: () => [],
    ...(options.let ? { let: options.let } : {}),
    ...(options.now ? { now: options.now } : {}),
  });
  return {
    kind: 'pipeline',
    apply: (doc, context) => {
      const [result = doc] = run([doc]);
      const { doc: next, changed } = finish(doc, withId(doc, result), context);
      return { doc: next, changed: changed || !result.has('_id') };
    },
  };
}

/** A new root without `_id` keeps the old one. */
function withId(before: Doc, after: Doc): Doc {
  const id = before.get('_id');
  if (id === undefined || after.has('_id')) return after;
  return new Map([['_id', id], ...after]);
}
