/** A short form of `npm run fuzz:channels`: spoilt payloads of every channel are answered calmly, and no event is invented. */
import { expect, it } from '@jest/globals';
import { fuzzPayloads } from '../fuzz/payloads.js';
import { FUZZ_TARGETS } from '../fuzz/targets.js';

it.each(Object.entries(FUZZ_TARGETS))(
  '%s',
  async (_name, open) => {
    const target = await open();
    const { faults, statuses } = await fuzzPayloads(target, { mutations: 400, seed: 20_261_121 });
    await target.close();
    expect(faults).toEqual([]);
    // Much of what is spoilt is still signed and well formed: it is taken, and ignored with a reason or processed. The web chat's frames are strict.
    expect(statuses['200']).toBeGreaterThan(20);
  },
  60_000,
);
