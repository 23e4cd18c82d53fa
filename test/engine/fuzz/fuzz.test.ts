// The short form of `npm run fuzz:engine`: seeded random commands of every kind on the embedded engine and on a real MongoDB, answered alike or refused.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COLLECTION } from './probe.js';
import { fuzz } from './run.js';
import { judged, type Servers, startServers } from './servers.js';
import { Usage } from './usage.js';

const RUNS = 1500;

(judged ? describe : describe.skip)('random commands (skipped where MONGOMS_SYSTEM_BINARY names no MongoDB to judge)', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers();
  });
  afterAll(async () => {
    await servers.stop();
  });

  it(`are answered alike or refused: ${RUNS} of them`, async () => {
    const differences: string[] = [];
    const { comparisons } = await fuzz(servers, {
      seed: 4,
      runs: RUNS,
      only: [],
      maxDifferences: 1,
      log: (line) => differences.push(line),
    });
    expect(differences).toEqual([]);
    expect(comparisons).toBeGreaterThanOrEqual(RUNS);
  }, 60_000);
});

describe('the count of uses', () => {
  const find = { kind: 'find', command: { find: COLLECTION, filter: { a: { $not: { $gt: 1 } } } } };

  it('misses a declared operator until a command with it was answered', () => {
    const usage = new Usage();
    expect(usage.unused()).toEqual(expect.arrayContaining(['query $not', 'query $gt', 'update $set', 'expression $add']));
    usage.count({ probe: find, verdict: 'equal' });
    expect(usage.unused()).not.toContain('query $not');
    expect(usage.unused()).not.toContain('query $gt');
    expect(usage.unused()).toContain('query $lt');
  });

  it('does not take a refusal or a common failure for an answer', () => {
    const usage = new Usage();
    usage.count({ probe: find, verdict: 'refused' });
    usage.count({ probe: find, verdict: 'equal error' });
    expect(usage.unused()).toContain('query $not');
    expect(usage.report()).toContain('$not 0+1');
  });
});
