// The operators of one field of a filter: `{ path: { $gt: 1, $elemMatch: {…} } }` to nodes.
import { BSONRegExp, compareStrings, type Doc, isArray, isDoc, type LeafArrays, type StringOrder, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { isTruthy } from '../expressions/truth.js';
import { type QueryOperator, unsupported } from '../surface.js';
import { andNode, constantNode, type Node, notNode, pathNode, RANKS } from './node.js';
import {
  comparison,
  firstKey,
  isOperatorName,
  matchesValues,
  membership,
  modTest,
  regexTest,
  sizeTest,
  type Test,
  typeSet,
  typeTest,
} from './tests.js';

/** What the operators of a field need from the filter around them. */
export interface FieldContext {
  readonly strings: StringOrder;
  /** What an array at the end of the path offers to a condition: itself only, inside a `$elemMatch` on values. */
  readonly leaf: LeafArrays;
  /** Compiles the filter inside an object `$elemMatch`. */
  readonly compileNested: (filter: Doc) => Node;
}

/** All conditions of one field. `operators` begins with an operator, so all its keys must be operators. */
export function compileField(path: string, operators: Doc, context: FieldContext): Node[] {
  if (operators.has('$options') && !operators.has('$regex')) throw new MongoError('BadValue', '$options needs a $regex');
  return [...operators]
    .filter(([operator]) => operator !== '$options')
    .map(([operator, operand]) => compileOperator(path, operator as QueryOperator, operand, operators, context));
}

function compileOperator(path: string, operator: QueryOperator, operand: Value, operators: Doc, context: FieldContext): Node {
  const hashable = context.strings === compareStrings;
  switch (operator) {
    case '$eq':
      return pathNode(path, comparison('$eq', operand, context.strings), context.leaf, RANKS.$eq);
    case '$ne':
      if (operand instanceof BSONRegExp) throw new MongoError('BadValue', "Can't have regex as arg to $ne.");
      return notNode(pathNode(path, comparison('$eq', operand, context.strings), context.leaf, RANKS.$eq));
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      if (operand instanceof BSONRegExp)
        throw new MongoError('BadValue', `Can't have RegEx as arg to non-equality predicate over field '${path}'.`);
      return pathNode(path, comparison(operator, operand, context.strings), context.leaf, RANKS[operator]);
    case '$in':
      return pathNode(path, membership(operand, context.strings, hashable), context.leaf, RANKS.in);
    case '$nin':
      if (!isArray(operand)) throw new MongoError('BadValue', '$nin needs an array');
      return notNode(pathNode(path, membership(operand, context.strings, hashable), context.leaf, RANKS.in));
    case '$regex':
      return pathNode(path, regexOperator(operand, operators.get('$options')), context.leaf, RANKS.regex);
    case '$exists': {
      const node = pathNode(path, (value) => value !== undefined, context.leaf, RANKS.exists);
      return isTruthy(operand) ? node : notNode(node);
    }
    default:
      return compileStructural(path, operator, operand, context);
  }
}

function compileStructural(path: string, operator: QueryOperator, operand: Value, context: FieldContext): Node {
  switch (operator) {
    case '$type':
      return pathNode(path, typeTest(typeSet(operand)), context.leaf, RANKS.type);
    case '$size':
      return pathNode(path, sizeTest(operand), 'whole', RANKS.size);
    case '$mod':
      return pathNode(path, modTest(operand), context.leaf, RANKS.mod);
    case '$not':
      return compileNot(path, operand, context);
    case '$all':
      return compileAll(path, operand, context);
    case '$elemMatch':
      return compileElemMatch(path, operand, context);
    default:
      throw unsupported('query', operator);
  }
}

function regexOperator(operand: Value, options: Value | undefined): Test {
  if (options !== undefined && typeof options !== 'string') throw new MongoError('BadValue', '$options has to be a string');
  if (operand instanceof BSONRegExp) {
    if (operand.options !== '' && options !== undefined) throw new MongoError(51075, 'options set in both $regex and $options');
    return regexTest(operand.pattern, operand.options === '' ? (options ?? '') : operand.options);
  }
  if (typeof operand !== 'string') throw new MongoError('BadValue', '$regex has to be a string');
  if (operand.includes('\0')) throw new MongoError(51091, 'Regular expression cannot contain an embedded null byte');
  return regexTest(operand, options ?? '');
}

function compileNot(path: string, operand: Value, context: FieldContext): Node {
  if (operand instanceof BSONRegExp) return notNode(pathNode(path, regexTest(operand.pattern, operand.options), context.leaf, RANKS.regex));
  if (!isDoc(operand)) throw new MongoError('BadValue', '$not argument must be a regex or an object');
  if (operand.size === 0) throw new MongoError('BadValue', '$not argument must be a non-empty object');
  return notNode(andNode(compileField(path, operand, context)));
}

function compileAll(path: string, operand: Value, context: FieldContext): Node {
  if (!isArray(operand)) throw new MongoError('BadValue', '$all needs an array');
  if (operand.length === 0) return constantNode(false);
  const [first] = operand;
  const withElemMatch = isDoc(first) && firstKey(first) === '$elemMatch';
  const nodes = operand.map((item) => {
    if (withElemMatch) {
      if (!isDoc(item) || firstKey(item) !== '$elemMatch') throw new MongoError('BadValue', '$all/$elemMatch has to be consistent');
      return andNode(compileField(path, item, context));
    }
    if (item instanceof BSONRegExp) return pathNode(path, regexTest(item.pattern, item.options), context.leaf, RANKS.regex);
    if (isDoc(item) && isOperatorName(firstKey(item))) throw new MongoError('BadValue', 'no $ expressions in $all');
    return pathNode(path, comparison('$eq', item, context.strings), context.leaf, RANKS.$eq);
  });
  return andNode(nodes);
}

function compileElemMatch(path: string, operand: Value, context: FieldContext): Node {
  if (!isDoc(operand)) throw new MongoError('BadValue', '$elemMatch needs an Object');
  const byValue = matchesValues(operand);
  const matchesElement = byValue ? elementValueTest(operand, context) : elementObjectTest(operand, context);
  const inArray = (value: Value | undefined): boolean => isArray(value) && value.some(matchesElement);
  const node = pathNode(path, inArray, 'whole', byValue ? RANKS.elemMatchValue : RANKS.elemMatchObject);
  const position = (doc: Doc): number => {
    let found = -1;
    pathNode(
      path,
      (value) => {
        found = isArray(value) ? value.findIndex(matchesElement) : -1;
        return found >= 0;
      },
      'whole',
      0,
    ).matches(doc);
    return found;
  };
  return { ...node, position };
}

/** Operators on the element itself: it is wrapped in a document, and arrays inside it are taken whole. */
function elementValueTest(operators: Doc, context: FieldContext): Test {
  const node = andNode(compileField(ELEMENT, operators, { ...context, leaf: 'whole' }));
  return (value) => value !== undefined && node.matches(new Map([[ELEMENT, value]]));
}

const ELEMENT = 'element';

/** A filter on elements that are documents; an array inside the array is taken as a document with index keys. */
function elementObjectTest(filter: Doc, context: FieldContext): Test {
  const node = context.compileNested(filter);
  return (value) => {
    if (isDoc(value)) return node.matches(value);
    return isArray(value) && node.matches(new Map(value.map((item, index) => [String(index), item])));
  };
}
