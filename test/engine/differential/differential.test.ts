// Each case answers as MongoDB answered when the golden files were recorded: types, order and error codes. Where MONGOMS_SYSTEM_BINARY names a
// mongod, the recorded answers are checked against it too; with UPDATE_GOLDEN=1 they are recorded anew from it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { comparable, digest, type Golden, GROUPS, readGolden, writeGolden } from './golden.js';
import { refusalReason } from './cases/refused.js';
import { languageEngine } from './language-engine.js';
import { connect, type Wire, wireEngine } from './wire-engine.js';

const recording = process.env.UPDATE_GOLDEN === '1';
const live = process.env.MONGOMS_SYSTEM_BINARY !== undefined;

const CASES = Object.values(GROUPS).reduce((sum, cases) => sum + cases.length, 0);

it(`has at least 600 cases: ${CASES}`, () => {
  expect(CASES).toBeGreaterThanOrEqual(600);
});

describe.each(Object.entries(GROUPS))('%s', (group, cases) => {
  const golden = readGolden(group);

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
        writeGolden(group, answers);
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
