// The accumulators that are also expressions ($sum, $avg, $min, $max): over their arguments, or over the elements of a single array.
import { extremeFold } from '../accumulators/folds.js';
import { averageFold, sumFold } from '../accumulators/sums.js';
import { type Fold } from '../accumulators/types.js';
import { isArray, type Value } from '../bson/index.js';
import { foldArguments, type Folding, parseArguments, UNFOLDED } from './build.js';
import { type Parse } from './types.js';

/** A single argument may be an array of the values, so it is not taken apart with those of an operator around it. */
export function over(name: string, makeFold: () => Fold, folding: Folding): Parse {
  return (operand, scope) => {
    const exprs = parseArguments(operand, scope);
    const apply = (values: Iterable<Value | undefined>): Value | undefined => {
      const all = exprs.length === 1 ? soleArray([...values]) : values;
      const fold = makeFold();
      for (const value of all) fold.add(value);
      return fold.result() ?? null;
    };
    return foldArguments(name, exprs, apply, exprs.length === 1 || !scope.folds ? UNFOLDED : folding);
  };
}

function soleArray(values: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
  const [only] = values;
  return isArray(only) ? only : values;
}

const COMMUTATIVE: Folding = { associative: 'full', commutative: true };

export const TOTALS = {
  $avg: over('$avg', averageFold, { associative: 'none' }),
  $max: over('$max', () => extremeFold(-1), COMMUTATIVE),
  $min: over('$min', () => extremeFold(1), COMMUTATIVE),
  $sum: over('$sum', sumFold, COMMUTATIVE),
} satisfies Record<string, Parse>;
