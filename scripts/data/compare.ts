/** Two sides against each other: the same collections, in each the same documents byte for byte, and the same indexes. */
import type { Contents } from './document-hash.js';
import { type ExactDocument, indexName, toExtendedJson } from './exact-bson.js';
import { type CollectionInfo, namespaceOf, type Source } from './source.js';

/** Tells of a comparison under way: documents read, and of which collection. */
export type OnRead = (documents: number, where: string) => void;

/** What differs in documents, a sentence each. `left` and `right` must be of the same databases. */
export async function compareDocuments(left: Source, right: Source, onRead: OnRead): Promise<string[]> {
  const others = new Map(right.collections.map((collection) => [namespaceOf(collection), collection]));
  const differences: string[] = [];
  for (const collection of left.collections) {
    const namespace = namespaceOf(collection);
    const other = others.get(namespace);
    others.delete(namespace);
    if (other === undefined) {
      differences.push(`${namespace} is missing in ${right.label}`);
      continue;
    }
    const told = (documents: number): void => onRead(documents, namespace);
    const difference = contentsDiffer(await left.contents(collection, told), await right.contents(other, told));
    if (difference !== null) differences.push(`${namespace}: ${difference}`);
  }
  for (const namespace of others.keys()) differences.push(`${namespace} is missing in ${left.label}`);
  return differences;
}

function contentsDiffer(left: Contents, right: Contents): string | null {
  if (left.documents !== right.documents) return `${left.documents} documents against ${right.documents}`;
  return left.hash === right.hash ? null : `${left.documents} documents on both sides, but not the same ones`;
}

/** What differs in indexes, a sentence each; search indexes only where both sides can have them. */
export function compareIndexes(left: readonly CollectionInfo[], right: readonly CollectionInfo[]): string[] {
  const others = new Map(right.map((collection) => [namespaceOf(collection), collection]));
  return left.flatMap((collection) => {
    const other = others.get(namespaceOf(collection));
    if (other === undefined) return [];
    const differences = specsDiffer('index', collection.indexes, other.indexes);
    if (collection.searchIndexes !== null && other.searchIndexes !== null)
      differences.push(...specsDiffer('search index', collection.searchIndexes, other.searchIndexes));
    return differences.map((difference) => `${namespaceOf(collection)}: ${difference}`);
  });
}

function specsDiffer(what: string, left: readonly ExactDocument[], right: readonly ExactDocument[]): string[] {
  const others = new Map(right.map((spec) => [indexName(spec), normalized(spec)]));
  const differences: string[] = [];
  for (const spec of left) {
    const other = others.get(indexName(spec));
    others.delete(indexName(spec));
    if (other === undefined) differences.push(`the ${what} ${indexName(spec)} is on one side only`);
    else if (other !== normalized(spec))
      differences.push(`the ${what} ${indexName(spec)} is not the same: ${normalized(spec)} against ${other}`);
  }
  return [...differences, ...[...others.keys()].map((name) => `the ${what} ${name} is on one side only`)];
}

/** What says nothing about an index: its version, the namespace that old servers added, how it was built, a collation that is none. */
const isInsignificant = ([field, value]: readonly [string, unknown]): boolean =>
  field === 'v' || field === 'ns' || field === 'background' || (field === 'collation' && isSimple(value));

const isSimple = (collation: unknown): boolean => collation instanceof Map && collation.get('locale') === 'simple';

/** Servers write the options of an index in different orders and their numbers in different types. */
function normalized(spec: ExactDocument): string {
  const fields = [...spec].filter((field) => !isInsignificant(field)).sort(([a], [b]) => (a < b ? -1 : 1));
  return toExtendedJson(new Map(fields), true);
}
