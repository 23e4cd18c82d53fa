/**
 * What waits in one conversation, as its lane knows it. The inbox is read once; from then on the instance that stores the conversation's events knows
 * them without reading, for as long as it holds the lane and nobody else can store any.
 */
import { type Inbox, type PendingEvent } from './inbox.js';
import { MAX_JOINED } from './waiting-events.js';

export interface LaneEvents {
  /** First in first out, `READ_AHEAD` at most. What is done was removed from the store before. */
  waiting(): Promise<readonly PendingEvent[]>;
  /** An event of the conversation was stored here. */
  arrived(event: PendingEvent): void;
  /** These are done with. */
  handled(inboxIds: readonly string[]): void;
  /** Something else has changed what waits: the inbox is read again. */
  forget(): void;
}

/** Events that are read at a time: as many as a burst may join, and edits among them reach the messages before them. */
export const READ_AHEAD = MAX_JOINED + 5;

/** @param alone no other instance can store events */
export function createLaneEvents(inbox: Pick<Inbox, 'pendingOf'>, conversationId: string, alone: boolean): LaneEvents {
  /** All that waits; null: the inbox knows. */
  let known: PendingEvent[] | null = null;
  /** Came while the inbox is read, and may or may not be in what that finds; null: it is not being read, or what it finds is out of date. */
  let meanwhile: PendingEvent[] | null = null;
  /** The newest that was ever known: what comes is newer, or may have been handled already. */
  let newest = 0;

  const forget = () => {
    known = null;
    meanwhile = null;
  };
  const append = (event: PendingEvent) => {
    if (known === null) return;
    if (event.order <= newest || known.length >= READ_AHEAD) return forget();
    known.push(event);
    newest = event.order;
  };
  const read = async () => {
    meanwhile = [];
    const found = await inbox.pendingOf(conversationId, READ_AHEAD);
    const came: readonly PendingEvent[] | null = meanwhile;
    forget();
    newest = Math.max(newest, found.at(-1)?.order ?? 0);
    if (!alone || came === null || found.length >= READ_AHEAD) return found;
    known = [...found];
    const foundIds = new Set(found.map((event) => event._id));
    for (const event of came) if (!foundIds.has(event._id)) append(event);
    return found;
  };

  return {
    waiting: async () => (known === null ? read() : [...known]),
    arrived: (event) => (meanwhile === null ? append(event) : void meanwhile.push(event)),
    handled(inboxIds) {
      if (known !== null) known = known.filter((event) => !inboxIds.includes(event._id));
    },
    forget,
  };
}
