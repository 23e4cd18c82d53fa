/** The web inbox: signs the agent in, keeps the list and the open case as the service has them, and does what is pressed. */
import { part } from '../dom.js';
import { newActionId, type Access, type Command, type Row } from './api.js';
import { createCaseView, type CaseView } from './case-view.js';
import { readAccess, readSound, writeAccess, writeLanguage, writeSound } from './kept.js';
import { drawList } from './list-view.js';
import { failureText, newSituation, word, type Situation } from './situation.js';
import { TEXTS, type TextName } from './texts.js';

const problem = part('problem', HTMLElement);
const spoken = part('spoken', HTMLElement);
const list = part('list', HTMLElement);
const place = part('case', HTMLElement);
const isText = (name: string | undefined): name is TextName => name !== undefined && name in TEXTS.es;

let signedIn: { situation: Situation; end: () => void } | null = null;

function drawWords(situation: Pick<Situation, 'language'>): void {
  document.documentElement.lang = situation.language;
  for (const node of document.querySelectorAll<HTMLElement>('[data-text]')) {
    if (isText(node.dataset['text'])) node.textContent = word(situation, node.dataset['text']);
  }
  for (const node of document.querySelectorAll<HTMLElement>('[data-label]')) {
    if (isText(node.dataset['label'])) node.setAttribute('aria-label', word(situation, node.dataset['label']));
  }
}

function begin(access: Access): void {
  const situation = newSituation(access);
  let view: CaseView | null = null;
  let unseen = 0;
  drawWords(situation);
  part('who', HTMLElement).textContent = access.name;
  show(true);

  const say = (text: string) => (problem.textContent = text);
  const fail = (thrown: unknown) => void say(failureText(situation, thrown));
  const title = () => (document.title = `${unseen === 0 ? '' : `(${unseen}) `}${word(situation, 'title')}`);
  const redraw = () => {
    drawList(situation, list, open);
    part('no-cases', HTMLElement).hidden = situation.rows.length > 0;
    document.body.classList.toggle('with-case', situation.selected !== null);
  };

  async function loadList(): Promise<void> {
    const asked = situation.which;
    const rows = await situation.api.list(asked);
    if (asked !== situation.which) return;
    situation.rows = rows;
    redraw();
  }

  /** One at a time; what changes meanwhile is read once more. */
  let loading = false;
  let again = false;
  async function loadCase(): Promise<void> {
    again = loading;
    if (loading) return;
    loading = true;
    try {
      do {
        again = false;
        const id = situation.selected;
        if (id === null) return;
        const shown = await situation.api.open(id, situation.language);
        if (situation.selected !== id) continue;
        situation.shown = shown;
        view ??= createCaseView(situation, id, place, { act, fail, close, open });
        view.draw(shown);
      } while (again);
    } finally {
      loading = false;
    }
  }

  function open(id: string): void {
    problem.textContent = '';
    situation.selected = id;
    view = null;
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
      const { message, ticket } = await situation.api.act(id, command, actionId);
      spoken.textContent = message;
      take(ticket);
      return true;
    } catch (thrown) {
      fail(thrown);
      return false;
    } finally {
      void loadCase().catch(fail);
    }
  }

  const belongs = (row: Row): boolean => {
    const closed = row.status === 'resolved' || row.status === 'returned-to-bot';
    if (situation.which === 'closed') return closed;
    return situation.which === 'mine' ? row.agent?.id === situation.api.agentId : !closed;
  };
  /** Those whose customer waits first, the longest wait first; then the newest. */
  const order = (one: Row, other: Row): number => {
    if (one.waiting_since !== null && other.waiting_since !== null) return Date.parse(one.waiting_since) - Date.parse(other.waiting_since);
    if (one.waiting_since !== other.waiting_since) return one.waiting_since === null ? 1 : -1;
    return Date.parse(other.created_at) - Date.parse(one.created_at);
  };

  /** A case as it now stands; what is older than what is shown changes nothing. */
  function take(row: Row): void {
    const known = situation.rows.find(({ id }) => id === row.id);
    if (known !== undefined && known.seq >= row.seq) return;
    situation.rows = [...situation.rows.filter(({ id }) => id !== row.id), ...(belongs(row) ? [row] : [])].sort(order);
    redraw();
  }

  function heard(row: Row): void {
    const isNew = row.status === 'new' && row.seq === 1 && !situation.rows.some(({ id }) => id === row.id);
    take(row);
    if (row.id === situation.selected && (situation.shown?.ticket.seq ?? 0) < row.seq) void loadCase().catch(fail);
    if (!isNew) return;
    spoken.textContent = `${word(situation, 'newCase')}: ${row.id}`;
    if (document.hidden) unseen += 1;
    title();
    if (readSound()) beep();
  }

  const keys = (event: KeyboardEvent): void => {
    const { target } = event;
    const writing = target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null;
    if (event.key === 'Escape' && !part('question', HTMLDialogElement).open) {
      if (writing) target.blur();
      else close();
    }
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'j' || event.key === 'k') {
      const at = situation.rows.findIndex(({ id }) => id === situation.selected);
      const next = situation.rows[at === -1 ? 0 : at + (event.key === 'j' ? 1 : -1)];
      if (next !== undefined) open(next.id);
    } else if (event.key === 'r' || event.key === 'n') {
      event.preventDefault();
      view?.boxes.focus(event.key === 'r' ? 'reply' : 'note');
    }
  };
  const seen = () => {
    if (document.hidden) return;
    unseen = 0;
    title();
  };
  const which = part('which', HTMLSelectElement);
  const change = () => {
    situation.which = which.value;
    void loadList().catch(fail);
  };
  const search = (event: SubmitEvent) => {
    event.preventDefault();
    const asked = part('number', HTMLInputElement).value.trim().toUpperCase();
    if (asked !== '') open(asked.startsWith('T-') ? asked : `T-${asked}`);
  };
  document.addEventListener('keydown', keys);
  document.addEventListener('visibilitychange', seen);
  which.addEventListener('change', change);
  part('search', HTMLFormElement).addEventListener('submit', search);
  const minute = setInterval(redraw, 60_000);

  const endLine = situation.api.follow({
    onTicket: heard,
    onOpen() {
      say('');
      void loadList().catch(fail);
      void loadCase().catch(fail);
    },
    onLost: () => void say(word(situation, 'offline')),
  });
  title();
  drawNothing();
  const linked = /^#(T-[0-9A-Z]{1,20})/.exec(location.hash)?.[1];
  if (linked !== undefined) open(linked);
  redraw();

  signedIn = {
    situation,
    end() {
      endLine();
      clearInterval(minute);
      document.removeEventListener('keydown', keys);
      document.removeEventListener('visibilitychange', seen);
      which.removeEventListener('change', change);
      part('search', HTMLFormElement).removeEventListener('submit', search);
      signedIn = null;
    },
  };
}

