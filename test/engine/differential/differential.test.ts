// Each case answers as MongoDB answered when the golden files were recorded: types, order and error codes. Where MONGOMS_SYSTEM_BINARY names a
// mongod, the recorded answers are checked against it too; with UPDATE_GOLDEN=1 they are recorded anew from it.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { type Case, type Outcome, toDoc } from './case.js';
import { ARITHMETIC_CASES } from './cases/arithmetic.js';
import { DATE_CASES } from './cases/dates.js';
import { FILTER_CASES } from './cases/filters.js';
import { FOUND_CASES } from './cases/found.js';
import { PIPELINE_CASES } from './cases/pipelines.js';
import { refusalReason } from './cases/refused.js';
import { STRUCTURE_CASES } from './cases/structures.js';
import { UPDATE_CASES } from './cases/updates.js';
import { languageEngine } from './language-engine.js';
import { show } from './show.js';
import { connect, type Wire, wireEngine } from './wire-engine.js';

const GROUPS: Readonly<Record<string, readonly Case[]>> = {
  filters: FILTER_CASES,
  updates: UPDATE_CASES,
  pipelines: PIPELINE_CASES,
  arithmetic: ARITHMETIC_CASES,
  structures: STRUCTURE_CASES,
  dates: DATE_CASES,
  found: FOUND_CASES,
};

/** Recorded answers by case name, each with a digest of the documents it was asked on. */
type Golden = Record<string, { input: string; outcome: Outcome }>;

const goldenFile = (group: string): URL => new URL(`golden/${group}.golden.json`, import.meta.url);

function digest({ docs }: Case): string {
  return createHash('sha256')
    .update(docs.map((doc) => show(toDoc(doc))).join('\n'))
    .digest('hex')
    .slice(0, 12);
}

const recording = process.env.UPDATE_GOLDEN === '1';
const live = process.env.MONGOMS_SYSTEM_BINARY !== undefined;

/** What is compared: an error's code, documents and counts. */
function comparable(outcome: Outcome): unknown {
  return 'error' in outcome ? { error: outcome.error } : { docs: outcome.docs, reply: outcome.reply };
}

describe.each(Object.entries(GROUPS))('%s', (group, cases) => {
  const golden: Golden = existsSync(goldenFile(group)) ? (JSON.parse(readFileSync(goldenFile(group), 'utf8')) as Golden) : {};

  it('has unique names', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  (live ? describe : describe.skip)('on a real MongoDB (skipped where MONGOMS_SYSTEM_BINARY names none)', () => {
    let server: MongoMemoryServer;
    let wire: Wire;
    beforeAll(async () => {
      server = await MongoMemoryServer.create();
      wire = await connect(server.getUri());
    });
    afterAll(async () => {
      wire.close();
      await server.stop();
    });

    it(`answers the ${cases.length} cases as recorded`, async () => {
      const engine = wireEngine(wire);
      const answers: Golden = {};
      for (const testCase of cases) answers[testCase.name] = { input: digest(testCase), outcome: await engine.run(testCase) };
      if (recording) {
        Object.assign(golden, answers);
        writeFileSync(goldenFile(group), `${JSON.stringify(answers, undefined, 1)}\n`);
      }
      for (const { name } of cases) expect({ name, ...answers[name] }).toEqual({ name, ...golden[name] });
    });
  });

  it.each(cases.map((testCase) => [testCase.name, testCase] as const))('%s', async (name, testCase) => {
    const recorded = golden[name];
    expect(recorded?.input).toBe(digest(testCase));
    const outcome = await languageEngine.run(testCase);
    if (refusalReason(name) === undefined) expect(comparable(outcome)).toEqual(recorded && comparable(recorded.outcome));
    else expect(outcome).toMatchObject({ refusal: true });
  });
});
