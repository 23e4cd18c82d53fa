// All accumulators of $group by name. The type makes sure that exactly the declared ones are here.
import { isDoc } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { type AccumulatorName } from '../surface.js';
import { extremeFold, lastFold, mergeFold, pushFold, setFold } from './folds.js';
import { arrivals, extremes, sorted } from './ranked.js';
import { averageFold, countFold, deviationFold, sum } from './sums.js';
import { first, type ParseAccumulator, refuseArray, single } from './types.js';

const count: ParseAccumulator = (operand) => {
  refuseArray('$count', operand);
  if (!isDoc(operand) || operand.size > 0) throw new MongoError('TypeMismatch', '$count takes no arguments, i.e. $count:{}');
  return () => {
    const fold = countFold();
    return {
      add: () => {
        fold.add(null);
      },
      result: fold.result,
    };
  };
};

export const ACCUMULATOR_PARSERS: Readonly<Record<AccumulatorName, ParseAccumulator>> = {
  $addToSet: single('$addToSet', setFold),
  $avg: single('$avg', averageFold),
  $bottom: sorted('$bottom', 'bottom', false),
  $bottomN: sorted('$bottomN', 'bottom', true),
  $count: count,
  $first: first,
  $firstN: arrivals('$firstN', 'first'),
  $last: single('$last', lastFold),
  $lastN: arrivals('$lastN', 'last'),
  $max: single('$max', () => extremeFold(-1)),
  $maxN: extremes('$maxN', -1),
  $mergeObjects: single('$mergeObjects', mergeFold),
  $min: single('$min', () => extremeFold(1)),
  $minN: extremes('$minN', 1),
  $push: single('$push', pushFold),
  $stdDevPop: single('$stdDevPop', () => deviationFold(false)),
  $stdDevSamp: single('$stdDevSamp', () => deviationFold(true)),
  $sum: sum,
  $top: sorted('$top', 'top', false),
  $topN: sorted('$topN', 'top', true),
};
