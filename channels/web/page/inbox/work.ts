/** An agent at work: keeps the list and the open case as the service has them, does what is pressed, and tells what is new. */
import { part } from '../dom.js';
import { newActionId, type Access } from './api.js';
import { createCaseView, type CaseView } from './case-view.js';
import { readSeen, readSound, writeSeen } from './kept.js';
import { listenForKeys } from './keys.js';
import { drawList, shownRows } from './list-view.js';
import { belongs, inOrder, isUnread, type Which } from './rows.js';
import { failureText, newSituation, word } from './situation.js';
import type { Command, Row } from './wire.js';

const WHICH: readonly Which[] = ['open', 'mine', 'closed'];
/** What an event brings with it, such as the notice to the customer, is in the conversation a little later and no event of the case: it is read again after so long. */
const AFTERWARDS_MS = [1_500, 6_000];
const LINK = /^#(T-[0-9A-Z]{1,20})(\/trace)?$/;

/** @returns a function that ends it */
export function beginWork(access: Access): () => void {
  const situation = newSituation(access);
  const { api } = situation;
  const problem = part('problem', HTMLElement);
  const spoken = part('spoken', HTMLElement);
  const list = part('list', HTMLElement);
  const place = part('case', HTMLElement);
  const field = part('number', HTMLInputElement);
  const which = part('which', HTMLSelectElement);
  const over = new AbortController();
  const { signal } = over;
  let view: CaseView | null = null;

  const fail = (thrown: unknown): void => void (problem.textContent = failureText(situation, thrown));
  const redraw = (): void => {
    drawList(situation, list, open);
    document.body.classList.toggle('with-case', situation.selected !== null);
    const unread = situation.rows.filter((row) => isUnread(row, situation.seen)).length;
    document.title = `${unread === 0 ? '' : `(${unread}) `}${word(situation, 'title')}`;
  };

  async function loadList(): Promise<void> {
    const asked = situation.which;
    const rows = await api.list(asked);
    if (asked !== situation.which || signal.aborted) return;
    situation.rows = rows;
    redraw();
  }

  /** One at a time; what changes meanwhile is read once more, and whoever asked meanwhile waits for that. */
  let loading: Promise<void> | null = null;
  let again = false;
  function loadCase(): Promise<void> {
    again = true;
    loading ??= readCase().finally(() => {
      loading = null;
      if (again) void loadCase().catch(fail); // asked for just as it ended
    });
    return loading;
  }
  async function readCase(): Promise<void> {
    while (again) {
      again = false;
      const id = situation.selected;
      if (id === null) return;
      const shown = await api.open(id, situation.language);
      if (situation.selected !== id || signal.aborted) continue;
      situation.shown = shown;
      view ??= createCaseView(situation, id, place, { act, fail, close, open });
      view.draw(shown);
      markSeen();
    }
  }

  let afterwards: number[] = [];
  function changed(): void {
    afterwards.forEach(clearTimeout);
    afterwards = AFTERWARDS_MS.map((ms) => window.setTimeout(() => void loadCase().catch(fail), ms));
    void loadCase().catch(fail);
  }

  /** Read is what stands before somebody's eyes. */
  function markSeen(): void {
    const { shown, selected } = situation;
    if (document.hidden || shown === null || shown.ticket.id !== selected) return;
    writeSeen(shown.ticket.id, shown.ticket.seq);
    situation.seen = readSeen();
    redraw();
  }

  function open(id: string): void {
    problem.textContent = '';
    if (situation.selected !== id) view = null;
    situation.selected = id;
    location.hash = id;
    redraw();
    void loadCase().catch(fail);
  }

  function close(): void {
    const left = situation.selected;
    situation.selected = null;
    view = null;
    history.replaceState(null, '', location.pathname);
    drawNothing();
    redraw();
    if (left !== null) list.querySelector<HTMLElement>(`[data-case="${CSS.escape(left)}"]`)?.focus();
  }

  function drawNothing(): void {
    const hint = document.createElement('p');
    hint.className = 'soft pick';
    hint.textContent = word(situation, 'pick');
    place.replaceChildren(hint);
  }

  async function act(command: Command, actionId = newActionId()): Promise<boolean> {
    const id = situation.selected;
    if (id === null) return false;
    problem.textContent = '';
    try {
      const { message, ticket } = await api.act(id, command, actionId);
      spoken.textContent = message;
      take(ticket);
      return true;
    } catch (thrown) {
      fail(thrown);
      return false;
    } finally {
      changed();
    }
  }

  /** A case as it now stands; what is older than what is shown changes nothing. */
  function take(row: Row): void {
    const known = situation.rows.find(({ id }) => id === row.id);
    if (known !== undefined && known.seq >= row.seq) return;
    const others = situation.rows.filter(({ id }) => id !== row.id);
    situation.rows = [...others, ...(belongs(row, situation.which, api.self.id) ? [row] : [])].sort(inOrder);
    redraw();
  }

  function heard(row: Row): void {
    const isNew = row.status === 'new' && row.seq === 1 && !situation.rows.some(({ id }) => id === row.id);
    take(row);
    if (row.id === situation.selected && (situation.shown?.ticket.seq ?? 0) < row.seq) changed();
    if (!isNew) return;
    spoken.textContent = `${word(situation, 'newCase')}: ${row.id}`;
    if (readSound()) beep();
  }

  function move(by: 1 | -1): void {
    const rows = shownRows(situation);
    const at = rows.findIndex(({ id }) => id === situation.selected);
    const next = rows[at === -1 ? 0 : at + by];
    if (next !== undefined) open(next.id);
  }

  /** A number is looked for among all cases, anything else in the list. */
  function search(): void {
    const asked = field.value.trim().toUpperCase();
    const [first] = shownRows(situation);
    if (/^(T-)?[0-9A-Z]{8}$/.test(asked) && /\d|T-/.test(asked)) open(asked.startsWith('T-') ? asked : `T-${asked}`);
    else if (asked !== '' && first !== undefined) open(first.id);
  }

  const on = (target: EventTarget, kind: string, does: () => void) => target.addEventListener(kind, does, { signal });
  on(document, 'visibilitychange', markSeen);
  on(which, 'change', () => {
    situation.which = WHICH.find((name) => name === which.value) ?? 'open';
    void loadList().catch(fail);
  });
  on(field, 'input', () => {
    situation.filter = field.value;
    redraw();
  });
  part('search', HTMLFormElement).addEventListener(
    'submit',
    (event) => {
      event.preventDefault();
      search();
    },
    { signal },
  );
  listenForKeys(signal, {
    close,
    move,
    claim: () => void view?.claim(),
    write: (box) => view?.boxes.focus(box),
    search: () => field.focus(),
  });
  const minute = setInterval(redraw, 60_000);
  const endLine = api.follow({
    onTicket: heard,
    onTyping(id) {
      if (id === situation.selected) view?.showTyping(true);
    },
    onOpen() {
      sayOffline('');
      void loadList().catch(fail);
      void loadCase().catch(fail);
    },
    onLost: () => sayOffline(word(situation, 'offline')),
  });

  drawNothing();
  const [, linked, trace] = LINK.exec(location.hash) ?? [];
  if (linked !== undefined) open(linked);
  if (linked !== undefined && trace !== undefined) void showLinkedTrace(linked).catch(fail);
  redraw();

  async function showLinkedTrace(id: string): Promise<void> {
    const { ticket } = await api.open(id, situation.language);
    await loadCase();
    if (ticket.turn_id !== null) await view?.explain(ticket.turn_id);
  }

  return () => {
    over.abort();
    endLine();
    clearInterval(minute);
    afterwards.forEach(clearTimeout);
    sayOffline('');
  };
}

/** What is shown stays; it is old from now on. */
function sayOffline(text: string): void {
  part('offline', HTMLElement).textContent = text;
}

function beep(): void {
  const context = new AudioContext();
  const tone = context.createOscillator();
  tone.connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.12);
  tone.addEventListener('ended', () => void context.close());
}
