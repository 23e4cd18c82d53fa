// Compiles the update of a command once: operators, a whole replacement, or a pipeline of stages.
import { identical } from '../bson/identical.js';
import { BSONRegExp, compare, type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { type UpdateOperator, unsupported } from '../surface.js';
import { applyTree, type ElementFilters, identifiersOf } from './apply.js';
import { addToSet, pop, pull, pullAll, push } from './array-operators.js';
import { compileArrayFilters } from './array-filters.js';
import { bit, currentDate, inc, type MakeLeaf, max, min, mul, set, setOnInsert, unset } from './operators.js';
import { applyRenames, parseRename, type Rename } from './rename.js';
import { EMPTY_TREE, type Leaf, type ObjectNode, type UpdateContext, updatePath, withLeaf } from './tree.js';

export type { UpdateContext } from './tree.js';

export interface UpdateOptions {
  readonly arrayFilters?: readonly Doc[];
  /** `let` of the command, for pipelines. */
  readonly let?: Doc;
  readonly now?: Date;
}

/** A compiled update. */
export interface Update {
  /** A replacement must not be applied to several documents. */
  readonly kind: 'operators' | 'replacement' | 'pipeline';
  /**
   * The updated document; `changed` is false when it would be stored as the same bytes. Never changes `doc` itself. Errors: those of the
   * operators, ImmutableField when `_id` would change.
   */
  readonly apply: (doc: Doc, context: UpdateContext) => { doc: Doc; changed: boolean };
}

const OPERATORS: Readonly<Record<Exclude<UpdateOperator, '$rename'>, MakeLeaf>> = {
  $addToSet: addToSet,
  $bit: bit,
  $currentDate: currentDate,
  $inc: inc,
  $max: max,
  $min: min,
  $mul: mul,
  $pop: pop,
  $pull: pull,
  $pullAll: pullAll,
  $push: push,
  $set: set,
  $setOnInsert: setOnInsert,
  $unset: unset,
};

/** Compiles operators or a replacement; a pipeline is compiled by `compilePipelineUpdate`. */
export function compileDocumentUpdate(update: Doc, options: UpdateOptions = {}): Update {
  const [first] = update.keys();
  if (first?.startsWith('$')) return operatorUpdate(update, options);
  return replacementUpdate(update);
}

function operatorUpdate(update: Doc, options: UpdateOptions): Update {
  const filters = compileArrayFilters(options.arrayFilters ?? []);
  const used = new Set<string>();
  const renames: Rename[] = [];
  let tree = EMPTY_TREE;
  for (const { operator, path, operand } of modifications(update)) {
    const parts = updatePath(path);
    for (const identifier of identifiersOf(parts)) used.add(checkedIdentifier(identifier, filters, path));
    if (operator === '$rename') {
      const rename = parseRename(path, operand);
      renames.push(rename);
      tree = withLeaf(withLeaf(tree, rename.from, PLACEHOLDER), rename.to, PLACEHOLDER);
    } else tree = withLeaf(tree, parts, OPERATORS[operator](operand, path));
  }
  for (const identifier of filters.keys()) {
    if (!used.has(identifier))
      throw new MongoError('FailedToParse', `The array filter for identifier '${identifier}' was not used in the update`);
  }
  return {
    kind: 'operators',
    apply: (doc, context) => {
      // The tree gives the very same document when nothing changed, so it need not be compared.
      const next = applyTree(resolved(tree, renames, doc), doc, context, filters);
      checkId(doc, next);
      return outcome(doc, next, context, next !== doc);
    },
  };
}

/** Stands in the tree for the ends of a rename until the document is known. */
const PLACEHOLDER: Leaf = { kind: 'leaf', lenient: () => true, apply: (current) => current };

function resolved(tree: ObjectNode, renames: readonly Rename[], doc: Doc): ObjectNode {
  return renames.length === 0 ? tree : applyRenames(tree, renames, doc);
}

interface Modification {
  readonly operator: UpdateOperator;
  readonly path: string;
  readonly operand: Value;
}

function modifications(update: Doc): Modification[] {
  return [...update].flatMap(([operator, fields]) => {
    if (operator !== '$rename' && !Object.hasOwn(OPERATORS, operator)) throw unsupported('update', operator);
    if (!isDoc(fields)) {
      throw new MongoError(
        'FailedToParse',
        `Modifiers operate on fields but we found another type instead. For example: {$mod: {<field>: ...}} not {${operator}: …}`,
      );
    }
    return [...fields].map(([path, operand]) => ({ operator: operator as UpdateOperator, path, operand }));
  });
}

function checkedIdentifier(identifier: string, filters: ElementFilters, path: string): string {
  if (!filters.has(identifier)) throw new MongoError('BadValue', `No array filter found for identifier '${identifier}' in path '${path}'`);
  return identifier;
}

function replacementUpdate(replacement: Doc): Update {
  for (const key of replacement.keys()) {
    if (key.startsWith('$')) {
      throw new MongoError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${key}' is not allowed in the context of an update's replacement document.`,
      );
    }
  }
  return {
    kind: 'replacement',
    apply: (doc, context) => {
      const next: Doc = new Map();
      const id = replacement.get('_id') ?? doc.get('_id');
      if (id !== undefined) next.set('_id', id);
      for (const [name, value] of replacement) next.set(name, value);
      if (doc.has('_id') && compare(id, doc.get('_id')) !== 0) throw idChanged();
      return outcome(doc, next, context);
    },
  };
}

function idChanged(): MongoError {
  return new MongoError('ImmutableField', "Performing an update on the path '_id' would modify the immutable field '_id'");
}

/** `_id` must stay the same, to the byte. */
function checkId(before: Doc, after: Doc): void {
  const id = before.get('_id');
  if (after !== before && id !== undefined && !identical(id, after.get('_id'))) throw idChanged();
}

/** Checks `_id` and tells whether anything changed. */
export function finish(before: Doc, after: Doc, context: UpdateContext): { doc: Doc; changed: boolean } {
  checkId(before, after);
  return outcome(before, after, context);
}

function outcome(before: Doc, after: Doc, context: UpdateContext, changed = !identical(before, after)): { doc: Doc; changed: boolean } {
  const id = after.get('_id');
  if (context.isInsert && (isArray(id) || id instanceof BSONRegExp)) {
    throw new MongoError('InvalidIdField', `The '_id' value cannot be of type ${isArray(id) ? 'array' : 'regex'}`);
  }
  return { doc: after, changed };
}
