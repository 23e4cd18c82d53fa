// Reads several access paths as one: each document once, and in the order of the sort where every path gives it.
import { decode } from '../bson/index.js';
import { type compileSortKeys } from '../language.js';
import type { IndexAccess, UnionAccess } from './plan.js';
import { isPause, type Found } from './scan.js';

type Sort = ReturnType<typeof compileSortKeys>;

/** `sort` is needed by a merged union. Pauses of the scans are handed on. */
export function* scanUnion(
  access: UnionAccess,
  scan: (branch: IndexAccess) => Iterable<Found>,
  sort: Sort | undefined,
): Generator<Found, void, undefined> {
  const seen = new Set<number>();
  const branches = access.branches.map(scan);
  const found = access.merged && sort ? merge(branches, sort) : concatenated(branches);
  for (const document of found) {
    if (seen.has(document.record)) continue;
    if (!isPause(document)) seen.add(document.record);
    yield document;
  }
}

function* concatenated(branches: readonly Iterable<Found>[]): Generator<Found, void, undefined> {
  for (const branch of branches) yield* branch;
}

interface Head {
  readonly document: Found;
  readonly key: ReturnType<Sort['keyOf']>;
  readonly rest: Iterator<Found>;
}

/** The smallest head of all branches, again and again. There are few branches, so they are simply looked through. */
function* merge(branches: readonly Iterable<Found>[], sort: Sort): Generator<Found, void, undefined> {
  const heads: Head[] = [];
  for (const branch of branches) heads.push(...(yield* headOf(branch[Symbol.iterator](), sort)));
  while (heads.length > 0) {
    let smallest = 0;
    for (let other = 1; other < heads.length; other += 1) {
      if (sort.compareKeys((heads[other] as Head).key, (heads[smallest] as Head).key) < 0) smallest = other;
    }
    const head = heads[smallest] as Head;
    yield head.document;
    heads.splice(smallest, 1, ...(yield* headOf(head.rest, sort)));
  }
}

/** The next document of a branch; none at its end. */
function* headOf(rest: Iterator<Found>, { keyOf }: Sort): Generator<Found, Head[], undefined> {
  for (;;) {
    const next = rest.next();
    if (next.done) return [];
    if (!isPause(next.value)) return [{ document: next.value, key: keyOf(decode(next.value.raw)), rest }];
    yield next.value;
  }
}
