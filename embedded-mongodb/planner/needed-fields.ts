// Which top-level fields of a document a query looks at, so that the others need not be decoded. `undefined` always means: all of them. Naming
// too many costs time, naming too few would give wrong answers: what is not understood here takes the whole document.
import { type Doc, isArray, isDoc, type Value } from '../bson/index.js';

export type Fields = ReadonlySet<string> | undefined;

/** The fields that a filter looks at. */
export function fieldsOfFilter(filter: Doc): Fields {
  const fields = new Set<string>();
  return addFilter(fields, filter) ? fields : undefined;
}

/** The fields that a sort looks at. */
export function fieldsOfSort(sort: Doc): Fields {
  return new Set([...sort.keys()].map(firstPart));
}

/** The fields that the stages look at, which must begin with few that hand documents on and then one that makes new ones. */
export function fieldsOfPipeline(stages: readonly Doc[]): Fields {
  const fields = new Set<string>();
  for (const stage of stages) {
    const [entry] = stage;
    if (!entry || stage.size !== 1) return undefined;
    const [name, spec] = entry;
    if (name === '$group' || name === '$sortByCount' || name === '$bucket') return addExpression(fields, spec) ? fields : undefined;
    if (name === '$count') return fields;
    if (!addStage(fields, name, spec)) return undefined;
  }
  return undefined;
}

function addStage(fields: Set<string>, name: string, spec: Value): boolean {
  switch (name) {
    case '$match':
      return isDoc(spec) && addFilter(fields, spec);
    case '$addFields':
    case '$set':
      return addExpression(fields, spec);
    case '$unwind':
      return addExpression(fields, spec);
    case '$limit':
    case '$skip':
      return true;
    default:
      return false;
  }
}

function addFilter(fields: Set<string>, filter: Doc): boolean {
  return [...filter].every(([name, value]) => {
    if (!name.startsWith('$')) return fields.add(firstPart(name));
    if (name === '$comment') return true;
    if (name === '$expr') return addExpression(fields, value);
    if (name !== '$and' && name !== '$or' && name !== '$nor') return false;
    return isArray(value) && value.every((part) => isDoc(part) && addFilter(fields, part));
  });
}

/** Operators that name fields otherwise than by `$`, or see the document itself. */
const BY_OTHER_MEANS = new Set(['$bottom', '$bottomN', '$getField', '$meta', '$setField', '$top', '$topN', '$unsetField']);

function addExpression(fields: Set<string>, expression: Value): boolean {
  if (typeof expression === 'string') return addText(fields, expression);
  if (isArray(expression)) return expression.every((part) => addExpression(fields, part));
  if (!isDoc(expression)) return true;
  return [...expression].every(([name, part]) => !BY_OTHER_MEANS.has(name) && addExpression(fields, part));
}

function addText(fields: Set<string>, text: string): boolean {
  if (text.startsWith('$$')) return !/^\$\$(?:ROOT|CURRENT)(?:\.|$)/.test(text);
  if (text.startsWith('$')) fields.add(firstPart(text.slice(1)));
  return true;
}

function firstPart(path: string): string {
  return path.split('.', 1)[0] ?? path;
}
