/**
 * The card of a case in the desk's channel: what is known of it, who has it, what can be done. Pure; made anew whenever something of it changes. Forms open
 * within the card (`Action.ShowCard`), which every client of Teams draws in a channel; what is filled in comes back with the press.
 */
import type { CaseView } from '../../../src/domain/desk.js';
import type { Agent } from '../../../src/domain/ticket.js';
import { buttonsOf, RESOLVE_REASONS, type CardButton } from '../../shared/desk-buttons.js';
import { channelName, type DeskWords } from '../../shared/desk-words.js';
import type { CardElement, OutboundActivity } from '../encode.js';
import { block, cardOf, factsOf, formButton, linkButton, literal, momentOf, pressButton, shortened, small } from './elements.js';

const MAX_SUMMARY_CHARS = 1000;
/** Of a name, a team, an entity. */
const MAX_VALUE_CHARS = 100;
const MAX_ENTITIES = 10;
const MAX_FILES = 5;
/** A card with all that is in it has 28 KB at most (../capabilities.ts). */
const MAX_COLLEAGUES = 50;
/** As a person's message to the bot. */
const MAX_TEXT_CHARS = 4000;
/** Below and above it the customer's tone is said to be bad or good. */
const CLEAR_SENTIMENT = 0.25;

/** Six actions are shown; these, and the links, are in the menu behind them. */
const IN_MENU: readonly CardButton[] = ['release', 'transcript'];

type Shown = Pick<CaseView, 'ticket' | 'customer' | 'links' | 'teams'>;

/** What of the case the card shows; the same as long as nothing of it has changed. @param colleagues to whom it can be assigned */
export function cardOfCase(shown: Shown, words: DeskWords, colleagues: readonly Agent[]): OutboundActivity {
  const { ticket, links } = shown;
  const { id, priority, status, summary, waitingSince, attachments = [] } = ticket;
  const title = `${id} · ${words.priority[priority]} · ${words.status[status]}`;
  const files = attachments.slice(0, MAX_FILES).map((file) => `📎 ${value(file.filename ?? file.id)}`);
  const body = [
    block(title, { weight: 'Bolder', size: 'Medium' }),
    block(literal(shortened(summary, MAX_SUMMARY_CHARS, words.cut))),
    factsOf(rowsOf(shown, words)),
    ...(files.length === 0 ? [] : [small(files.join(' '))]),
    ...(waitingSince === null ? [] : [small(`${words.field.waitingSince}: ${momentOf(waitingSince)}`)]),
  ];
  const pages = links === null ? [] : [linkButton(links.case, words.caseLink), linkButton(links.trace, words.traceLink)];
  return cardOf(body, [...buttonsOf(ticket).map((button) => buttonOf(button, id, words, colleagues)), ...pages]);
}

const value = (text: string) => literal(shortened(text.replace(/\s+/g, ' '), MAX_VALUE_CHARS));

function rowsOf({ ticket, customer, teams }: Shown, words: DeskWords): (readonly [string, string])[] {
  const { field } = words;
  const { entities = [], sentiment = null, agent, team, score } = ticket;
  const mentioned = [...new Set(entities.slice(0, MAX_ENTITIES).map((entity) => value(entity.value)))];
  return [
    [field.customer, value(customer.name ?? words.unnamed)],
    [field.channel, value(channelName(customer.channel))],
    [field.language, value(ticket.language)],
    [field.reasons, ticket.reasons.map((reason) => words.escalation[reason]).join(', ')],
    ...(mentioned.length === 0 ? [] : [[field.entities, mentioned.join(', ')] as const]),
    ...(sentiment === null ? [] : [[field.sentiment, words.mood[moodOf(sentiment)]] as const]),
    [field.agent, value(agent?.name ?? words.nobody)],
    ...(team === null ? [] : [[field.team, value(teams[team] ?? team)] as const]),
    ...(score === null ? [] : [[field.score, `${score}/5`] as const]),
  ];
}

function moodOf(sentiment: number): keyof DeskWords['mood'] {
  if (Math.abs(sentiment) < CLEAR_SENTIMENT) return 'neutral';
  return sentiment > 0 ? 'good' : 'bad';
}

function buttonOf(button: CardButton, ticket: string, words: DeskWords, colleagues: readonly Agent[]): CardElement {
  const data = { parleyDesk: button, ticket };
  const title = words.button[button];
  const inputs = inputsOf(button, words, colleagues);
  if (inputs === null) return pressButton(data, title, IN_MENU.includes(button) ? { mode: 'secondary' } : {});
  return formButton(data, title, { inputs, submit: button === 'reply' ? words.form.send : words.form.save });
}

/** What is filled in, under ids that are one of a kind within the card; ./decode.ts reads them. Null: nothing is. */
function inputsOf(button: CardButton, { form, resolved }: DeskWords, colleagues: readonly Agent[]): readonly CardElement[] | null {
  switch (button) {
    case 'reply':
      return [small(form.replyHint), textInput('reply-text', form.replyText, { isRequired: true, errorMessage: form.empty })];
    case 'note':
      return [textInput('note-text', form.noteText, { isRequired: true, errorMessage: form.empty })];
    case 'return-to-bot':
      return [textInput('return-to-bot-text', form.botNote)];
    case 'resolve':
      return [
        choiceInput(
          'resolve-reason',
          form.reason,
          RESOLVE_REASONS.map((reason) => ({ title: resolved[reason], value: reason })),
          { value: RESOLVE_REASONS[0] },
        ),
        textInput('resolve-text', form.reasonText),
      ];
    case 'assign':
      return [
        choiceInput(
          'assign-to',
          form.assignee,
          colleagues
            .slice(0, MAX_COLLEAGUES)
            .map(({ id, name }) => ({ title: shortened(name, 60), value: `${id}|${shortened(name, 60)}` })),
          { style: 'filtered', isRequired: true, errorMessage: form.empty },
        ),
      ];
    case 'claim':
    case 'suggest':
    case 'release':
    case 'reopen':
    case 'transcript':
      return null;
  }
}

export const textInput = (id: string, label: string, more: CardElement = {}): CardElement => ({
  type: 'Input.Text',
  id,
  label,
  isMultiline: true,
  maxLength: MAX_TEXT_CHARS,
  ...more,
});

const choiceInput = (
  id: string,
  label: string,
  choices: readonly { readonly title: string; readonly value: string }[],
  more: CardElement,
): CardElement => ({ type: 'Input.ChoiceSet', id, label, choices, ...more });
