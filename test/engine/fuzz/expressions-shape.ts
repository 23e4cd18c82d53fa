// What the generator of expressions knows about one operator: what it gives and how its operand looks.
import fc from 'fast-check';
import { type Kind } from './expressions-values.js';

/** Expressions that mostly give a kind. */
export type Give = (kind: Kind) => fc.Arbitrary<unknown>;

export interface Shape {
  readonly gives: Kind;
  readonly operand: (give: Give) => fc.Arbitrary<unknown>;
}

export type Shapes<Name extends string> = Readonly<Record<Name, Shape>>;

/** Named parameters; those in `optional` are sometimes absent. */
export function named(
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<unknown> {
  return fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) });
}
