/** What the thread of a case says of each event: pure. What this desk's people did with a button is on the card already; what they typed stands there. */
import type { CaseView } from '../../../src/domain/desk.js';
import type { Message } from '../../../src/domain/message.js';
import type { Actor, Agent, TicketEvent } from '../../../src/domain/ticket.js';
import { reasonParts } from '../../shared/desk-buttons.js';
import { channelName, type DeskWords } from '../../shared/desk-words.js';
import { capabilities } from '../capabilities.js';
import type { OutboundActivity } from '../encode.js';
import { DESK, userIdOf } from './config.js';
import { block, cardOf, literal, quoting, said, shortened, written } from './elements.js';

/** Of a message that the customer reacted to. */
const MAX_QUOTED_CHARS = 200;
/** Further parts of one message are left to the case's page. */
const MAX_PARTS = 5;

/** Begins the actionId of what was typed in a thread; the core puts the desk before it. */
export const TYPED = 'text:';

/** It was typed in the case's thread, and so stands there. */
export const isTyped = ({ by, actionId }: Pick<TicketEvent, 'by' | 'actionId'>): boolean =>
  by.kind === 'agent' && by.desk === DESK && actionId.startsWith(`${DESK}:${TYPED}`);

/** An agent; with the desk where they are, unless it is this one. */
export const nameOf = (by: Actor): string | null => {
  if (by.kind !== 'agent') return null;
  return by.desk === DESK ? by.agent.name : `${by.agent.name} (${channelName(by.desk)})`;
};

/** In order; none: the thread says nothing of it. Replies, and what was said before the case, are shown by other files. */
export function linesOf(view: CaseView, words: DeskWords): readonly OutboundActivity[] {
  const { event, message } = view;
  const { change, by } = event;
  const { did } = words;
  const who = nameOf(by) ?? words.automatic;
  const isHere = by.kind === 'agent' && by.desk === DESK;
  switch (change.kind) {
    case 'claimed':
      return isHere ? [] : [said(did.claimed(who))];
    case 'released':
      return isHere ? [] : [said(did.released(who))];
    case 'assigned':
      return [assignment(did.assigned(who, change.to.name), change.to)];
    case 'noted':
      return isTyped(event) ? [] : [written(`🔒 ${words.note(who)}`, change.text)];
    case 'note-edited':
      return isHere ? [] : [written(did.noteEdited(who), change.text)];
    case 'resolved': {
      const { code, text } = reasonParts(change.reason);
      return [written(code === null ? did.resolved(who) : `${did.resolved(who)}: ${words.resolved[code]}`, text)];
    }
    case 'returned':
      return [written(did.returned(who), change.note)];
    case 'reopened':
      return [said(did.reopened(nameOf(by)))];
    case 'customer-wrote':
      return message === null ? [said(did.customerDeleted)] : customerWrote(view, message, words);
    case 'customer-edited':
      return message === null ? [said(did.customerDeleted)] : inParts(did.customerEdited, message.text, words);
    case 'customer-deleted':
      return [said(did.customerDeleted)];
    case 'customer-reacted': {
      const what = change.emoji === null ? did.customerUnreacted : did.customerReacted(change.emoji);
      return [quoting(what, shortened(message?.text ?? '', MAX_QUOTED_CHARS, words.cut))];
    }
    case 'customer-left':
      return [said(did.customerLeft)];
    case 'erased':
      return [said(did.erased)];
    case 'rated':
      return [said(did.rated(change.score))];
    case 'commented':
      return inParts(did.commented, message?.text ?? '', words);
    case 'marked': {
      const [clock = '', what = ''] = change.mark.split(':');
      return [
        said(
          [words.mark(clock, what), ...(change.team === null ? [] : [words.offeredTo(view.teams[change.team] ?? change.team)])].join(', '),
        ),
      ];
    }
    case 'opened':
    case 'replied':
    case 'reply-edited':
    case 'reply-undone':
    case 'reply-dispatched':
    case 'reply-delivered':
    case 'reply-failed':
    case 'reply-retried':
      return [];
  }
}

/** A message of the customer's as it now stands. */
export function customerWrote({ customer }: Pick<CaseView, 'customer'>, message: Message, words: DeskWords): readonly OutboundActivity[] {
  const edited = message.editedAt === null ? '' : ` (✏️ ${words.edited})`;
  return inParts(`💬 ${customer.name ?? words.unnamed}${edited}`, message.text, words);
}

/** In place of a message that the customer took back. */
export const customerDeleted = (words: DeskWords): OutboundActivity => said(words.did.customerDeleted);

/** A message of Teams has 28 KB, and a character up to five bytes in it. */
function inParts(title: string, text: string, words: DeskWords): readonly OutboundActivity[] {
  const parts = text.match(new RegExp(`[^]{1,${capabilities.maxTextChars}}`, 'gu')) ?? [''];
  return parts
    .slice(0, MAX_PARTS)
    .map((part, index) => quoting(shortened(title, MAX_QUOTED_CHARS), index === MAX_PARTS - 1 ? `${part}${words.cut}` : part));
}

/** Whoever gets a case is called to it: in a card, where Teams takes the directory's id for a mention. */
function assignment(text: string, to: Agent): OutboundActivity {
  const id = userIdOf(to.id);
  if (id === null) return said(text);
  const mention = `<at>${to.name.replace(/[<>]/g, '')}</at>`;
  const entity = { type: 'mention', text: mention, mentioned: { id, name: to.name } };
  return cardOf([block(`${literal(text)} ${mention}`)], [], { msteams: { entities: [entity] } });
}
