// All expression operators by name. The type makes sure that exactly the declared ones are here.
import { type ExpressionName } from '../surface.js';
import { ARITHMETIC } from './arithmetic.js';
import { ARRAYS } from './arrays.js';
import { CONVERSIONS } from './convert.js';
import { DATES } from './dates.js';
import { LOGIC } from './logic.js';
import { OBJECTS } from './objects.js';
import { SETS } from './sets.js';
import { STRINGS } from './strings.js';
import { TOTALS } from './totals.js';
import { type Parse } from './types.js';
import { VARIABLES } from './variables.js';

export const FAMILIES: Readonly<Record<ExpressionName, Parse>> = {
  ...ARITHMETIC,
  ...ARRAYS,
  ...CONVERSIONS,
  ...DATES,
  ...LOGIC,
  ...OBJECTS,
  ...SETS,
  ...STRINGS,
  ...TOTALS,
  ...VARIABLES,
};
