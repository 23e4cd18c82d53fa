// A pipeline that may be paused between any two documents, also of the collections it brings in, answers as one that never pauses.
import { describe, expect, it } from '@jest/globals';
import { type Doc } from '../../../embedded-mongodb/bson/index.js';
import { MongoError } from '../../../embedded-mongodb/errors.js';
import { compilePipeline } from '../../../embedded-mongodb/stages/index.js';
import { isPauseDoc, PAUSE_DOC } from '../../../embedded-mongodb/stages/pause.js';
import { type Case, type Outcome, toDoc } from '../differential/case.js';
import { GROUPS } from '../differential/golden.js';
import { showAll } from '../differential/show.js';

type Aggregate = Extract<Case['run'], { aggregate: unknown }>;

const PIPELINES = Object.values(GROUPS)
  .flat()
  .filter((testCase): testCase is Case & { run: Aggregate } => 'aggregate' in testCase.run);

function* between(docs: readonly Doc[]): Generator<Doc> {
  yield PAUSE_DOC;
  for (const doc of docs) yield* [doc, PAUSE_DOC, PAUSE_DOC];
}

function answer({ docs, run: { aggregate, others } }: Case & { run: Aggregate }, pausable: boolean): Outcome {
  const given = (list: readonly Doc[]): Iterable<Doc> => (pausable ? between(list) : list);
  const documents = docs.map(toDoc);
  const collection = (name: string): Iterable<Doc> => given(name === 'c' ? documents : (others?.[name] ?? []).map(toDoc));
  try {
    const { run } = compilePipeline(aggregate.map(toDoc), { collection, pausable, now: new Date(0) });
    return { docs: showAll([...run(given(documents))].filter((doc) => !isPauseDoc(doc))) };
  } catch (error) {
    if (!(error instanceof MongoError)) throw error;
    return { error: error.code };
  }
}

describe('with a pause before and behind each document', () => {
  it.each(PIPELINES.map((testCase) => [testCase.name, testCase] as const))('%s', (_, testCase) => {
    expect(answer(testCase, true)).toEqual(answer(testCase, false));
  });
});
