/** The list of cases as it is kept: loaded, changed by what is heard, searched, and drawn with what of it is unread. */
import { part } from '../dom.js';
import { drawList, shownRows } from './list-view.js';
import { belongs, inOrder, isUnread, type Which } from './rows.js';
import { word, type Situation } from './situation.js';
import type { Row } from './wire.js';

export interface CaseList {
  readonly redraw: () => void;
  /** Rejects with InboxError. */
  load(): Promise<void>;
  /** A case as it now stands; what is older than what is shown changes nothing. */
  take(row: Row): void;
  /** To the next case of the list, or the one before. */
  move(by: 1 | -1): void;
  /** Puts the keyboard on a case of the list. */
  focus(id: string): void;
  /** Puts the keyboard into the field to search in. */
  focusSearch(): void;
}

export interface CaseListEvents {
  readonly open: (id: string) => void;
  readonly fail: (thrown: unknown) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const WHICH: readonly Which[] = ['open', 'mine', 'closed'];
const NUMBER = /^(T-)?[0-9A-Z]{8}$/;

export function createCaseList(situation: Situation, { open, fail, signal }: CaseListEvents): CaseList {
  const { api } = situation;
  const list = part('list', HTMLElement);
  const field = part('number', HTMLInputElement);
  const which = part('which', HTMLSelectElement);

  const redraw = (): void => {
    drawList(situation, list, open);
    document.body.classList.toggle('with-case', situation.selected !== null);
    const unread = situation.rows.filter((row) => isUnread(row, situation.seen)).length;
    document.title = `${unread === 0 ? '' : `(${unread}) `}${word(situation, 'title')}`;
  };

  async function load(): Promise<void> {
    const asked = situation.which;
    const rows = await api.list(asked);
    if (asked !== situation.which || signal.aborted) return;
    situation.rows = rows;
    redraw();
  }

  /** A number is looked for among all cases, anything else in the list. */
  function search(): void {
    const asked = field.value.trim().toUpperCase();
    const [first] = shownRows(situation);
    if (NUMBER.test(asked) && /\d|T-/.test(asked)) open(asked.startsWith('T-') ? asked : `T-${asked}`);
    else if (asked !== '' && first !== undefined) open(first.id);
  }

  const on = (target: EventTarget, kind: string, does: (event: Event) => void) => target.addEventListener(kind, does, { signal });
  on(which, 'change', () => {
    situation.which = WHICH.find((name) => name === which.value) ?? 'open';
    void load().catch(fail);
  });
  on(field, 'input', () => {
    situation.filter = field.value;
    redraw();
  });
  on(part('search', HTMLFormElement), 'submit', (event) => {
    event.preventDefault();
    search();
  });

  return {
    redraw,
    load,
    take(row) {
      const known = situation.rows.find(({ id }) => id === row.id);
      if (known !== undefined && known.seq >= row.seq) return;
      const others = situation.rows.filter(({ id }) => id !== row.id);
      situation.rows = [...others, ...(belongs(row, situation.which, api.self.id) ? [row] : [])].sort(inOrder);
      redraw();
    },
    move(by) {
      const rows = shownRows(situation);
      const at = rows.findIndex(({ id }) => id === situation.selected);
      const next = rows[at === -1 ? 0 : at + by];
      if (next !== undefined) open(next.id);
    },
    focus: (id) => list.querySelector<HTMLElement>(`[data-case="${CSS.escape(id)}"]`)?.focus(),
    focusSearch: () => field.focus(),
  };
}