function show(inside: boolean): void {
  part('desk', HTMLElement).hidden = !inside;
  part('sign-in', HTMLElement).hidden = inside;
  part('sign-out', HTMLElement).hidden = !inside;
  part('sound-label', HTMLElement).hidden = !inside;
}

function beep(): void {
  const context = new AudioContext();
  const tone = context.createOscillator();
  tone.connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.12);
  tone.addEventListener('ended', () => void context.close());
}

const access = readAccess();
const outside = () => ({ language: document.documentElement.lang === 'en' ? ('en' as const) : ('es' as const) });

part('sign-in', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  const given = { key: part('key', HTMLInputElement).value.trim(), name: part('name', HTMLInputElement).value.trim() };
  const tried = newSituation(given);
  tried.api.list('open').then(
    () => {
      writeAccess(given);
      part('key', HTMLInputElement).value = '';
      problem.textContent = '';
      begin(given);
    },
    (thrown: unknown) => (problem.textContent = failureText(tried, thrown)),
  );
});
part('sign-out', HTMLElement).addEventListener('click', () => {
  signedIn?.end();
  writeAccess(null);
  list.replaceChildren();
  place.replaceChildren();
  part('who', HTMLElement).textContent = '';
  show(false);
});
part('language', HTMLElement).addEventListener('click', () => {
  const language = outside().language === 'es' ? 'en' : 'es';
  writeLanguage(language);
  drawWords({ language });
  const now = readAccess();
  if (signedIn === null || now === null) return;
  signedIn.end();
  begin(now);
});
const sound = part('sound', HTMLInputElement);
sound.checked = readSound();
sound.addEventListener('change', () => writeSound(sound.checked));

if (access === null) {
  drawWords(newSituation({ key: '', name: '' }));
  show(false);
} else begin(access);
