// All generators of the fuzz. A new one is a line here; usage.ts tells which declared operators it must reach.
import fc from 'fast-check';
import { FIND_GENERATORS } from './finds.js';
import { PIPELINE_GENERATORS } from './pipelines.js';
import type { Plain } from '../differential/case.js';
import type { Batch, Generator } from './probe.js';
import { NUMBER_GENERATORS } from './numbers.js';
import { UPDATE_GENERATORS } from './updates.js';
import { ZONE_GENERATORS } from './zones.js';
import { documents } from './values.js';

export const GENERATORS: readonly Generator[] = [
  ...FIND_GENERATORS,
  ...UPDATE_GENERATORS,
  ...PIPELINE_GENERATORS,
  ...ZONE_GENERATORS,
  ...NUMBER_GENERATORS,
];

/** Batches of documents and probes; `only` are the kinds to keep. */
export function batches(only: readonly string[], probesPerBatch: number): fc.Arbitrary<Batch> {
  const chosen = GENERATORS.filter(({ kind }) => only.length === 0 || only.includes(kind));
  if (chosen.length === 0) throw new Error(`no such kind; there are ${GENERATORS.map(({ kind }) => kind).join(', ')}`);
  const sources = [...new Set(chosen.map(({ documents: own }) => own))];
  return fc.oneof(...sources.map((own) => batchesOf(chosen.filter((generator) => generator.documents === own), own, probesPerBatch))); // prettier-ignore
}

/** Batches of generators that share their documents, weighted as a whole. */
function batchesOf(
  generators: readonly Generator[],
  own: fc.Arbitrary<Plain[]> | undefined,
  probesPerBatch: number,
): fc.WeightedArbitrary<Batch> {
  const probe = fc.oneof(...generators.map(({ weight, probes }) => ({ weight, arbitrary: probes })));
  const arbitrary: fc.Arbitrary<Batch> = fc.record({
    docs: own ?? documents({ minLength: 1, maxLength: 6 }),
    others: own ?? documents({ minLength: 0, maxLength: 4 }),
    probes: fc.array(probe, { minLength: 1, maxLength: probesPerBatch, size: 'max' }),
  });
  return { arbitrary, weight: generators.reduce((sum, { weight }) => sum + weight, 0) };
}
