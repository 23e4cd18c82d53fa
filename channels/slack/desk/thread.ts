/** What the thread of a case says of each event: pure. What this desk's people did with a button is on the card already; what they typed stands there. */
import type { CaseView } from '../../../src/domain/desk.js';
import type { Message } from '../../../src/domain/message.js';
import type { Actor, TicketEvent } from '../../../src/domain/ticket.js';
import { reasonParts } from '../../shared/desk-buttons.js';
import { channelName, type DeskWords } from '../../shared/desk-words.js';
import {
  bold,
  line,
  literal,
  mentionOf,
  nameOfCustomer,
  notificationOf,
  notificationOfWords,
  quoted,
  rich,
  sections,
  small,
} from './blocks.js';
import type { Piece, Post } from './blocks.js';
import { DESK, userIdOf } from './config.js';

/** Of a message that the customer reacted to. */
const MAX_QUOTED_CHARS = 200;

/** The message by which somebody asked for this, typed in the thread; null: by a button, or elsewhere. */
export function typedTs({ by, actionId }: Pick<TicketEvent, 'by' | 'actionId'>): string | null {
  if (by.kind !== 'agent' || by.desk !== DESK) return null;
  return /(?:^|:)message:[A-Z][A-Z0-9]+:(\d+\.\d+)$/.exec(actionId)?.[1] ?? null;
}

/** An agent; with the desk where they are, unless it is this one. */
export const nameOf = (by: Actor): string | null => {
  if (by.kind !== 'agent') return null;
  return by.desk === DESK ? by.agent.name : `${by.agent.name} (${channelName(by.desk)})`;
};

/** Null: the thread says nothing of it. Replies, and what was said before the case, are shown by other files. */
export function lineOf(view: CaseView, words: DeskWords): Post | null {
  const { event, message } = view;
  const { change, by } = event;
  const { did } = words;
  const who = nameOf(by) ?? words.automatic;
  const isHere = by.kind === 'agent' && by.desk === DESK;
  switch (change.kind) {
    case 'claimed':
      return isHere ? null : said(did.claimed(who));
    case 'released':
      return isHere ? null : said(did.released(who));
    case 'assigned':
      return assignment(did.assigned(who, change.to.name), userIdOf(change.to.id));
    case 'noted':
      return typedTs(event) === null ? written(`🔒 ${words.note(who)}`, change.text) : null;
    case 'note-edited':
      return isHere ? null : written(did.noteEdited(who), change.text);
    case 'resolved': {
      const { code, text } = reasonParts(change.reason);
      return written(code === null ? did.resolved(who) : `${did.resolved(who)}: ${words.resolved[code]}`, text);
    }
    case 'returned':
      return written(did.returned(who), change.note);
    case 'reopened':
      return said(did.reopened(nameOf(by)));
    case 'customer-wrote':
      return message === null ? said(did.customerDeleted) : customerWrote(view, message, words);
    case 'customer-edited':
      return message === null ? said(did.customerDeleted) : quoting(did.customerEdited, message.text, words);
    case 'customer-deleted':
      return said(did.customerDeleted);
    case 'customer-reacted': {
      const what = change.emoji === null ? did.customerUnreacted : did.customerReacted(change.emoji);
      return quoting(what, (message?.text ?? '').slice(0, MAX_QUOTED_CHARS), words);
    }
    case 'customer-left':
      return said(did.customerLeft);
    case 'erased':
      return said(did.erased);
    case 'rated':
      return said(did.rated(change.score));
    case 'commented':
      return quoting(did.commented, message?.text ?? '', words);
    case 'marked': {
      const [clock = '', what = ''] = change.mark.split(':');
      return said(
        [words.mark(clock, what), ...(change.team === null ? [] : [words.offeredTo(view.teams[change.team] ?? change.team)])].join(', '),
      );
    }
    case 'opened':
    case 'replied':
    case 'reply-edited':
    case 'reply-undone':
    case 'reply-dispatched':
    case 'reply-delivered':
    case 'reply-failed':
    case 'reply-retried':
      return null;
  }
}

/** A message of the customer's as it now stands. */
export function customerWrote({ customer }: Pick<CaseView, 'customer'>, message: Message, words: DeskWords): Post {
  const name = nameOfCustomer(customer.name, words.unnamed);
  const edited = message.editedAt === null ? [] : [small(`✏️ ${words.edited}`)];
  return {
    text: notificationOfWords(`${name}: ${message.text}`),
    blocks: [rich(line(bold(`💬 ${name}`)), ...quoted(message.text, words.cut)), ...edited],
  };
}

/** In place of a message that the customer took back. */
export const customerDeleted = (words: DeskWords): Post => said(words.did.customerDeleted);

const said = (text: string): Post => ({ text: notificationOfWords(text), blocks: [rich(line(literal(text)))] });

const quoting = (title: string, text: string, words: DeskWords): Post => ({
  text: notificationOfWords(`${title} ${text}`),
  blocks: [rich(line(literal(title)), ...quoted(text, words.cut))],
});

const written = (title: string, markdown: string): Post => ({
  text: notificationOf(`${title}: ${markdown}`),
  blocks: [rich(line(literal(title))), ...(markdown.trim() === '' ? [] : sections(markdown))],
});

/** Whoever gets a case is called to it. */
function assignment(text: string, userId: string | null): Post {
  const called: Piece[] = userId === null ? [] : [literal(' '), mentionOf(userId)];
  return { text: notificationOfWords(text), blocks: [rich(line(literal(text), ...called))] };
}
