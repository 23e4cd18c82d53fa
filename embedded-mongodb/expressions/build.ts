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
  const given = isArray(operand) ? operand.length : 1;
  if (given !== count) {
    throw new MongoError(16020, `Expression ${name} takes exactly ${count} arguments. ${given} were passed in.`);
  }
  return parseArguments(operand, scope);
}

/** As `parseArguments`, of `least` to `most`. */
export function rangedArguments(name: string, least: number, most: number, operand: Value, scope: Scope): Expr[] {
  const given = isArray(operand) ? operand.length : 1;
  if (given < least || given > most) {
    throw new MongoError(28667, `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${given} were passed in.`);
  }
  return parseArguments(operand, scope);
}

export function unary(name: string, apply: (value: Item) => Item): Parse {
  return (operand, scope) => {
    const [argument] = exactArguments(name, 1, operand, scope) as [Expr];
    return derived([argument], (root) => apply(argument.run(root)));
  };
}

export function binary(name: string, apply: (first: Item, second: Item) => Item): Parse {
  return (operand, scope) => {
    const [first, second] = exactArguments(name, 2, operand, scope) as [Expr, Expr];
    return derived([first, second], (root) => apply(first.run(root), second.run(root)));
  };
}

/** An operator of `least` to `most` arguments; absent ones are not passed. */
export function ranged(name: string, least: number, most: number, apply: (...values: Item[]) => Item): Parse {
  return (operand, scope) => {
    const exprs = rangedArguments(name, least, most, operand, scope);
    return derived(exprs, (root) => apply(...exprs.map((expr) => expr.run(root))));
  };
}

/** An operator of any number of arguments, evaluated one by one: what comes after a deciding one is not evaluated. */
export function variadic(apply: (values: Iterable<Item>) => Item): Parse {
  return (operand, scope) => {
    const exprs = parseArguments(operand, scope);
    return derived(exprs, (root) => apply(valuesOf(exprs, root)));
  };
}

function* valuesOf(exprs: readonly Expr[], root: Doc): Iterable<Item> {
  for (const expr of exprs) yield expr.run(root);
}

/** MongoDB's codes for malformed named arguments of one operator. */
export interface NamedCodes {
  readonly notObject: number;
  readonly unknown: number;
  readonly missing: number;
}

/** The raw named arguments of an operator, checked for names only. */
export function namedArguments(
  name: string,
  operand: Value,
  known: readonly string[],
  required: readonly string[],
  codes: NamedCodes,
): Doc {
  if (!isDoc(operand)) throw new MongoError(codes.notObject, `${name} requires an object as an argument`);
  for (const key of operand.keys()) {
    if (!known.includes(key)) throw new MongoError(codes.unknown, `Unrecognized parameter to ${name}: ${key}`);
  }
  for (const key of required) {
    if (!operand.has(key)) throw new MongoError(codes.missing, `Missing '${key}' parameter to ${name}`);
  }
  return operand;
}

/** Parses a named argument that may be absent. */
export function optionalExpression(operand: Doc, key: string, scope: Scope): Expr | undefined {
  const value = operand.get(key);
  return value === undefined ? undefined : parseExpression(value, scope);
}
