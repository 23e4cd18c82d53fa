/**
 * What the turns of one conversation read again and again, kept while its lane is held here: only the holder writes to the conversation, so the
 * next turn's history is the last one's and what that turn added. What a turn reads is served again once its effects are written, never before,
 * and forgotten when the lane is claimed and when it is let go.
 */
import { type MessageLog } from '../domain/chat.js';
import { type MemoryStore } from '../domain/memory.js';
import { type Message } from '../domain/message.js';
import { type TurnRecord } from '../domain/turn.js';

/** The two reads, as the pipeline makes them. */
export interface LaneHistory extends HistoryKeeper, Pick<MemoryStore, 'findFacts'> {
  /** `newThread`: nothing is in it yet, so that it need not be read. */
  window(threadId: string, limit: number, newThread?: boolean): Promise<Message[]>;
}

/** How delivery keeps it true. */
export interface HistoryKeeper {
  /** The turn's effects are written. */
  applied(record: TurnRecord): void;
  /** Time has passed since: facts, which other conversations of the person write too, are read again. A thread is this lane's alone. */
  rested(conversationId: string): void;
  forget(conversationId: string): void;
}

export const NO_HISTORY: HistoryKeeper = { applied: () => undefined, rested: () => undefined, forget: () => undefined };

export function createLaneHistory(source: {
  readonly messageLog: Pick<MessageLog, 'window'>;
  readonly facts: Pick<MemoryStore, 'findFacts'>;
}): LaneHistory {
  const windows = createShelf((threadId, limit) => source.messageLog.window(threadId, limit));
  const facts = createShelf((ownerId, limit) => source.facts.findFacts(ownerId, limit));
  /** The threads and owners of facts that each held conversation has to do with. */
  const keys = new Map<string, Set<string>>();

  return {
    window: (threadId, limit, newThread = false) => windows.read(threadId, limit, newThread),
    findFacts: (ownerId, limit) => facts.read(ownerId, limit),

    applied({ conversationId, threadId, contactId, startedAt, effects }) {
      // An anonymous customer's facts belong to the thread.
      const owners = [contactId, threadId];
      keys.set(conversationId, new Set([...(keys.get(conversationId) ?? []), ...owners]));
      if (effects.amend === null) windows.keep(threadId, startedAt, effects.messages);
      else windows.drop(threadId);
      for (const owner of owners) {
        if (effects.facts.length === 0) facts.keep(owner, startedAt, []);
        else facts.drop(owner);
      }
    },

    rested(conversationId) {
      for (const key of keys.get(conversationId) ?? []) facts.drop(key);
    },

    forget(conversationId) {
      for (const key of keys.get(conversationId) ?? []) {
        windows.drop(key);
        facts.drop(key);
      }
      keys.delete(conversationId);
    },
  };
}

interface Listed<Entry> {
  readonly limit: number;
  readonly readAtMs: number;
  readonly entries: readonly Entry[];
}

/** Lists that were read by turns that did not end are left over; they are never served, and no more of them than this are kept. */
const MAX_UNSETTLED = 1_000;

function createShelf<Entry>(load: (key: string, limit: number) => Promise<Entry[]>) {
  const unsettled = new Map<string, Listed<Entry>>();
  const kept = new Map<string, Listed<Entry>>();

  return {
    async read(key: string, limit: number, isEmpty = false): Promise<Entry[]> {
      const known = kept.get(key);
      if (known?.limit === limit) return [...known.entries];
      const readAtMs = Date.now();
      const entries = isEmpty ? [] : await load(key, limit);
      unsettled.delete(key);
      unsettled.set(key, { limit, readAtMs, entries });
      const oldest = unsettled.keys().next();
      if (unsettled.size > MAX_UNSETTLED && oldest.done === false) unsettled.delete(oldest.value);
      return [...entries];
    },
    /** What was read since then is true from here on, with these at its end. An older reading is of a turn that came to nothing. */
    keep(key: string, since: Date, added: readonly Entry[]): void {
      const fresh = unsettled.get(key);
      unsettled.delete(key);
      const listed = kept.get(key) ?? (fresh !== undefined && fresh.readAtMs >= since.getTime() ? fresh : undefined);
      if (listed !== undefined) kept.set(key, { ...listed, entries: [...listed.entries, ...added].slice(-listed.limit) });
    },
    drop(key: string): void {
      unsettled.delete(key);
      kept.delete(key);
    },
  };
}
