/** What was said before the case, in few messages: a conversation takes seven at once, and then one a second. Pure. */
import type { CaseView } from '../../../src/domain/desk.js';
import type { Message } from '../../../src/domain/message.js';
import type { DeskWords } from '../../shared/desk-words.js';
import type { CardElement, OutboundActivity } from '../encode.js';
import { block, cardOf, literal, momentOf, shortened, small } from './elements.js';

/** Of one message of the conversation; the whole is behind the card's links. */
const MAX_CHARS = 600;
/** The newest are shown. */
const MAX_MESSAGES = 24;
/** After `reopened`: what led to it. */
const MAX_MESSAGES_SINCE = 8;
/** With four bytes a character, escapes and what stands around it, these stay below 28 KB. */
const MESSAGES_A_CARD = 8;
const MAX_PAST_CASES = 5;

export function historyCards(view: CaseView, words: DeskWords): readonly OutboundActivity[] {
  const opened = view.event.change.kind === 'opened';
  const shown = view.history.filter(({ deletedAt }) => deletedAt === null).slice(opened ? -MAX_MESSAGES : -MAX_MESSAGES_SINCE);
  const leftOut = opened ? view.history.length - shown.length : 0;
  const past = opened ? pastCases(view, words) : [];
  if (shown.length === 0) return past.length === 0 ? [] : [cardOf(past)];
  const cards: OutboundActivity[] = [];
  for (let from = 0; from < shown.length; from += MESSAGES_A_CARD) {
    const messages = shown.slice(from, from + MESSAGES_A_CARD).flatMap((message) => elementsOf(message, view, words));
    const first = from > 0 ? [] : [...past, small(words.history), ...(leftOut === 0 ? [] : [small(words.earlierLeftOut(leftOut))])];
    cards.push(cardOf([...first, ...messages]));
  }
  return cards;
}

function elementsOf(message: Message, { customer }: CaseView, words: DeskWords): CardElement[] {
  const ours = message.role === 'agent' ? `🙋 ${words.person}` : `🤖 ${words.assistant}`;
  const who = message.role === 'user' ? `💬 ${literal(shortened(customer.name ?? words.unnamed, 100))}` : ours;
  const files = message.attachments.slice(0, 5).map(({ filename }) => `📎 ${literal(shortened(filename, 100))}`);
  return [
    block(`**${who}** · ${momentOf(message.createdAt)}`, { spacing: 'Medium' }),
    ...(message.text.trim() === '' ? [] : [block(literal(shortened(message.text, MAX_CHARS, words.cut)), { spacing: 'None' })]),
    ...(files.length === 0 ? [] : [small(files.join(' '))]),
  ];
}

function pastCases({ pastCases: past }: CaseView, words: DeskWords): CardElement[] {
  if (past.length === 0) return [];
  const entries = past
    .slice(0, MAX_PAST_CASES)
    .map(({ id, status, createdAt, summary }) =>
      small(`${momentOf(createdAt)} · ${id} · ${words.status[status]} · ${literal(shortened(summary.replace(/\s+/g, ' '), 200))}`),
    );
  return [block(words.pastCases, { weight: 'Bolder' }), ...entries];
}
