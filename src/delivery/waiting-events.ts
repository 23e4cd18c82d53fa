/**
 * What the next turn of a conversation is about, made of what waits in its inbox: the first event as its later edits left it, and, where bursts are
 * joined, the messages that the customer wrote right behind it. Pure: told the same, it says the same, on any instance and after any crash.
 */
import { type InboundDelete, type InboundEdit, type InboundEvent, type InboundMessage } from '../domain/message.js';
import { type PendingEvent } from './inbox.js';

/** What one turn answers: `events[0]` gives it its name. */
export interface TurnWork {
  /** As it is to be processed: edits applied, and of joined messages the last, with the content of all. */
  readonly event: InboundEvent;
  /** The stored events that are done with it, at least one; several are messages, each as its edits left it. */
  readonly events: readonly PendingEvent[];
}

/** The customer may still be writing: look again after this time. */
export interface NotYet {
  readonly waitMs: number;
}

/** Messages that are joined at most, and how many times the pause between two a burst may last in all. */
export const MAX_JOINED = 20;
const MAX_PAUSES = 5;

/** @param waiting what is pending, first in first out, at least one */
export function nextWork(waiting: readonly [PendingEvent, ...PendingEvent[]], debounceMs: number, now: Date): TurnWork | NotYet {
  const [head, ...later] = waiting;
  const event = amended(head, later);
  if (debounceMs === 0 || !isPiece(event)) return { event, events: [head] };
  const { pieces, complete } = burstOf({ ...head, event }, later);
  const last = pieces[pieces.length - 1] ?? head;
  const quietAt = last.receivedAt.getTime() + debounceMs;
  const latestAt = head.receivedAt.getTime() + debounceMs * MAX_PAUSES;
  const waitMs = Math.min(quietAt, latestAt) - now.getTime();
  // No longer than one pause, whatever the clock of the instance that took the message in says.
  if (!complete && waitMs > 0) return { waitMs: Math.min(waitMs, debounceMs) };
  return pieces.length === 1 ? { event, events: [head] } : { event: joined(pieces), events: pieces };
}

/** The event as the customer wants it now. A message that was deleted while it waited becomes its own deletion, which nobody answers. */
function amended({ event }: PendingEvent, later: readonly PendingEvent[]): InboundEvent {
  if (event.kind !== 'message') return event;
  const change = later.map((pending) => pending.event).findLast((candidate) => changes(candidate, event));
  if (change === undefined) return event;
  if (change.kind === 'edit') return { ...event, content: change.content };
  const { channel, account, eventId, threadKey, sender, sentAt, platformMessageId } = event;
  return { kind: 'delete', channel, account, eventId, threadKey, sender, sentAt, platformMessageId };
}

const changes = (change: InboundEvent, { platformMessageId }: InboundMessage): change is InboundEdit | InboundDelete =>
  (change.kind === 'edit' || change.kind === 'delete') && change.platformMessageId === platformMessageId;

type Piece = PendingEvent & { readonly event: InboundMessage };

/** The head and the pieces right behind it; complete when something else follows them, or there are as many as are joined. */
function burstOf(head: PendingEvent & { readonly event: InboundMessage }, later: readonly PendingEvent[]) {
  const pieces: Piece[] = [head];
  for (const [place, pending] of later.entries()) {
    if (pending.event.kind === 'edit' || pending.event.kind === 'delete') continue; // of a message before it; applied there
    const event = amended(pending, later.slice(place + 1));
    if (event.kind === 'delete') continue; // deleted while it waited: a turn of its own notes it
    if (!isPiece(event) || !belongTogether(head.event, event)) return { pieces, complete: true };
    pieces.push({ ...pending, event });
    if (pieces.length === MAX_JOINED) return { pieces, complete: true };
  }
  return { pieces, complete: false };
}

/** Written text. Files, buttons and commands are a message each. */
const isPiece = (event: InboundEvent): event is InboundMessage =>
  event.kind === 'message' && event.content.length > 0 && event.content.every((part) => part.kind === 'text');

const belongTogether = (first: InboundMessage, next: InboundMessage): boolean =>
  first.sender.userId === next.sender.userId && first.scope === next.scope && first.addressed === next.addressed;

const joined = (pieces: readonly Piece[]): InboundEvent =>
  pieces.map((piece) => piece.event).reduce((before, event) => ({ ...event, content: [...before.content, ...event.content] }));
