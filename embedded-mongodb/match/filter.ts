// Compiles a filter document once per command: to a predicate on documents and the array position for `$`.
import { type Doc, BSONRegExp, compareStrings, isArray, isDoc, type Value } from '../bson/index.js';
import { collationOrder } from '../bson/collation.js';
import { MongoError, refusal } from '../errors.js';
import { compileExpression, type ExpressionOptions } from '../expressions/compile.js';
import { isTruthy } from '../expressions/truth.js';
import { type TOP_LEVEL_QUERY_OPERATORS, unsupported } from '../surface.js';
import { andNode, constantNode, type Node, norNode, orNode, RANKS } from './node.js';
import { compileField, type FieldContext } from './field.js';
import { firstKey, isOperatorName } from './tests.js';

export interface FilterOptions extends ExpressionOptions {
  /** Collation document of the command; absent or `{locale: 'simple'}`: by bytes. */
  readonly collation?: Doc;
  /** Where MongoDB forbids $expr: in array filters and in $pull. */
  readonly noExpressions?: boolean;
}

/** A compiled filter. */
export interface Filter {
  readonly matches: (doc: Doc) => boolean;
  /** For a matching document, the index that a positional `$` stands for; -1 when the filter crossed no array. */
  readonly arrayIndexOfMatch: (doc: Doc) => number;
  /** Whether it holds an $expr anywhere, which some commands forbid. */
  readonly usesExpressions: boolean;
}

/** Compiles a filter. Errors: BadValue and others as MongoDB gives them for malformed or unsupported operators. */
export function compileFilter(filter: Doc, options: FilterOptions = {}): Filter {
  const strings = options.collation ? collationOrder(options.collation) : compareStrings;
  const context: FilterContext = {
    strings,
    leaf: 'expand',
    options,
    usesExpressions: false,
    compileNested: (nested) => compileDoc(nested, context, false),
  };
  const node = compileDoc(filter, context, true);
  return { matches: node.matches, arrayIndexOfMatch: node.position, usesExpressions: context.usesExpressions };
}

interface FilterContext extends FieldContext {
  readonly options: FilterOptions;
  /** Set while the filter is read. */
  usesExpressions: boolean;
}

function compileDoc(filter: Doc, context: FilterContext, top: boolean): Node {
  const nodes: Node[] = [];
  for (const [key, value] of filter) {
    if (key.startsWith('$')) nodes.push(compileTopLevel(key, value, context, top));
    else nodes.push(...compileCondition(key, value, context));
  }
  return andNode(nodes);
}

function compileTopLevel(key: string, value: Value, context: FilterContext, top: boolean): Node {
  switch (key as (typeof TOP_LEVEL_QUERY_OPERATORS)[number]) {
    case '$and':
      return andNode(compileList(key, value, context, top));
    case '$or':
      return orNode(compileList(key, value, context, top));
    case '$nor':
      return norNode(compileList(key, value, context, top));
    case '$comment':
      return constantNode(true);
    case '$expr':
      if (!top) throw new MongoError('BadValue', '$expr can only be applied to the top-level document');
      if (context.options.noExpressions) throw new MongoError('QueryFeatureNotAllowed', '$expr is not allowed in this context');
      context.usesExpressions = true;
      return expressionNode(value, context);
    default:
      throw unsupported('topLevelQuery', key);
  }
}

function compileList(key: string, value: Value, context: FilterContext, top: boolean): Node[] {
  if (!isArray(value)) throw new MongoError('BadValue', `${key} argument must be an array`);
  if (value.length === 0) throw new MongoError('BadValue', `${key} argument must be a non-empty array`);
  return value.map((item) => {
    if (!isDoc(item)) throw new MongoError('BadValue', `${key} argument's entries must be objects`);
    return compileDoc(item, context, top);
  });
}

function expressionNode(value: Value, context: FilterContext): Node {
  const evaluate = compileExpression(value, { ...context.options, inFilter: true });
  return { matches: (doc) => isTruthy(evaluate(doc)), position: () => -1, rank: RANKS.other, path: '' };
}

function compileCondition(path: string, value: Value, context: FilterContext): Node[] {
  checkPath(path);
  if (value instanceof BSONRegExp) return compileField(path, new Map([['$regex', value]]), context);
  if (isDoc(value) && isOperatorName(firstKey(value))) return compileField(path, value, context);
  return compileField(path, new Map([['$eq', value]]), context);
}

/** MongoDB gives empty path components in filters an odd meaning; no application relies on it. */
function checkPath(path: string): void {
  if (path !== '' && path.split('.').includes('')) throw refusal('BadValue', `The filter path '${path}' with an empty component`);
}
