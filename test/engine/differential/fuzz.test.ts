// Random cases on the language functions and on a real MongoDB: the answers are equal, or refused. FUZZ_RUNS sets how many (300), FUZZ_SEED which.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { type Engine, type Outcome } from './case.js';
import { anyCase } from './generate.js';
import { languageEngine } from './language-engine.js';
import { connect, type Wire, wireEngine } from './wire-engine.js';

/** Where both engines refuse, the code may differ: an update or expression with two faults may report either. */
function comparable(outcome: Outcome): unknown {
  return 'error' in outcome ? 'an error' : outcome;
}

const live = process.env.MONGOMS_SYSTEM_BINARY !== undefined;

(live ? describe : describe.skip)('random cases beside a real MongoDB (skipped where MONGOMS_SYSTEM_BINARY names none)', () => {
  let server: MongoMemoryServer;
  let wire: Wire;
  let real: Engine;
  beforeAll(async () => {
    server = await MongoMemoryServer.create();
    wire = await connect(server.getUri());
    real = wireEngine(wire);
  });
  afterAll(async () => {
    wire.close();
    await server.stop();
  });

  it('are answered alike or refused', async () => {
    const runs = Number(process.env.FUZZ_RUNS ?? 300);
    const seed = Number(process.env.FUZZ_SEED ?? 1);
    const property = fc.asyncProperty(anyCase, async (testCase) => {
      const ours = await languageEngine.run(testCase);
      if ('error' in ours && ours.refusal) return;
      expect(comparable(ours)).toEqual(comparable(await real.run(testCase)));
    });
    await fc.assert(property, { numRuns: runs, seed, interruptAfterTimeLimit: 600_000, markInterruptAsFailure: true });
  }, 620_000);
});
