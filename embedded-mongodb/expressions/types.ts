// The shapes that all expression families share: a parsed expression, the scope it is parsed in, and builders with constant folding.
import { type Doc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';

/** A parsed expression. `run` gives `undefined` for missing. Constant ones ignore the document. */
export interface Expr {
  readonly run: (root: Doc) => Value | undefined;
  readonly constant: boolean;
  /** What computing a constant part failed with. MongoDB reports it after the whole pipeline is parsed and before any document is read. */
  readonly fault?: MongoError;
  /** The operands of an associative operator: the same operator around it takes them for its own. */
  readonly flat?: { readonly name: string; readonly operands: readonly Expr[] };
}

/** A variable: expressions that read it close over the cell, and whoever binds it sets `value` before running them. */
export interface Cell {
  value: Value | undefined;
  /** The value is known when expressions are parsed. */
  readonly constant?: boolean;
  /** Whether an expression reads it. */
  used?: boolean;
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
  /** Faults of the expressions parsed so far, in order; whoever parses a whole command throws the first when all of it is parsed. */
  readonly faults: MongoError[];
  /** Whether MongoDB computes constants here before it sees documents. */
  readonly folds: boolean;
  /** In an `$expr` of a filter, where MongoDB forgets what it found out about constants. */
  readonly inFilter?: boolean;
}

/** Parses the operand of one operator. */
export type Parse = (operand: Value, scope: Scope) => Expr;

const NOTHING: Doc = new Map();

export function constant(value: Value | undefined): Expr {
  return { run: () => value, constant: true };
}

/** An expression over others: computed once at parse time when all of them are constant, as MongoDB does. */
export function derived(inputs: readonly Expr[], run: (root: Doc) => Value | undefined): Expr {
  if (!inputs.every((input) => input.constant)) return { run, constant: false };
  try {
    return constant(run(NOTHING));
  } catch (error) {
    return failed(error);
  }
}

/** A constant expression that failed: fails again wherever it is evaluated. */
function failed(error: unknown): Expr {
  if (!(error instanceof MongoError)) throw error;
  const run = (): never => {
    throw error;
  };
  return { run, constant: false, fault: error };
}

/** An expression that must not be folded, because it binds variables or depends on the document. */
export function dynamic(run: (root: Doc) => Value | undefined): Expr {
  return { run, constant: false };
}

/** What is computed while expressions are parsed, e.g. the meaning of a constant argument, and the expression made of it. */
export function prepared(make: () => Expr): Expr {
  try {
    return make();
  } catch (error) {
    return failed(error);
  }
}

/** The value of a constant expression. */
export function constantValue(expr: Expr): Value | undefined {
  return expr.run(NOTHING);
}

/** Parses any expression in a scope. */
export function parseExpression(expression: Value, scope: Scope): Expr {
  return scope.parse(expression, scope);
}

/** Throws the first fault of a scope: to be called when everything in it is parsed. */
export function settle(scope: Scope): void {
  const [fault] = scope.faults;
  if (fault) throw fault;
}
