// Sorts rows that come one by one in steps that are all short: full pieces are sorted as they fill up, and merged while the result is read.
import { type KeyPart } from './bson/index.js';

type Key = readonly KeyPart[];
type CompareKeys = (a: Key, b: Key) => number;

interface Keyed<T> {
  readonly key: Key;
  readonly row: T;
}

/** Rows of a piece: few enough to be sorted in some milliseconds. */
const PIECE = 4096;

/** Rows kept beyond the wanted ones before a sort with a limit throws the surplus away. */
const SLACK = 1000;

/** A sort under way. Rows with equal keys stay in the order in which they came. */
export interface Sorter<T> {
  readonly add: (key: Key, row: T) => void;
  /** The rows in order; to be called once, when all have been added. */
  readonly rows: () => Generator<T, void, undefined>;
}

/** With a `limit` only the first rows are wanted, and not much more than these are kept. */
export function createSorter<T>(compareKeys: CompareKeys, limit = Infinity): Sorter<T> {
  const compareRows = (a: Keyed<T>, b: Keyed<T>): number => compareKeys(a.key, b.key);
  const full = limit < PIECE ? Math.min(2 * limit + SLACK, Math.max(PIECE, 2 * limit)) : PIECE;
  const pieces: Keyed<T>[][] = [];
  let last: Keyed<T>[] = [];
  return {
    add(key, row) {
      last.push({ key, row });
      if (last.length < full) return;
      last.sort(compareRows);
      if (limit < PIECE) last.length = limit;
      else {
        pieces.push(last);
        last = [];
      }
    },
    *rows() {
      pieces.push(last.sort(compareRows));
      let left = limit;
      for (const { row } of merged(pieces, compareKeys)) {
        if (left <= 0) return;
        left -= 1;
        yield row;
      }
    },
  };
}

/** A piece and how far it has been read. */
interface Head<T> {
  readonly piece: readonly Keyed<T>[];
  readonly number: number;
  at: number;
}

/** The pieces as one, through a heap of their smallest rows. */
function* merged<T>(pieces: readonly Keyed<T>[][], compareKeys: CompareKeys): Generator<Keyed<T>, void, undefined> {
  const [only] = pieces;
  if (only && pieces.length === 1) {
    yield* only;
    return;
  }
  const isBefore = (a: Head<T>, b: Head<T>): boolean => {
    const order = compareKeys((a.piece[a.at] as Keyed<T>).key, (b.piece[b.at] as Keyed<T>).key);
    return order < 0 || (order === 0 && a.number < b.number);
  };
  const heap = pieces.filter((piece) => piece.length > 0).map((piece, number): Head<T> => ({ piece, number, at: 0 }));
  for (let index = (heap.length >> 1) - 1; index >= 0; index -= 1) sink(heap, index, isBefore);
  for (let head = heap[0]; head; head = heap[0]) {
    yield head.piece[head.at] as Keyed<T>;
    head.at += 1;
    if (head.at === head.piece.length) {
      const moved = heap.pop();
      if (moved && heap.length > 0) heap[0] = moved;
    }
    sink(heap, 0, isBefore);
  }
}

/** Lets the entry at `index` of a heap sink to where nothing below it is before it. */
function sink<H>(heap: H[], index: number, isBefore: (a: H, b: H) => boolean): void {
  const entry = heap[index] as H;
  for (let at = index; ;) {
    let child = 2 * at + 1;
    if (child >= heap.length) return;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as H, heap[child] as H)) child += 1;
    if (!isBefore(heap[child] as H, entry)) return;
    heap[at] = heap[child] as H;
    heap[child] = entry;
    at = child;
  }
}
