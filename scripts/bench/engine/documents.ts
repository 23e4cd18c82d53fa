// The documents of the engine's bench: 280 bytes, as a short message of a conversation is.
import type { Collection } from 'mongodb';

/** Documents with each value of `thread`. */
const PER_THREAD = 50;
const BATCH = 10_000;

export interface Message {
  readonly _id: number;
  /** Unique. */
  readonly key: string;
  readonly thread: number;
  readonly at: Date;
  /** 0 for one half of the documents, 1 for the other. */
  readonly half: number;
  readonly reads: number;
  /** In no order and without an index. */
  readonly weight: number;
  readonly text: string;
}

export function message(_id: number): Message {
  return {
    _id,
    key: keyOf(_id),
    thread: Math.floor(_id / PER_THREAD),
    at: new Date(1_700_000_000_000 + _id * 1000),
    half: _id % 2,
    reads: 0,
    weight: ((_id * 7919) % 99_991) / 7,
    text: 'Where is my order? '.repeat(8),
  };
}

export function keyOf(_id: number): string {
  return `k-${_id}`;
}

/** Fills a new collection with `count` documents and gives it its indexes. */
export async function fill(messages: Collection<Message>, count: number): Promise<void> {
  for (let first = 0; first < count; first += BATCH) {
    await messages.insertMany(Array.from({ length: Math.min(BATCH, count - first) }, (_, offset) => message(first + offset)));
  }
  await messages.createIndex({ key: 1 }, { unique: true });
  await messages.createIndex({ thread: 1, at: -1 });
  await messages.createIndex({ half: 1 });
}

/** Values of `thread` among the first `count` documents. */
export function threadsAmong(count: number): number {
  return Math.ceil(count / PER_THREAD);
}
