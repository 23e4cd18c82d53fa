/** A reply to the customer in the thread of its case, and what becomes of it: one message, written anew with each state. Pure. */
import type { types } from '@slack/bolt';
import type { CaseView } from '../../../src/domain/desk.js';
import type { TicketChange, TicketEvent } from '../../../src/domain/ticket.js';
import type { DeskWords } from '../../shared/desk-words.js';
import { canRetry, replyState } from '../../shared/reply-state.js';
import { actions, deskButton, notificationOf, sections, small } from './blocks.js';
import type { Post } from './blocks.js';
import { nameOf, typedTs } from './thread.js';

type Replied = Extract<TicketChange, { kind: 'replied' }>;

/** The `replied` event that the view is about; null: it is about something else. */
export function replyIn({ event, reply }: Pick<CaseView, 'event' | 'reply'>): TicketEvent | null {
  return event.change.kind === 'replied' ? event : reply;
}

/** The reply with the state that this event puts it into. `now` decides whether it can still be undone. */
export function replyPost(reply: TicketEvent, { change }: Pick<TicketEvent, 'change'>, words: DeskWords, now: Date): Post {
  const content = reply.change as Replied;
  const who = nameOf(reply.by) ?? words.nobody;
  // Typed in this very thread: the text stands there.
  const text = typedTs(reply) === null ? [small(`📤 ${words.toCustomer(who)}`), ...textOf(content)] : [];
  return {
    text:
      typedTs(reply) === null ? notificationOf(`${words.toCustomer(who)}: ${content.markdown}`) : notificationOf(replyState(change, words)),
    blocks: [...text, small(replyState(change, words)), ...actions(buttonsOf(reply, change, words, now))],
  };
}

const textOf = ({ markdown, files }: Replied) => [
  ...(markdown.trim() === '' ? [] : sections(markdown)),
  ...files.map(({ filename, id }) => small(`📎 ${filename ?? id}`)),
];

function buttonsOf({ ticketId, seq, change: replied }: TicketEvent, change: TicketChange, words: DeskWords, now: Date): types.Button[] {
  const value = `${ticketId}:${seq}`;
  if (canRetry(change)) return [deskButton('retry', value, words.button.retry, 'primary')];
  const undoable = (change.kind === 'replied' || change.kind === 'reply-edited') && replied.kind === 'replied' && replied.sendAt > now;
  return undoable ? [deskButton('undo', value, words.button.undo)] : [];
}
