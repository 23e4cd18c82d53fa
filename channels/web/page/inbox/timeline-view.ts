/** One case in the order in which things happened: what the customer reads on the left and right, what only the team sees across, in its own colour. */
import { button, element, type Child } from '../dom.js';
import { renderMarkdown } from '../markdown.js';
import { isPicture, previewOf } from './preview.js';
import { word, type Situation } from './situation.js';
import type { Case, CaseEvent, CaseMessage, StoredFile } from './wire.js';

export interface TimelineActions {
  undo(of: number): void;
  retry(of: number): void;
  download(file: StoredFile): void;
  /** The bytes of a picture. */
  readonly load: (file: StoredFile) => Promise<Blob>;
  explain(turn: string): void;
}

/** Shown by the message or the reply itself. */
const SHOWN_ELSEWHERE = new Set([
  'customer-wrote',
  'reply-edited',
  'reply-undone',
  'reply-dispatched',
  'reply-delivered',
  'reply-failed',
  'reply-retried',
]);

interface Drawn {
  readonly as: string;
  readonly node: HTMLElement;
}

/** Draws a case again and again: what has not changed stays as it is, with its focus, its selection and its pictures. */
export function createTimeline(situation: Situation, actions: TimelineActions): (shown: Case) => HTMLElement[] {
  let drawn = new Map<string, Drawn>();
  return ({ messages, events }) => {
    const before = drawn;
    drawn = new Map();
    const keep = (key: string, shows: unknown, draw: () => HTMLElement): HTMLElement => {
      const as = JSON.stringify(shows);
      const known = before.get(key);
      const item = known?.as === as ? known : { as, node: draw() };
      drawn.set(key, item);
      return item.node;
    };
    const said = messages.filter(({ reply }) => reply === null);
    const happened = events.filter(({ kind }) => !SHOWN_ELSEWHERE.has(kind));
    const items = [
      ...said.map((message) => ({
        at: message.timestamp,
        node: keep(message.id, message, () => messageView(situation, message, actions)),
      })),
      ...happened.map((event) => ({ at: event.at, node: keep(String(event.seq), event, () => eventView(situation, event, actions)) })),
    ];
    return items.sort((one, other) => Date.parse(one.at) - Date.parse(other.at)).map(({ node }) => node);
  };
}

const time = (at: string, { language }: Situation): HTMLElement =>
  element('time', { datetime: at }, new Date(at).toLocaleString(language, { dateStyle: 'short', timeStyle: 'short' }));

const filesView = (files: readonly StoredFile[], actions: TimelineActions): Child[] =>
  files.flatMap((file) => [
    ...(isPicture(file) ? [previewOf(file, actions.load)] : []),
    button({ class: 'file' }, () => actions.download(file), `📎 ${file.filename}`),
  ]);

function messageView(situation: Situation, message: CaseMessage, actions: TimelineActions): HTMLElement {
  const { role, author, content, deleted, edited, timestamp, attachments } = message;
  const who = role === 'user' ? 'customer' : role;
  // What a customer wrote is text; the bot's and agents' messages are markdown.
  const text = role === 'user' ? [element('p', { class: 'plain' }, content)] : renderMarkdown(content);
  return element(
    'article',
    { class: `item ${who}`, 'aria-label': author ?? word(situation, who) },
    element(
      'header',
      {},
      author ?? word(situation, who),
      ' · ',
      time(timestamp, situation),
      ...(edited ? [` · ${word(situation, 'edited')}`] : []),
    ),
    ...(deleted ? [element('p', { class: 'soft' }, word(situation, 'deleted'))] : content === '' ? [] : text),
    ...filesView(attachments, actions),
    ...(role === 'assistant' ? [button({ class: 'why' }, () => actions.explain(message.turn_id), word(situation, 'why'))] : []),
  );
}

function eventView(situation: Situation, event: CaseEvent, actions: TimelineActions): HTMLElement {
  if (event.kind === 'noted') {
    return element(
      'article',
      { class: 'item note', 'aria-label': event.line },
      element(
        'header',
        {},
        element('strong', {}, `🔒 ${word(situation, 'internal')}`),
        ` · ${event.by.name ?? ''} · `,
        time(event.at, situation),
      ),
      element('p', { class: 'plain' }, event.text ?? ''),
    );
  }
  if (event.reply !== null) return replyView(situation, event, event.reply, actions);
  const text = event.text === null ? [] : [element('span', { class: 'plain' }, ` — ${event.text}`)];
  return element('p', { class: 'item happened' }, event.line, ...text, ' · ', time(event.at, situation));
}

function replyView(
  situation: Situation,
  { seq, at, line, text, files, by }: CaseEvent,
  { state, state_line }: NonNullable<CaseEvent['reply']>,
  actions: TimelineActions,
): HTMLElement {
  const own = by.id === situation.api.self.id;
  const offered =
    state === 'pending' && own
      ? [button({ class: 'undo' }, () => actions.undo(seq), word(situation, 'undo'))]
      : state === 'failed'
        ? [button({ class: 'retry' }, () => actions.retry(seq), word(situation, 'retry'))]
        : [];
  return element(
    'article',
    { class: `item agent ${state}`, 'aria-label': line },
    element('header', {}, line, ' · ', time(at, situation)),
    ...renderMarkdown(text ?? ''),
    ...filesView(files, actions),
    element('footer', { class: 'state' }, state_line, ...offered),
  );
}
