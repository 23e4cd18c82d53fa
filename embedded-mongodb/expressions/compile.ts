// Compiles an aggregation expression once per command to a closure over the document.
import { type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { type ExpressionName, unsupported } from '../surface.js';
import { fieldPath } from './field-path.js';
import { FAMILIES } from './registry.js';
import { withSlots } from '../slots.js';
import { type Cell, constant, derived, type Expr, type Scope, settle } from './types.js';

export interface ExpressionOptions {
  /** The command's `let`: values (constant expressions) by variable name. */
  readonly let?: Doc;
  /** The instant of the command; the present when absent. */
  readonly now?: Date;
  /** An enclosing scope, e.g. of a pipeline; `let` and `now` are ignored then. */
  readonly scope?: Scope;
  /** It is the `$expr` of a filter. */
  readonly inFilter?: boolean;
}

/** Compiles an expression to a function of the document; `undefined` is a missing result. */
export function compileExpression(expression: Value, options: ExpressionOptions = {}): (doc: Doc) => Value | undefined {
  const outer = options.scope ?? createScope(options);
  const scope: Scope = options.inFilter ? { ...outer, inFilter: true } : outer;
  const { run } = parseExpression(expression, scope);
  if (!options.scope) settle(scope);
  return run;
}

/** The scope at the start of a command. */
export function createScope(options: ExpressionOptions): Scope {
  const base: Scope = {
    parse: parseExpression,
    variables: new Map(),
    now: options.now ?? new Date(),
    score: () => undefined,
    faults: [],
    folds: true,
  };
  const variables = new Map<string, Cell>();
  for (const [name, value] of options.let ?? [])
    variables.set(name, { value: parseExpression(value, base).run(new Map()), constant: true });
  return { ...base, variables };
}

/** Parses any expression. Errors carry MongoDB's codes; faults of constant parts are added to those of the scope. */
export function parseExpression(expression: Value, scope: Scope): Expr {
  const expr = parseAny(expression, scope);
  if (expr.fault) scope.faults.push(expr.fault);
  return expr;
}

function parseAny(expression: Value, scope: Scope): Expr {
  if (typeof expression === 'string') return expression.startsWith('$') ? fieldPath(expression, scope) : constant(expression);
  if (isArray(expression)) return parseArray(expression, scope);
  return isDoc(expression) ? parseObject(expression, scope) : constant(expression);
}

function parseArray(items: readonly Value[], scope: Scope): Expr {
  const exprs = items.map((item) => parseExpression(item, scope));
  return derived(exprs, (root) => exprs.map((expr) => expr.run(root) ?? null));
}

function parseObject(object: Doc, scope: Scope): Expr {
  const [first] = object.keys();
  if (first?.startsWith('$')) return parseOperator(first, object, scope);
  const fields: [string, Expr][] = [];
  for (const [name, value] of object) fields.push([objectKey(name), parseExpression(value, scope)]);
  return derived(
    fields.map(([, expr]) => expr),
    (root) =>
      withSlots(
        new Map(),
        fields.map(([name, expr]) => [name, expr.run(root)]),
      ),
  );
}

function objectKey(name: string): string {
  if (name.startsWith('$'))
    throw new MongoError(16410, `FieldPath field names may not start with '$'. Consider using $getField or $setField.`);
  if (name.includes('.')) throw new MongoError(16412, `FieldPath field names may not contain '.'. Consider using $getField or $setField.`);
  if (name === '') throw new MongoError(15998, 'FieldPath field names may not be empty strings.');
  return name;
}

function parseOperator(name: string, object: Doc, scope: Scope): Expr {
  if (object.size !== 1) {
    throw new MongoError(
      15983,
      `an expression specification must contain exactly one field, the name of the expression. Found ${object.size} fields`,
    );
  }
  if (!Object.hasOwn(FAMILIES, name)) throw unsupported('expression', name);
  return FAMILIES[name as ExpressionName](object.get(name) as Value, scope);
}
