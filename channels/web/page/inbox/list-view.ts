/** The list of cases: who waits, for how long, how urgent it is and who has it. */
import { element } from '../dom.js';
import type { Row } from './api.js';
import { nameOf, waited, word, type Situation } from './situation.js';

export function drawList(situation: Situation, list: HTMLElement, open: (id: string) => void): void {
  const focused = document.activeElement?.getAttribute('data-case') ?? null;
  list.replaceChildren(...situation.rows.map((row) => element('li', {}, entry(situation, row, open))));
  if (focused !== null) list.querySelector<HTMLElement>(`[data-case="${CSS.escape(focused)}"]`)?.focus();
}

function entry(situation: Situation, row: Row, open: (id: string) => void): HTMLElement {
  const wait = row.waiting_since === null ? '' : `${word(situation, 'waits')} ${waited(row.waiting_since)}`;
  const made = element(
    'button',
    {
      ...{ type: 'button', class: `entry ${row.status} ${row.priority}`, 'data-case': row.id },
      'aria-current': row.id === situation.selected ? 'true' : false,
    },
    element('span', { class: 'line' }, element('strong', {}, row.id), element('span', { class: 'wait' }, wait)),
    element('span', { class: 'summary' }, row.summary),
    element(
      'span',
      { class: 'line soft' },
      element('span', { class: 'tag' }, nameOf(situation, 'priority', row.priority)),
      element('span', {}, row.channel),
      element('span', {}, nameOf(situation, 'status', row.status)),
      ...(row.agent === null ? [] : [element('span', { class: 'holder' }, row.agent.name)]),
      ...(row.score === null ? [] : [element('span', {}, `★ ${row.score}/5`)]),
    ),
  );
  made.addEventListener('click', () => open(row.id));
  return made;
}
