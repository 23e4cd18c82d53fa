/** The case that an agent has open: read anew as it changes, shown, and acted on. */
import { element, part } from '../dom.js';
import { newActionId } from './api.js';
import type { CaseList } from './case-list.js';
import { createCaseView, type CaseView } from './case-view.js';
import { readSeen, writeSeen } from './kept.js';
import { word, type Situation } from './situation.js';
import type { Command } from './wire.js';

export interface OpenCase {
  /** Null: no case is shown. */
  readonly view: () => CaseView | null;
  readonly open: (id: string) => void;
  readonly close: () => void;
  /** Reads and shows it. Rejects with InboxError. */
  readonly load: () => Promise<void>;
  /** Something happened to it. */
  readonly changed: () => void;
  /** Read is what stands before somebody's eyes. */
  readonly markSeen: () => void;
}

export interface OpenCaseParts {
  readonly list: Pick<CaseList, 'redraw' | 'take' | 'focus'>;
  readonly problem: { readonly show: (thrown: unknown) => void; readonly clear: () => void };
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** What an event brings with it, such as the notice to the customer, is in the conversation a little later and no event of the case: it is read again after so long. */
const AFTERWARDS_MS = [1_500, 6_000];

export function createOpenCase(situation: Situation, { list, problem, signal }: OpenCaseParts): OpenCase {
  const { api } = situation;
  const place = part('case', HTMLElement);
  const spoken = part('spoken', HTMLElement);
  let view: CaseView | null = null;

  async function read(id: string): Promise<void> {
    const shown = await api.open(id, situation.language);
    if (situation.selected !== id || signal.aborted) return;
    situation.shown = shown;
    view ??= createCaseView(situation, id, place, { act, fail: problem.show, close, open });
    view.draw(shown);
    markSeen();
  }
  const load = oneAtATime(async () => {
    if (situation.selected !== null) await read(situation.selected);
  }, problem.show);

  let afterwards: number[] = [];
  function changed(): void {
    afterwards.forEach(clearTimeout);
    afterwards = AFTERWARDS_MS.map((ms) => window.setTimeout(() => void load().catch(problem.show), ms));
    void load().catch(problem.show);
  }
  signal.addEventListener('abort', () => afterwards.forEach(clearTimeout));

  function markSeen(): void {
    const { shown, selected } = situation;
    if (document.hidden || shown === null || shown.ticket.id !== selected) return;
    writeSeen(shown.ticket.id, shown.ticket.seq);
    situation.seen = readSeen();
    list.redraw();
  }

  function open(id: string): void {
    problem.clear();
    if (situation.selected !== id) view = null;
    situation.selected = id;
    location.hash = id;
    list.redraw();
    void load().catch(problem.show);
  }

  function close(): void {
    const left = situation.selected;
    situation.selected = null;
    view = null;
    history.replaceState(null, '', location.pathname);
    drawNothing();
    list.redraw();
    if (left !== null) list.focus(left);
  }

  const drawNothing = (): void => place.replaceChildren(element('p', { class: 'soft pick' }, word(situation, 'pick')));
  drawNothing();

  async function act(command: Command, actionId = newActionId()): Promise<boolean> {
    const id = situation.selected;
    if (id === null) return false;
    problem.clear();
    try {
      const { message, ticket } = await api.act(id, command, actionId);
      spoken.textContent = message;
      list.take(ticket);
      return true;
    } catch (thrown) {
      problem.show(thrown);
      return false;
    } finally {
      changed();
    }
  }

  return { view: () => view, open, close, load, changed, markSeen };
}

/** Who asks while the task runs waits for one more run, which sees what has changed meanwhile. */
function oneAtATime(task: () => Promise<void>, fail: (thrown: unknown) => void): () => Promise<void> {
  let running: Promise<void> | null = null;
  let again = false;
  const runAll = async (): Promise<void> => {
    while (again) {
      again = false;
      await task();
    }
  };
  const run = (): Promise<void> => {
    again = true;
    running ??= runAll().finally(() => {
      running = null;
      if (again) void run().catch(fail); // asked for just as it ended
    });
    return running;
  };
  return run;
}
