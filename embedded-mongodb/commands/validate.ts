// The validate command: reads all documents and index entries of a collection and says whether they agree.
import { type Doc, int32, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { type Verified, verifyCollection } from '../indexes/verify.js';
import { type CommandDefinition, ok } from './command.js';
import { checkDeadline } from '../planner/scan.js';
import { collectionName } from './fields.js';

export const validate: CommandDefinition = {
  writes: false,
  *run(context) {
    const { engine, db, command, deadline } = context;
    const name = collectionName(context);
    // MongoDB validates beside other work only where there are several servers; here it always does, and is asked as its single server is.
    if (command.get('background') === true)
      throw new MongoError(
        'CommandNotSupported',
        'Running the validate command with { background: true } is not supported in standalone mode',
      );
    const collection = engine.catalog.find(db, name);
    if (!collection) throw new MongoError('NamespaceNotFound', `Collection '${db}.${name}' does not exist to validate.`);
    const { indexes } = collection;
    const verifying = verifyCollection(engine.storage, collection);
    for (;;) {
      const step = verifying.next();
      if (step.done) return report(step.value, indexes, collection.ns, collection.uuid);
      checkDeadline(deadline);
      yield step.value;
    }
  },
};

type Details = readonly { readonly name: string; readonly spec: Doc; readonly multikey: boolean }[];

function report({ documents, indexes, errors, valid }: Verified, known: Details, ns: string, uuid: Value): Doc {
  const details = indexes.map(({ name, errors: own }): [string, Value] => {
    const index = known.find((candidate) => candidate.name === name);
    const fields: [string, Value][] = [
      ['valid', own.length === 0],
      ['spec', index?.spec ?? null],
      ['isMultikey', index?.multikey ?? false],
    ];
    return [name, new Map([...fields, ...(own.length > 0 ? [['errors', [...own]] as [string, Value]] : [])])];
  });
  const told = [...errors, ...indexes.flatMap((index) => index.errors.map((error) => `index ${index.name}: ${error}`))];
  return ok(
    ['valid', valid],
    ['repaired', false],
    ['repairMode', 'None'],
    ['ns', ns],
    ['uuid', uuid],
    ['warnings', []],
    ['errors', told],
    ['extraIndexEntries', []],
    ['missingIndexEntries', []],
    ['nInvalidDocuments', int32(errors.length)],
    ['nNonCompliantDocuments', int32(0)],
    ['nrecords', int32(documents)],
    ['corruptRecords', []],
    ['nIndexes', int32(indexes.length)],
    ['keysPerIndex', new Map(indexes.map(({ name, keys }): [string, Value] => [name, int32(keys)]))],
    ['indexDetails', new Map(details)],
  );
}
