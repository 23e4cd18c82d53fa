// Runs cases on the language functions alone, over documents in memory.
import { type Doc } from '../../../embedded-mongodb/bson/index.js';
import { MongoError } from '../../../embedded-mongodb/errors.js';
import { compileFilter } from '../../../embedded-mongodb/match/index.js';
import { compileProjection } from '../../../embedded-mongodb/projection/index.js';
import { compileSort } from '../../../embedded-mongodb/sort.js';
import { compilePipeline } from '../../../embedded-mongodb/stages/index.js';
import { checkUpsertFilter, compileUpdate, documentForUpsert } from '../../../embedded-mongodb/update/index.js';
import { type Case, type Engine, type Outcome, toDoc } from './case.js';
import { showAll } from './show.js';

type Find = Extract<Case['run'], { find: unknown }>;
type Update = Extract<Case['run'], { update: unknown }>;
type Aggregate = Extract<Case['run'], { aggregate: unknown }>;

function find(docs: Doc[], command: Find): Outcome {
  const filter = compileFilter(toDoc(command.find));
  const project = compileProjection(toDoc(command.projection ?? {}), { filter });
  let found = docs.filter((doc) => filter.matches(doc));
  if (command.sort) found = found.sort(compileSort(toDoc(command.sort)));
  found = found.slice(command.skip ?? 0);
  if (command.limit) found = found.slice(0, command.limit);
  return { docs: showAll(found.map(project)) };
}

function update(docs: Doc[], command: Update): Outcome {
  const filterDoc = toDoc(command.filter ?? {});
  const spec = Array.isArray(command.update) ? command.update.map(toDoc) : toDoc(command.update);
  const compiled = compileUpdate(spec, command.arrayFilters ? { arrayFilters: command.arrayFilters.map(toDoc) } : {});
  if (command.upsert) checkUpsertFilter(filterDoc);
  const filter = compileFilter(filterDoc);
  const now = new Date();
  let matched = 0;
  let modified = 0;
  const after = docs.map((doc) => {
    if ((matched > 0 && !command.multi) || !filter.matches(doc)) return doc;
    matched += 1;
    const result = compiled.apply(doc, { isInsert: false, now, positionalIndex: filter.arrayIndexOfMatch(doc) });
    if (result.changed) modified += 1;
    return result.doc;
  });
  if (matched > 0 || !command.upsert) return { docs: showAll(after), reply: `n ${matched} modified ${modified}` };
  return { docs: showAll([...after, documentForUpsert(filterDoc, compiled, now)]), reply: 'n 1 modified 0' };
}

function aggregate(docs: Doc[], command: Aggregate): Outcome {
  const others = command.others ?? {};
  const collection = (name: string): Doc[] => (name === 'c' ? docs : (others[name] ?? []).map(toDoc));
  const { run } = compilePipeline(command.aggregate.map(toDoc), { collection });
  return { docs: showAll(run(docs)) };
}

/** The engine of the language functions. */
export const languageEngine: Engine = {
  run: async (testCase) => {
    const docs = testCase.docs.map(toDoc);
    try {
      if ('find' in testCase.run) return find(docs, testCase.run);
      return 'update' in testCase.run ? update(docs, testCase.run) : aggregate(docs, testCase.run);
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      return { error: error.code, refusal: error.message.includes('MONGODB_URI') };
    }
  },
};
