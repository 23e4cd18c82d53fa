/** The list of cases: who waits, for how long, what is unread or overdue, how urgent it is and who has it. */
import { element, part, type Child } from '../dom.js';
import { clockOf, isUnread, matches } from './rows.js';
import { nameOf, waited, word, type Situation } from './situation.js';
import type { TextName } from './texts.js';
import type { Row } from './wire.js';

const EMPTY = { open: 'noOpen', mine: 'noMine', closed: 'noClosed' } as const satisfies Record<Situation['which'], TextName>;

/** Those that are shown, in their order. */
export const shownRows = ({ rows, filter }: Situation): readonly Row[] =>
  filter.trim() === '' ? rows : rows.filter((row) => matches(row, filter));

export function drawList(situation: Situation, list: HTMLElement, open: (id: string) => void): void {
  const focused = document.activeElement?.getAttribute('data-case') ?? null;
  const rows = shownRows(situation);
  list.replaceChildren(...rows.map((row) => element('li', {}, entry(situation, row, open))));
  if (focused !== null) list.querySelector<HTMLElement>(`[data-case="${CSS.escape(focused)}"]`)?.focus();
  const empty = part('no-cases', HTMLElement);
  empty.hidden = rows.length > 0;
  empty.textContent = word(situation, situation.rows.length > 0 ? 'noneFound' : EMPTY[situation.which]);
}

function entry(situation: Situation, row: Row, open: (id: string) => void): HTMLElement {
  const wait = row.waiting_since === null ? '' : `${word(situation, 'waits')} ${waited(row.waiting_since)}`;
  const unread = isUnread(row, situation.seen);
  const clock = clockOf(row);
  const made = element(
    'button',
    {
      ...{ type: 'button', class: `entry ${row.status} ${row.priority}${unread ? ' unread' : ''}`, 'data-case': row.id },
      'aria-current': row.id === situation.selected ? 'true' : false,
    },
    element(
      'span',
      { class: 'line' },
      ...(unread
        ? [element('span', { class: 'dot', 'aria-hidden': 'true' }), element('span', { class: 'unseen' }, word(situation, 'unread'))]
        : []),
      element('strong', {}, row.customer ?? row.id),
      element('span', { class: 'wait' }, wait),
    ),
    element('span', { class: 'summary' }, row.summary),
    element('span', { class: 'line soft' }, ...facts(situation, row, clock)),
  );
  made.addEventListener('click', () => open(row.id));
  return made;
}

function facts(situation: Situation, row: Row, clock: ReturnType<typeof clockOf>): Child[] {
  const tag = (kind: string, text: string) => element('span', { class: `tag ${kind}` }, text);
  const own = row.agent?.id === situation.api.self.id;
  return [
    ...(clock === null ? [] : [tag(clock, word(situation, clock))]),
    ...(row.priority === 'normal' ? [] : [tag('', nameOf(situation, 'priority', row.priority))]),
    ...(row.customer === null ? [] : [element('span', {}, row.id)]),
    element('span', {}, row.channel),
    element('span', {}, nameOf(situation, 'status', row.status)),
    ...(row.agent === null ? [] : [element('span', { class: 'holder' }, own ? word(situation, 'you') : row.agent.name)]),
    ...(row.score === null ? [] : [element('span', {}, `★ ${row.score}/5`)]),
  ];
}
