// `$out` and `$merge`: the results of a pipeline become documents of a collection.
import { decode, deepEqual, type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { encodePart } from '../keys.js';
import { tableRange } from '../store/store.js';
import type { CommandContext } from './command.js';
import { ensureCollection, prepareDoc } from './documents.js';

/** Writes all documents; the pipeline then yields nothing. */
export function writeResult(context: CommandContext, stage: '$out' | '$merge', spec: Value, docs: Iterable<Doc>): void {
  const results = [...docs]; // all is computed before anything is written: a pipeline may read the collection it writes
  if (stage === '$out') writeOut(context, spec, results);
  else writeMerge(context, spec, results);
}

/** Replaces the contents of a collection, keeping its indexes. */
function writeOut(context: CommandContext, target: Value, results: readonly Doc[]): void {
  const name = targetName(context, target, 'coll', '$out');
  const { engine } = context;
  const collection = ensureCollection(context, name);
  const prepared = results.map(prepareDoc);
  checkDistinct(
    prepared.map(({ doc }) => doc),
    collection.indexes.length,
  );
  for (const { key, value } of [...engine.storage.scan(tableRange(collection.table))]) {
    engine.records.delete(collection, key.readUIntBE(4, 6), decode(value));
  }
  for (const { doc, raw } of prepared) engine.records.insert(collection, doc, raw);
}

/** A failing insert would leave the collection half written, so the one cause there is without other indexes is looked for before. */
function checkDistinct(docs: readonly Doc[], indexes: number): void {
  if (indexes > 1) throw refusal('BadValue', '$out to a collection with secondary indexes');
  const ids = new Set<string>();
  for (const doc of docs) {
    const id = encodePart(doc.get('_id') ?? null).toString('latin1');
    if (ids.has(id)) throw new MongoError('DuplicateKey', 'E11000 duplicate key error: $out of two documents with the same _id');
    ids.add(id);
  }
}

function writeMerge(context: CommandContext, target: Value, results: readonly Doc[]): void {
  const { engine } = context;
  const spec: Doc = isDoc(target) ? target : new Map([['into', target]]);
  const on = spec.get('on') ?? '_id';
  if (!deepEqual(isArray(on) ? (on[0] ?? null) : on, '_id') || (isArray(on) && on.length > 1))
    throw refusal('BadValue', '$merge on fields other than _id');
  if (spec.has('let') || isArray(spec.get('whenMatched'))) throw refusal('BadValue', '$merge with a pipeline');
  const whenMatched = spec.get('whenMatched') ?? 'merge';
  const whenNotMatched = spec.get('whenNotMatched') ?? 'insert';
  const collection = ensureCollection(context, targetName(context, spec.get('into') ?? null, 'coll', '$merge'));
  for (const result of results) {
    const prepared = prepareDoc(result);
    const record = engine.records.findById(collection, prepared.doc.get('_id') ?? null);
    if (record === undefined) {
      if (whenNotMatched === 'insert') engine.records.insert(collection, prepared.doc, prepared.raw);
      else if (whenNotMatched === 'fail')
        throw new MongoError(
          13113,
          '$merge could not find a matching document in the target collection for at least one document in the source collection',
        );
      continue;
    }
    if (whenMatched === 'keepExisting') continue;
    if (whenMatched === 'fail') throw new MongoError('DuplicateKey', 'E11000 duplicate key error: $merge found a matching document');
    const before = decode(engine.records.read(collection, record) as Buffer);
    const after = whenMatched === 'replace' ? prepared : prepareDoc(new Map([...before, ...prepared.doc]));
    engine.records.replace(collection, record, before, after.doc, after.raw);
  }
}

function targetName(context: CommandContext, target: Value, field: string, stage: string): string {
  if (typeof target === 'string') return target;
  const name = isDoc(target) ? target.get(field) : undefined;
  const db = isDoc(target) ? (target.get('db') ?? context.db) : context.db;
  if (typeof name !== 'string' || db !== context.db) throw refusal('BadValue', `${stage} to another database`);
  return name;
}
