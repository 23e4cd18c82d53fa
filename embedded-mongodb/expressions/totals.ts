// The accumulators that are also expressions ($sum, $avg, $min, $max): over their arguments, or over the elements of a single array.
import { extremeFold } from '../accumulators/folds.js';
import { averageFold, sumFold } from '../accumulators/sums.js';
import { type Fold } from '../accumulators/types.js';
import { isArray } from '../bson/index.js';
import { variadic } from './build.js';
import { type Parse } from './types.js';

function over(makeFold: () => Fold): Parse {
  return variadic((values) => {
    const all = [...values];
    const [only] = all;
    const fold = makeFold();
    for (const value of all.length === 1 && isArray(only) ? only : all) fold.add(value);
    return fold.result() ?? null;
  });
}

export const TOTALS = {
  $avg: over(averageFold),
  $max: over(() => extremeFold(-1)),
  $min: over(() => extremeFold(1)),
  $sum: over(sumFold),
} satisfies Record<string, Parse>;
