// What an accumulator of $group is: a state fed with values of the documents of one group.
import { type Doc, isDoc, type Value } from '../bson/index.js';
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
  return (operand, scope) => {
    const input = singleInput(name, operand, scope);
    return () => {
      const fold = makeFold();
      return {
        add: (doc) => {
          fold.add(input.run(doc));
        },
        result: fold.result,
      };
    };
  };
}

function singleInput(name: string, operand: Value, scope: Scope): Expr {
  if (Array.isArray(operand)) throw new MongoError(40237, `The ${name} accumulator is a unary operator`);
  return parseExpression(operand, scope);
}

/** The named arguments of an accumulator such as $firstN. */
export function namedInputs(name: string, operand: Value, known: readonly string[]): Doc {
  if (!isDoc(operand)) throw new MongoError(5787801, `specification must be an object; found ${name}`);
  for (const key of operand.keys())
    if (!known.includes(key)) throw new MongoError(5787901, `Unknown argument for ${name} operator: ${key}`);
  for (const key of known) if (!operand.has(key)) throw new MongoError(5787906, `Missing value for '${key}'`);
  return operand;
}
