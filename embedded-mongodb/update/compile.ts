// Compiles the update of a command once: operators, a whole replacement, or a pipeline of stages.
import { identical } from '../bson/identical.js';
import { BSONRegExp, compare, type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { type UpdateOperator, unsupported } from '../surface.js';
import { applyTree, type ElementFilters } from './apply.js';
import { addToSet, pop, pull, pullAll, push } from './array-operators.js';
import { compileArrayFilters } from './array-filters.js';
import { bit, currentDate, inc, type MakeLeaf, max, min, mul, set, setOnInsert, unset } from './operators.js';
import { dropSources, placeRenames, RENAME_SOURCE, RENAME_TARGET, type Rename, renameTarget } from './rename.js';
import { EMPTY_TREE, type ObjectNode, type OnIdentifier, type UpdateContext, updatePath, withLeaf } from './tree.js';

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
  /** Whether a path has a positional `$`, which needs to know where the filter matched. */
  readonly positional: boolean;
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
  const filters = compileArrayFilters(options.arrayFilters ?? []);
  const [first] = update.keys();
  return first?.startsWith('$') ? operatorUpdate(update, filters) : replacementUpdate(update);
}

function operatorUpdate(update: Doc, filters: ElementFilters): Update {
  const { tree, renames, positional, appendsToId } = compileOperators(update, filters);
  return {
    kind: 'operators',
    positional,
    apply: (doc, context) => {
      // The tree gives the very same document when nothing changed, so it need not be compared.
      const next = dropSources(applyTree(placeRenames(tree, renames, doc), doc, context, filters), renames);
      checkId(doc, next);
      const id = next.get('_id');
      if (appendsToId && next !== doc && isArray(id) && id.length > 0) throw idIsArray();
      return outcome(doc, next, context, next !== doc);
    },
  };
}

interface Operators {
  readonly tree: ObjectNode;
  readonly renames: readonly Rename[];
  readonly positional: boolean;
  /** Whether `_id` is made an array by the addition of elements, which MongoDB tells of in a way of its own. */
  readonly appendsToId: boolean;
}

function compileOperators(update: Doc, filters: ElementFilters): Operators {
  const used = new Set<string>();
  const onIdentifier: OnIdentifier = (identifier, path) => {
    if (identifier !== '' && !filters.has(identifier)) {
      throw new MongoError('BadValue', `No array filter found for identifier '${identifier}' in path '${path}'`);
    }
    used.add(identifier);
  };
  const renames: Rename[] = [];
  let tree = EMPTY_TREE;
  let positional = false;
  let appendsToId = false;
  for (const { operator, path, operand } of modifications(update)) {
    const parts = updatePath(path);
    positional ||= parts.includes('$');
    appendsToId ||= path === '_id' && (operator === '$push' || operator === '$addToSet');
    if (operator === '$rename') {
      tree = withLeaf(tree, parts, RENAME_SOURCE, onIdentifier);
      const to = renameTarget(path, operand);
      tree = withLeaf(tree, to, RENAME_TARGET, onIdentifier);
      renames.push({ from: parts, to });
    } else tree = withLeaf(tree, parts, OPERATORS[operator](operand, path), onIdentifier);
  }
  for (const identifier of filters.keys()) {
    if (!used.has(identifier))
      throw new MongoError('FailedToParse', `The array filter for identifier '${identifier}' was not used in the update`);
  }
  return { tree, renames, positional, appendsToId };
}

interface Modification {
  readonly operator: UpdateOperator;
  readonly path: string;
  readonly operand: Value;
}

/** The changes one by one: a fault in a later one is only met when the earlier ones are sound. */
function* modifications(update: Doc): Generator<Modification> {
  for (const [operator, fields] of update) {
    if (operator !== '$rename' && !Object.hasOwn(OPERATORS, operator)) throw unsupported('update', operator);
    if (!isDoc(fields)) {
      throw new MongoError(
        'FailedToParse',
        `Modifiers operate on fields but we found another type instead. For example: {$mod: {<field>: ...}} not {${operator}: …}`,
      );
    }
    for (const [path, operand] of fields) yield { operator: operator as UpdateOperator, path, operand };
  }
}

function replacementUpdate(replacement: Doc): Update {
  const operator = [...replacement.keys()].find((key) => key.startsWith('$'));
  return {
    kind: 'replacement',
    positional: false,
    apply: (doc, context) => {
      if (operator !== undefined && !context.isInsert) {
        throw new MongoError(
          'DollarPrefixedFieldName',
          `The dollar ($) prefixed field '${operator}' is not allowed in the context of an update's replacement document.`,
        );
      }
      const next: Doc = new Map();
      const id = replacement.get('_id') ?? doc.get('_id');
      if (id !== undefined) next.set('_id', id);
      for (const [name, value] of replacement) next.set(name, value);
      if (doc.has('_id') && compare(id, doc.get('_id')) !== 0) throw idChanged();
      checkNoArray(doc, next, replacement);
      const counts = replacement.size > 0 && !identical(doc, replacement); // MongoDB compares what was given, before the old _id is put into it
      return outcome(doc, next, context, counts || !identical(doc, next));
    },
  };
}

function idChanged(): MongoError {
  return new MongoError('ImmutableField', "Performing an update on the path '_id' would modify the immutable field '_id'");
}

/** Whole documents, given or computed, are told of an array in `_id` in a way of their own, unless what was given is what was there. */
function checkNoArray(before: Doc, after: Doc, given: Doc): void {
  if (isArray(after.get('_id')) && !identical(before, given)) {
    throw idIsArray();
  }
}

function idIsArray(): MongoError {
  return new MongoError('NotSingleValueField', "After applying the update, the (immutable) field '_id' was found to be an array");
}

/** Operators must leave `_id` the same, to the byte. */
function checkId(before: Doc, after: Doc): void {
  const id = before.get('_id');
  if (after !== before && id !== undefined && !identical(id, after.get('_id'))) throw idChanged();
}

/** Checks that `_id` stays equal and tells whether anything changed. `given` is the new document before it got the old `_id`. */
export function finish(before: Doc, after: Doc, given: Doc, context: UpdateContext): { doc: Doc; changed: boolean } {
  checkNoArray(before, after, given);
  if (before.has('_id') && compare(before.get('_id'), after.get('_id')) !== 0) throw idChanged();
  return outcome(before, after, context);
}

function outcome(before: Doc, after: Doc, context: UpdateContext, changed = !identical(before, after)): { doc: Doc; changed: boolean } {
  const id = after.get('_id');
  if (context.isInsert && (isArray(id) || id instanceof BSONRegExp)) {
    throw new MongoError('InvalidIdField', `The '_id' value cannot be of type ${isArray(id) ? 'array' : 'regex'}`);
  }
  return { doc: after, changed };
}
