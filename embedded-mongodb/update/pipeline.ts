// Updates written as a pipeline: each document goes through the stages that an update may use.
import { identical } from '../bson/identical.js';
import { type Doc } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { compilePipeline } from '../stages/pipeline.js';
import { STAGES, unsupported, UPDATE_STAGES } from '../surface.js';
import { compileArrayFilters } from './array-filters.js';
import { finish, type Update, type UpdateOptions } from './compile.js';

/** Checks the form of the stages, which fails a whole command. Errors: 40323 and 40324. */
export function checkStages(stages: readonly Doc[]): void {
  for (const stage of stages) {
    const [name = ''] = stage.keys();
    if (stage.size !== 1) throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
    if (!ALL_STAGES.has(name)) throw unsupported('stage', name);
  }
}

const ALL_STAGES = new Set<string>([...STAGES, ...UPDATE_STAGES]);

/** Compiles a pipeline update. Errors: InvalidOptions for other stages, FailedToParse with array filters. */
export function compilePipelineUpdate(stages: readonly Doc[], options: UpdateOptions): Update {
  if (compileArrayFilters(options.arrayFilters ?? []).size > 0)
    throw new MongoError('FailedToParse', 'arrayFilters may not be specified for pipeline-style updates');
  const { run } = compilePipeline(stages, {
    collection: () => [],
    whole: true,
    ...(options.let ? { let: options.let } : {}),
    ...(options.now ? { now: options.now } : {}),
  });
  for (const stage of stages) {
    const [name = ''] = stage.keys();
    if (!(UPDATE_STAGES as readonly string[]).includes(name)) {
      throw new MongoError('InvalidOptions', `${name} is not allowed to be used within an update`);
    }
  }
  return {
    kind: 'pipeline',
    positional: false,
    apply: (doc, context) => {
      const [result = doc] = run([doc]);
      const { doc: next, changed } = finish(doc, withId(doc, result), result, context);
      return { doc: next, changed: changed || (result.size > 0 && !identical(doc, result)) };
    },
  };
}

/** A new root without `_id` keeps the old one; it comes first. */
function withId(before: Doc, after: Doc): Doc {
  const id = after.get('_id') ?? before.get('_id');
  return id === undefined ? after : new Map([['_id', id], ...after]);
}
