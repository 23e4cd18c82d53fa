// Builders of parsers for the common operator shapes: a fixed or open number of arguments, or an object of named ones.
import { type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { derived, type Expr, type Parse, parseExpression, type Scope } from './types.js';

type Item = Value | undefined;

/** The argument expressions of an operator: an array, or a single argument written without one. */
export function parseArguments(operand: Value, scope: Scope): Expr[] {
  return (isArray(operand) ? operand : [operand]).map((item) => parseExpression(item, scope));
}

/** As `parseArguments`, of exactly `count`. */
export function exactArguments(name: string, count: number, operand: Value, scope: Scope): Expr[] {
  const exprs = parseArguments(operand, scope);
  if (exprs.length !== count) {
    throw new MongoError(16020, `Expression ${name} takes exactly ${count} arguments. ${exprs.length} were passed in.`);
  }
  return exprs;
}

/** As `parseArguments`, of `least` to `most`. */
export function rangedArguments(name: string, least: number, most: number, operand: Value, scope: Scope): Expr[] {
  if (least === most) return exactArguments(name, least, operand, scope);
  const exprs = parseArguments(operand, scope);
  if (exprs.length < least || exprs.length > most) {
    throw new MongoError(
      28667,
      `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${exprs.length} were passed in.`,
    );
  }
  return exprs;
}

export function unary(name: string, apply: (value: Item) => Item): Parse {
  return (operand, scope) => {
    const [argument] = exactArguments(name, 1, operand, scope) as [Expr];
    return derived([argument], (root) => apply(argument.run(root)));
  };
}

/** An operator that evaluates both arguments before it looks at them. */
export function binary(name: string, apply: (first: Item, second: Item) => Item): Parse {
  return (operand, scope) => {
    const [first, second] = exactArguments(name, 2, operand, scope) as [Expr, Expr];
    return derived([first, second], (root) => apply(first.run(root), second.run(root)));
  };
}

/** As `binary`, evaluating the second argument first: where both fail, that is the error MongoDB reports. */
export function rightFirst(name: string, apply: (first: Item, second: Item) => Item): Parse {
  return (operand, scope) => {
    const [first, second] = exactArguments(name, 2, operand, scope) as [Expr, Expr];
    return derived([first, second], (root) => {
      const right = second.run(root);
      return apply(first.run(root), right);
    });
  };
}

/** Evaluates an argument; those that were not given are absent. */
export type Argument = () => Item;

/** An operator of `least` to `most` arguments that evaluates them one by one, as it needs them. */
export function ranged(name: string, least: number, most: number, apply: (...values: Argument[]) => Item): Parse {
  return (operand, scope) => {
    const exprs = rangedArguments(name, least, most, operand, scope);
    return derived(exprs, (root) => apply(...exprs.map((expr) => (): Item => expr.run(root))));
  };
}

/** How MongoDB computes the constants among the arguments of an operator before it sees documents, which decides what errors come when. */
export interface Folding {
  /** `full`: neighbouring constants become one, and nested uses of the operator are taken apart; `left`: only the constants at the beginning. */
  readonly associative: 'full' | 'left' | 'none';
  /** Constants move to the end. */
  readonly commutative?: boolean;
}

/** Where no constants are computed beforehand. */
export const UNFOLDED: Folding = { associative: 'none' };

/** An operator of any number of arguments, evaluated one by one: what comes after a deciding one is not evaluated. */
export function variadic(name: string, apply: (values: Iterable<Item>) => Item, folding: Folding = { associative: 'none' }): Parse {
  return (operand, scope) => foldArguments(name, parseArguments(operand, scope), apply, scope.folds ? folding : UNFOLDED);
}

/** The expression of an operator over parsed arguments. */
export function foldArguments(name: string, given: readonly Expr[], apply: (values: Iterable<Item>) => Item, folding: Folding): Expr {
  const over = (exprs: readonly Expr[]): Expr => derived(exprs, (root) => apply(valuesOf(exprs, root)));
  if (folding.associative === 'none' || given.every((expr) => expr.constant)) return over(given);
  const operands = foldedOperands(name, given, over, folding);
  const fault = operands.find((operand) => operand.fault)?.fault;
  const whole = { ...over(operands), ...(fault && !given.some((expr) => expr.fault) ? { fault } : {}) };
  return folding.associative === 'full' ? { ...whole, flat: { name, operands } } : whole;
}

function foldedOperands(name: string, given: readonly Expr[], over: (exprs: readonly Expr[]) => Expr, folding: Folding): Expr[] {
  const flattened = given.flatMap((expr) => (folding.associative === 'full' && expr.flat?.name === name ? expr.flat.operands : [expr]));
  const folded: Expr[] = [];
  let constants: Expr[] = [];
  const flush = (): void => {
    if (constants.length > 1) folded.push(over(constants));
    else folded.push(...constants);
    constants = [];
  };
  for (const [index, expr] of flattened.entries()) {
    if (expr.constant) {
      constants.push(expr);
      continue;
    }
    if (folding.commutative !== true) flush();
    folded.push(expr);
    if (folding.associative === 'left') {
      folded.push(...flattened.slice(index + 1));
      break;
    }
  }
  flush();
  return folded;
}

function* valuesOf(exprs: readonly Expr[], root: Doc): Iterable<Item> {
  for (const expr of exprs) yield expr.run(root);
}

/** MongoDB's codes for malformed named arguments of one operator. */
export interface NamedCodes {
  readonly notObject: number;
  readonly unknown: number;
}

/** A named argument: its name and, where it is required, the code for its absence. */
export type Parameter = readonly [name: string, missing?: number];

/** The parsed arguments: those with a code for their absence are there. */
export type Parsed<P extends readonly Parameter[]> = {
  readonly [K in P[number] as K extends readonly [infer N extends string, number] ? N : never]: Expr;
} & { readonly [K in P[number] as K extends readonly [infer N extends string] ? N : never]?: Expr };

/** How one argument is parsed when it is not an expression in the scope of the operator. */
export type ParseNamed = Readonly<Record<string, (value: Value, scope: Scope) => Expr>>;

/**
 * Named arguments, parsed in the order they are written: what is wrong in one comes before an unknown or missing name after it. Faults of constants
 * come in the order of the parameters. The result holds the arguments that were given.
 */
export function namedExpressions<const P extends readonly Parameter[]>(
  name: string,
  operand: Value,
  parameters: P,
  codes: NamedCodes,
  scope: Scope,
  own: ParseNamed = {},
): Parsed<P> {
  if (!isDoc(operand)) throw new MongoError(codes.notObject, `${name} requires an object as an argument`);
  const parsed: Record<string, Expr> = {};
  const faults: Record<string, MongoError[]> = {};
  for (const [key, value] of operand) {
    if (!parameters.some(([known]) => known === key)) throw new MongoError(codes.unknown, `Unrecognized parameter to ${name}: ${key}`);
    const inner: Scope = { ...scope, faults: [] };
    parsed[key] = (own[key] ?? parseExpression)(value, inner);
    faults[key] = inner.faults;
  }
  for (const [key, missing] of parameters) {
    if (missing !== undefined && !(key in parsed)) throw new MongoError(missing, `Missing '${key}' parameter to ${name}`);
    scope.faults.push(...(faults[key] ?? []));
  }
  return parsed as Parsed<P>;
}

/** As `namedExpressions`, of an operator of which MongoDB looks at the names first and then parses the arguments from the last parameter to the first. */
export function namedBackwards<const P extends readonly Parameter[]>(
  name: string,
  operand: Value,
  parameters: P,
  codes: NamedCodes,
  scope: Scope,
  own: ParseNamed = {},
): Parsed<P> {
  const named = namedArguments(name, operand, parameters, codes);
  const given = parameters.map(([key]) => [key, named.get(key)] as const).filter(([, value]) => value !== undefined);
  const reversed = new Map(given.reverse() as [string, Value][]);
  return namedExpressions(name, reversed, parameters, codes, scope, own);
}

/** The raw named arguments of an operator, checked for names only. */
export function namedArguments(name: string, operand: Value, parameters: readonly Parameter[], codes: NamedCodes): Doc {
  if (!isDoc(operand)) throw new MongoError(codes.notObject, `${name} requires an object as an argument`);
  for (const key of operand.keys()) {
    if (!parameters.some(([known]) => known === key)) throw new MongoError(codes.unknown, `Unrecognized parameter to ${name}: ${key}`);
  }
  for (const [key, missing] of parameters) {
    if (missing !== undefined && !operand.has(key)) throw new MongoError(missing, `Missing '${key}' parameter to ${name}`);
  }
  return operand;
}

/** Whether everything that was given is constant. */
export function allConstant(exprs: readonly (Expr | undefined)[]): boolean {
  return exprs.every((expr) => expr === undefined || expr.constant);
}

/** The expressions that were given. */
export function given(...exprs: readonly (Expr | undefined)[]): Expr[] {
  return exprs.filter((expr) => expr !== undefined);
}
