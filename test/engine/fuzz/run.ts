// The fuzz itself: batches from seed after seed until enough comparisons are made; each difference is shrunk to the least that shows it.
import fc from 'fast-check';
import { judge, type Difference } from './compare.js';
import { batches } from './generators.js';
import type { Batch } from './probe.js';
import type { Servers } from './servers.js';
import { source } from './source.js';
import { Usage } from './usage.js';

export interface FuzzOptions {
  readonly seed: number;
  /** Comparisons to make. */
  readonly runs: number;
  /** Kinds of probes; empty: all. */
  readonly only: readonly string[];
  /** Where a difference was found, to see it again; its `seed` belongs to it. */
  readonly path?: string | undefined;
  /** Stop after this many differences. */
  readonly maxDifferences: number;
  readonly log: (line: string) => void;
}

export interface FuzzResult {
  readonly comparisons: number;
  readonly differences: number;
  readonly refusals: ReadonlyMap<string, number>;
  readonly byKind: ReadonlyMap<string, { equal: number; failed: number; refused: number }>;
  readonly usage: Usage;
}

const PROBES_PER_BATCH = 40;
/** Batches to a seed. */
const BATCHES = 10;
const SHRINK_MS = 30_000;

class DifferenceFound extends Error {
  constructor(readonly difference: Difference) {
    super('the answers differ');
  }
}

export async function fuzz(servers: Servers, options: FuzzOptions): Promise<FuzzResult> {
  const usage = new Usage();
  const refusals = new Map<string, number>();
  const byKind = new Map<string, { equal: number; failed: number; refused: number }>();
  let comparisons = 0;
  let differences = 0;
  const arbitrary = batches(options.only, PROBES_PER_BATCH);
  for (let seed = options.seed; comparisons < options.runs && differences < options.maxDifferences; seed += 1) {
    let shrinking = false;
    const property = fc.asyncProperty(arbitrary, async (batch) => {
      const { judgements, differences: found } = await judge(servers, batch);
      const [first] = found;
      if (!shrinking) {
        for (const judgement of judgements) {
          const { verdict, refusal = '', probe } = judgement;
          usage.count(judgement);
          comparisons += 1;
          if (verdict === 'refused') refusals.set(reasonOf(refusal), (refusals.get(reasonOf(refusal)) ?? 0) + 1);
          const kind = byKind.get(probe.kind) ?? { equal: 0, failed: 0, refused: 0 };
          byKind.set(probe.kind, kind);
          kind[verdict === 'refused' ? 'refused' : verdict === 'equal error' ? 'failed' : 'equal'] += 1;
        }
      }
      if (first) {
        shrinking = true;
        throw new DifferenceFound(first);
      }
    });
    const replay = options.path === undefined ? {} : { path: options.path };
    const checked = await fc.check(property, { numRuns: BATCHES, seed, interruptAfterTimeLimit: SHRINK_MS, ...replay });
    if (checked.failed && checked.counterexample) {
      differences += 1;
      const error = checked.errorInstance;
      if (!(error instanceof DifferenceFound)) throw error;
      options.log(described(checked.counterexample[0], error.difference, seed, checked.counterexamplePath ?? ''));
    }
    if (options.path !== undefined) break;
  }
  return { comparisons, differences, refusals, byKind, usage };
}

/** The words of a refusal without what it was about. */
function reasonOf(refusal: string): string {
  return refusal.replaceAll(/\\"[^"]*\\"|'[^']*'/g, '…').slice(0, 160);
}

function described(batch: Batch, { probe, ours, theirs }: Difference, seed: number, path: string): string {
  return [
    `DIFFERENCE in ${probe.kind}: --seed ${seed} --path ${path}`,
    `  docs     ${source(batch.docs)}`,
    ...(probe.kind === 'aggregate' && batch.others.length > 0 ? [`  others   ${source(batch.others)}`] : []),
    `  command  ${source(probe.command)}`,
    `  embedded ${ours}`,
    `  MongoDB  ${theirs}`,
    '',
  ].join('\n');
}
