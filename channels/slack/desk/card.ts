/** The card of a case in the desk's channel: what is known of it, who has it, what can be done. Pure; written anew whenever something of it changes. */
import type { CaseView } from '../../../src/domain/desk.js';
import { buttonsOf, type CardButton } from '../../shared/desk-buttons.js';
import { channelName, type DeskWords } from '../../shared/desk-words.js';
import { MAX_HEADER_CHARS } from '../capabilities.js';
import {
  actions,
  bold,
  dateOf,
  deskButton,
  line,
  linkTo,
  literal,
  nameOfCustomer,
  notificationOfWords,
  quoted,
  rich,
  shortened,
} from './blocks.js';
import type { Piece, Post } from './blocks.js';

/** Of an entity, a file, a team. */
const MAX_VALUE_CHARS = 200;
const MAX_ENTITIES = 10;
/** Below and above it the customer's tone is said to be bad or good. */
const CLEAR_SENTIMENT = 0.25;

const STYLES: Partial<Record<CardButton, 'primary' | 'danger'>> = { claim: 'primary', reply: 'primary', resolve: 'danger' };

type Shown = Pick<CaseView, 'ticket' | 'customer' | 'links' | 'teams'>;

export function cardOfCase(shown: Shown, words: DeskWords): Post {
  const { ticket, links } = shown;
  const title = `${ticket.id} · ${words.priority[ticket.priority]} · ${words.status[ticket.status]}`;
  const pages = links === null ? [] : [line(linkTo(links.case, words.caseLink), literal(' · '), linkTo(links.trace, words.traceLink))];
  return {
    text: notificationOfWords(`${title}: ${ticket.summary}`),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: shortened(title, MAX_HEADER_CHARS), emoji: true } },
      rich(line(...joined(fieldsOf(shown, words))), ...quoted(ticket.summary, words.cut), ...pages),
      ...actions(buttonsOf(ticket).map((button) => deskButton(button, ticket.id, words.button[button], STYLES[button]))),
    ],
  };
}

/** One line each. */
const joined = (fields: readonly (readonly Piece[])[]): Piece[] =>
  fields.flatMap((field, index) => (index === 0 ? field : [literal('\n'), ...field]));

function fieldsOf({ ticket, customer, teams }: Shown, words: DeskWords): (readonly Piece[])[] {
  const { field } = words;
  const { entities = [], sentiment = null, attachments = [] } = ticket;
  const mentioned = [...new Set(entities.slice(0, MAX_ENTITIES).map(({ value }) => shortened(value, MAX_VALUE_CHARS)))];
  const files = attachments.map(({ filename, id }) => `📎 ${shortened(filename ?? id, MAX_VALUE_CHARS)}`);
  const row = (name: string, ...pieces: readonly Piece[]) => [bold(`${name}: `), ...pieces];
  return [
    row(field.customer, literal(nameOfCustomer(customer.name, words.unnamed))),
    [...row(field.channel, literal(channelName(customer.channel))), literal(' · '), ...row(field.language, literal(ticket.language))],
    row(field.reasons, literal(ticket.reasons.map((reason) => words.escalation[reason]).join(', '))),
    ...(mentioned.length === 0 ? [] : [row(field.entities, literal(mentioned.join(', ')))]),
    ...(files.length === 0 ? [] : [[literal(files.join(' '))]]),
    ...(sentiment === null ? [] : [row(field.sentiment, literal(words.mood[moodOf(sentiment)]))]),
    ...(ticket.waitingSince === null ? [] : [row(field.waitingSince, dateOf(ticket.waitingSince))]),
    row(field.agent, literal(ticket.agent?.name ?? words.nobody)),
    ...(ticket.team === null ? [] : [row(field.team, literal(shortened(teams[ticket.team] ?? ticket.team, MAX_VALUE_CHARS)))]),
    ...(ticket.score === null ? [] : [row(field.score, literal(`${ticket.score}/5`))]),
  ];
}

function moodOf(sentiment: number): keyof DeskWords['mood'] {
  if (Math.abs(sentiment) < CLEAR_SENTIMENT) return 'neutral';
  return sentiment > 0 ? 'good' : 'bad';
}
