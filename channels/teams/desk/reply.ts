/** A reply to the customer in the thread of its case, and what becomes of it: one message, made anew with each state. Pure. */
import type { CaseView } from '../../../src/domain/desk.js';
import type { TicketChange, TicketEvent } from '../../../src/domain/ticket.js';
import type { DeskWords } from '../../shared/desk-words.js';
import { canRetry, replyState } from '../../shared/reply-state.js';
import { renderMarkdown } from '../../shared/markdown.js';
import { cardText, textBlock, type CardElement, type OutboundActivity } from '../encode.js';
import { block, cardOf, literal, pressButton, shortened, small } from './elements.js';
import { isTyped, nameOf } from './lines.js';

/** Rendered; a card has 28 KB at most. */
const MAX_CHARS = 5000;

/** The `replied` event that the view is about; null: it is about something else. */
export const replyIn = ({ event, reply }: Pick<CaseView, 'event' | 'reply'>): TicketEvent | null =>
  event.change.kind === 'replied' ? event : reply;

/** The reply with the state that this event puts it into. `now` decides whether it can still be undone. */
export function replyCard(reply: TicketEvent, { change }: Pick<TicketEvent, 'change'>, words: DeskWords, now: Date): OutboundActivity {
  const who = nameOf(reply.by) ?? words.nobody;
  // Typed in this very thread: the text stands there.
  const text = isTyped(reply) ? [] : [small(`📤 ${literal(words.toCustomer(who))}`), ...textOf(reply.change, words)];
  return cardOf([...text, small(literal(replyState(change, words)))], buttonsOf(reply, change, words, now));
}

function textOf(change: TicketChange, words: DeskWords): CardElement[] {
  if (change.kind !== 'replied') return [];
  const { markdown, files } = change;
  const names = files.map(({ filename, id }) => small(`📎 ${literal(filename ?? id)}`));
  if (markdown.trim() === '') return names;
  const isLong = renderMarkdown(markdown, cardText).length > MAX_CHARS;
  return [isLong ? block(literal(shortened(markdown, MAX_CHARS, words.cut))) : textBlock(markdown), ...names];
}

function buttonsOf({ ticketId, seq, change: replied }: TicketEvent, change: TicketChange, words: DeskWords, now: Date): CardElement[] {
  const press = (command: 'undo' | 'retry') => pressButton({ parleyDesk: `${command}:${seq}`, ticket: ticketId }, words.button[command]);
  if (canRetry(change)) return [press('retry')];
  const undoable = (change.kind === 'replied' || change.kind === 'reply-edited') && replied.kind === 'replied' && replied.sendAt > now;
  return undoable ? [press('undo')] : [];
}
