// What an accumulator of $group is: a state fed with values of the documents of one group.
import { type Doc, isArray, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { type Expr, parseExpression, type Scope } from '../expressions/types.js';

/** The state of one accumulator in one group. */
export interface State {
  readonly add: (doc: Doc) => void;
  /** `undefined` is shown as null. */
  readonly result: () => Value | undefined;
}

/** Makes a fresh state for each group. */
export type MakeState = () => State;

/** Parses the operand of an accumulator. */
export type ParseAccumulator = (operand: Value, scope: Scope) => MakeState;

/** A fold over single values. */
export interface Fold {
  readonly add: (value: Value | undefined) => void;
  readonly result: () => Value | undefined;
}

/** An accumulator of one expression. */
export function single(name: string, makeFold: () => Fold): ParseAccumulator {
  return (operand, scope) => foldOf(singleInput(name, operand, scope), makeFold);
}

/** Folds the values of an expression. */
export function foldOf(input: Expr, makeFold: () => Fold): MakeState {
  return () => {
    const fold = makeFold();
    return {
      add: (doc) => {
        fold.add(input.run(doc));
      },
      result: fold.result,
    };
  };
}

/** The first value; the expression is not evaluated for the documents behind it. */
export const first: ParseAccumulator = (operand, scope) => {
  const input = singleInput('$first', operand, scope);
  return () => {
    let value: Value | undefined;
    let seen = false;
    return {
      add: (doc) => {
        if (!seen) value = input.run(doc);
        seen = true;
      },
      result: () => value,
    };
  };
};

export function singleInput(name: string, operand: Value, scope: Scope): Expr {
  refuseArray(name, operand);
  return parseExpression(operand, scope);
}

/** No accumulator takes a list of arguments. */
export function refuseArray(name: string, operand: Value): void {
  if (isArray(operand)) throw new MongoError(40237, `The ${name} accumulator is a unary operator`);
}
