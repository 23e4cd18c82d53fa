// Reads several access paths as one: each document once, and in the order of the sort where every path gives it.
import { decode } from '../bson/index.js';
import { type compileSortKeys } from '../language.js';
import type { IndexAccess, UnionAccess } from './plan.js';
import type { StoredDocument } from './scan.js';

type Sort = ReturnType<typeof compileSortKeys>;

/** `sort` is needed by a merged union. */
export function* scanUnion(
  access: UnionAccess,
  scan: (branch: IndexAccess) => Iterable<StoredDocument>,
  sort: Sort | undefined,
): Generator<StoredDocument, void, undefined> {
  const seen = new Set<number>();
  const branches = access.branches.map(scan);
  const found = access.merged && sort ? merge(branches, sort) : concatenated(branches);
  for (const document of found) {
    if (seen.has(document.record)) continue;
    seen.add(document.record);
    yield document;
  }
}

function* concatenated(branches: readonly Iterable<StoredDocument>[]): Generator<StoredDocument, void, undefined> {
  for (const branch of branches) yield* branch;
}

interface Head {
  readonly document: StoredDocument;
  readonly key: ReturnType<Sort['keyOf']>;
  readonly rest: Iterator<StoredDocument>;
}

/** The smallest head of all branches, again and again. There are few branches, so they are simply looked through. */
function* merge(branches: readonly Iterable<StoredDocument>[], { keyOf, compareKeys }: Sort): Generator<StoredDocument, void, undefined> {
  const headOf = (rest: Iterator<StoredDocument>): Head[] => {
    const next = rest.next();
    return next.done ? [] : [{ document: next.value, key: keyOf(decode(next.value.raw)), rest }];
  };
  const heads = branches.flatMap((branch) => headOf(branch[Symbol.iterator]()));
  while (heads.length > 0) {
    let smallest = 0;
    for (let other = 1; other < heads.length; other += 1) {
      if (compareKeys((heads[other] as Head).key, (heads[smallest] as Head).key) < 0) smallest = other;
    }
    const head = heads[smallest] as Head;
    yield head.document;
    heads.splice(smallest, 1, ...headOf(head.rest));
  }
}
