// All expression operators by name. The type makes sure that exactly the declared ones are here.
import { type ExpressionName } from '../surface.js';
import { ARITHMETIC } from './arithmetic.js';
import { LOGIC } from './logic.js';
import { type Parse } from './types.js';

export const FAMILIES: Readonly<Record<ExpressionName, Parse>> = { ...ARITHMETIC, ...LOGIC } as Record<ExpressionName, Parse>;
