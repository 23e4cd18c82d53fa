// All generators of the fuzz. A new one is a line here; usage.ts tells which declared operators it must reach.
import fc from 'fast-check';
import { FIND_GENERATORS } from './finds.js';
import type { Batch, Generator } from './probe.js';
import { UPDATE_GENERATORS } from './updates.js';
import { documents } from './values.js';

export const GENERATORS: readonly Generator[] = [...FIND_GENERATORS, ...UPDATE_GENERATORS];

/** Batches of documents and probes; `only` are the kinds to keep. */
export function batches(only: readonly string[], probesPerBatch: number): fc.Arbitrary<Batch> {
  const chosen = GENERATORS.filter(({ kind }) => only.length === 0 || only.includes(kind));
  if (chosen.length === 0) throw new Error(`no such kind; there are ${GENERATORS.map(({ kind }) => kind).join(', ')}`);
  const probe = fc.oneof(...chosen.map(({ weight, probes }) => ({ weight, arbitrary: probes })));
  return fc.record({
    docs: documents({ minLength: 1, maxLength: 6 }),
    others: documents({ minLength: 0, maxLength: 4 }),
    probes: fc.array(probe, { minLength: 1, maxLength: probesPerBatch, size: 'max' }),
  });
}
