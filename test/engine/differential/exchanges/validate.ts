// The validate command.
import { type Exchange, refusedHere } from '../exchange.js';

const GIVEN = [
  { insert: 'c', documents: [{ _id: 1, a: [1, 2], b: 'x' }, { _id: 2, a: 3 }, { _id: 3 }] },
  {
    createIndexes: 'c',
    indexes: [
      { key: { a: 1 }, name: 'a_1' },
      { key: { b: -1, a: 1 }, name: 'b_a', sparse: true },
    ],
  },
];

/** Left out: the kind of count that MongoDB's storage keeps. */
const ONLY = [
  ...['valid', 'repaired', 'repairMode', 'ns', 'uuid', 'warnings', 'errors', 'extraIndexEntries', 'missingIndexEntries'],
  ...['nInvalidDocuments', 'nNonCompliantDocuments', 'nrecords', 'corruptRecords', 'nIndexes', 'keysPerIndex', 'indexDetails'],
];

export const VALIDATE_EXCHANGES: readonly Exchange[] = [
  { name: 'a collection with indexes', given: GIVEN, steps: [{ ask: { validate: 'c' }, only: ONLY }] },
  { name: 'unknown fields are nobody’s business', given: GIVEN, steps: [{ ask: { validate: 'c', surprise: 1 }, only: ONLY }] },
  { name: 'the conformance of documents', given: GIVEN, steps: [{ ask: { validate: 'c', checkBSONConformance: true }, only: ONLY }] },
  { name: 'an empty collection', given: [{ create: 'e' }], steps: [{ ask: { validate: 'e' }, only: ONLY }] },
  {
    name: 'what it cannot do',
    given: GIVEN,
    steps: [{ validate: 'nothing' }, { validate: 1 }, { validate: 'c', background: true }, { validate: '' }],
  },
  { name: 'what is refused', given: GIVEN, steps: refusedHere({ validate: 'c', metadata: true }, { validate: 'c', repair: true }) },
];
