/** An agent at work: joins list, open case, keyboard and the live line, and tells what is new. */
import { part } from '../dom.js';
import type { Access } from './api.js';
import { createCaseList, type CaseList } from './case-list.js';
import { readSound } from './kept.js';
import { listenForKeys } from './keys.js';
import { createOpenCase, type OpenCase } from './open-case.js';
import { failureText, newSituation, word } from './situation.js';
import type { Row } from './wire.js';

const LINK = /^#(T-[0-9A-Z]{1,20})(\/trace)?$/;

/** @returns a function that ends it */
export function beginWork(access: Access): () => void {
  const situation = newSituation(access);
  const { api } = situation;
  const over = new AbortController();
  const { signal } = over;
  const shownProblem = part('problem', HTMLElement);
  const problem = {
    show: (thrown: unknown): void => void (shownProblem.textContent = failureText(situation, thrown)),
    clear: (): void => void (shownProblem.textContent = ''),
  };
  const list: CaseList = createCaseList(situation, { open: (id) => current.open(id), fail: problem.show, signal });
  const current: OpenCase = createOpenCase(situation, { list, problem, signal });

  function heard(row: Row): void {
    const isNew = row.status === 'new' && row.seq === 1 && !situation.rows.some(({ id }) => id === row.id);
    list.take(row);
    if (row.id === situation.selected && (situation.shown?.ticket.seq ?? 0) < row.seq) current.changed();
    if (!isNew) return;
    part('spoken', HTMLElement).textContent = `${word(situation, 'newCase')}: ${row.id}`;
    if (readSound()) beep();
  }

  document.addEventListener('visibilitychange', current.markSeen, { signal });
  listenForKeys(signal, {
    close: current.close,
    move: (by) => list.move(by),
    claim: () => void current.view()?.claim(),
    write: (box) => current.view()?.boxes.focus(box),
    search: () => list.focusSearch(),
  });
  const minute = setInterval(list.redraw, 60_000);
  const endLine = api.follow({
    onTicket: heard,
    onTyping(id) {
      if (id === situation.selected) current.view()?.showTyping(true);
    },
    onOpen() {
      sayOffline('');
      void list.load().catch(problem.show);
      void current.load().catch(problem.show);
    },
    onLost: () => sayOffline(word(situation, 'offline')),
  });

  const [, linked, trace] = LINK.exec(location.hash) ?? [];
  if (linked !== undefined) current.open(linked);
  if (linked !== undefined && trace !== undefined) void showLinkedTrace(linked).catch(problem.show);
  list.redraw();

  async function showLinkedTrace(id: string): Promise<void> {
    const { ticket } = await api.open(id, situation.language);
    await current.load();
    if (ticket.turn_id !== null) await current.view()?.explain(ticket.turn_id);
  }

  return () => {
    over.abort();
    endLine();
    clearInterval(minute);
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
