// The shapes that all expression families share: a parsed expression, the scope it is parsed in, and builders with constant folding.
import { type Doc, type Value } from '../bson/index.js';

/** A parsed expression. `run` gives `undefined` for missing. Constant ones ignore the document. */
export interface Expr {
  readonly run: (root: Doc) => Value | undefined;
  readonly constant: boolean;
}

/** A variable: expressions that read it close over the cell, and whoever binds it sets `value` before running them. */
export interface Cell {
  value: Value | undefined;
}

/** What names mean where an expression is parsed. */
export interface Scope {
  /** The parser of any expression: carried along, so that the families need not import what imports them. */
  readonly parse: (expression: Value, scope: Scope) => Expr;
  /** User variables, without `$$`. */
  readonly variables: ReadonlyMap<string, Cell>;
  /** The instant of the command, for `$$NOW`. */
  readonly now: Date;
  /** Score of a document that came from `$vectorSearch`. */
  readonly score: (root: Doc) => number | undefined;
}

/** Parses the operand of one operator. */
export type Parse = (operand: Value, scope: Scope) => Expr;

const NOTHING: Doc = new Map();

export function constant(value: Value | undefined): Expr {
  return { run: () => value, constant: true };
}

/** An expression over others: computed once at parse time when all of them are constant, as MongoDB does (errors included). */
export function derived(inputs: readonly Expr[], run: (root: Doc) => Value | undefined): Expr {
  if (inputs.every((input) => input.constant)) return constant(run(NOTHING));
  return { run, constant: false };
}

/** An expression that must not be folded, because it binds variables or depends on the document. */
export function dynamic(run: (root: Doc) => Value | undefined): Expr {
  return { run, constant: false };
}

/** The value of a constant expression. */
export function constantValue(expr: Expr): Value | undefined {
  return expr.run(NOTHING);
}

/** Parses any expression in a scope. */
export function parseExpression(expression: Value, scope: Scope): Expr {
  return scope.parse(expression, scope);
}
