/** The open case: its card, what happened, the buttons, and the boxes to write in. Drawn anew when it changes; the boxes stay as they are. */
import { button, element, type Child } from '../dom.js';
import { renderMarkdown } from '../markdown.js';
import { createBoxes, type Boxes } from './boxes.js';
import { ask, askAssignee, choiceField, textField } from './question.js';
import { clockOf } from './rows.js';
import { nameOf, waited, word, type Situation } from './situation.js';
import { NAMES, type TextName } from './texts.js';
import { createTimeline } from './timeline-view.js';
import { showTrace } from './trace-view.js';
import type { Case, Command } from './wire.js';

export interface CaseViewActions {
  readonly act: (command: Command, actionId?: string) => Promise<boolean>;
  readonly fail: (thrown: unknown) => void;
  readonly close: () => void;
  readonly open: (id: string) => void;
}

export interface CaseView {
  draw(shown: Case): void;
  claim(): unknown;
  /** Shows why the bot did what it did in that turn. */
  explain(turn: string): Promise<void>;
  /** Whether the customer is writing. */
  showTyping(on: boolean): void;
  readonly boxes: Boxes;
}

/** In this order, of those that make sense as the case stands. */
const BUTTONS = ['claim', 'suggest', 'assign', 'release', 'return-to-bot', 'resolve', 'reopen', 'transcript', 'transcript-text'] as const;

/** They tell it every three seconds while they write. */
const TYPING_MS = 6_000;

export function createCaseView(situation: Situation, ticket: string, place: HTMLElement, actions: CaseViewActions): CaseView {
  const { api } = situation;
  const head = element('header', { class: 'card' });
  const log = element('div', { class: 'log', role: 'log', tabindex: '0', 'aria-label': ticket });
  const tools = element('div', { class: 'tools', role: 'group', 'aria-label': word(situation, 'actions') });
  const suggested = element('div', { class: 'suggested' });
  const boxes = createBoxes(situation, ticket, {
    act: actions.act,
    upload: (file) =>
      api.upload(ticket, file).catch((thrown: unknown) => {
        actions.fail(thrown);
        return null;
      }),
    typing: () => void api.typing(ticket),
  });
  const typing = element('p', { class: 'typing soft', role: 'status' });
  let typingEnds = 0;
  const showTyping = (on: boolean) => {
    clearTimeout(typingEnds);
    typing.textContent = on ? word(situation, 'customerTypes') : '';
    if (on) typingEnds = window.setTimeout(() => showTyping(false), TYPING_MS);
  };
  let customerSeq = 0;
  place.replaceChildren(head, log, typing, tools, suggested, boxes.view);

  const save = async (blob: Promise<Blob>, name: string) => {
    try {
      const address = URL.createObjectURL(await blob);
      element('a', { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    } catch (thrown) {
      actions.fail(thrown);
    }
  };
  const suggest = async () => {
    try {
      const { message, suggestions } = await api.suggestions(ticket);
      const entries = suggestions.map(({ title, markdown }) =>
        element(
          'article',
          { 'aria-label': title },
          element('h3', {}, title),
          ...renderMarkdown(markdown),
          button({}, () => boxes.insert(markdown), word(situation, 'insert')),
        ),
      );
      suggested.replaceChildren(element('p', { class: 'soft' }, message), ...entries);
    } catch (thrown) {
      actions.fail(thrown);
    }
  };
  const resolve = async () => {
    const began = Date.now();
    const fields = [
      choiceField('code', word(situation, 'reason'), NAMES[situation.language].resolved),
      textField('text', word(situation, 'details')),
    ];
    const given = await ask(word(situation, 'resolve'), word(situation, 'resolve'), fields);
    if (given === null) return;
    const { code = 'other', text = '' } = given;
    await actions.act({ kind: 'resolve', reason: text.trim() === '' ? code : `${code}: ${text.trim()}`, open_ms: Date.now() - began });
  };
  const returnToBot = async () => {
    const began = Date.now();
    const given = await ask(word(situation, 'return-to-bot'), word(situation, 'return-to-bot'), [
      textField('note', word(situation, 'botNote')),
    ]);
    if (given !== null) await actions.act({ kind: 'return-to-bot', note: given['note'] ?? '', open_ms: Date.now() - began });
  };
  const assign = async () => {
    try {
      const to = await askAssignee(situation, await api.agents());
      if (to !== null) await actions.act({ kind: 'assign', to });
    } catch (thrown) {
      actions.fail(thrown);
    }
  };
  const explain = (turn: string) =>
    api.turn(ticket, turn).then(
      (found) => showTrace(situation, found),
      (thrown: unknown) => actions.fail(thrown),
    );
  const timeline = createTimeline(situation, {
    undo: (of) => void actions.act({ kind: 'undo', of }),
    retry: (of) => void actions.act({ kind: 'retry', of }),
    download: (file) => void save(api.file(ticket, file.id), file.filename),
    load: (file) => api.file(ticket, file.id),
    explain: (turn) => void explain(turn),
  });
  const press: Readonly<Record<(typeof BUTTONS)[number], () => unknown>> = {
    claim: () => actions.act({ kind: 'claim' }),
    release: () => actions.act({ kind: 'release' }),
    reopen: () => actions.act({ kind: 'reopen' }),
    suggest,
    resolve,
    'return-to-bot': returnToBot,
    assign,
    transcript: () => save(api.transcript(ticket, 'pdf'), `${ticket}.pdf`),
    'transcript-text': () => save(api.transcript(ticket, 'text'), `${ticket}.txt`),
  };

  return {
    boxes,
    claim: () => press.claim(),
    explain,
    showTyping,
    draw(shown) {
      head.replaceChildren(...card(situation, shown, actions, (turn) => void explain(turn)));
      const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80 || log.childElementCount === 0;
      setChildren(log, timeline(shown));
      if (atEnd) log.scrollTop = log.scrollHeight;
      const offered = BUTTONS.filter((name) => shown.actions.includes(name === 'transcript-text' ? 'transcript' : name));
      const focused = tools.contains(document.activeElement) ? document.activeElement?.className : undefined;
      tools.replaceChildren(...offered.map((name) => button({ class: name }, () => void press[name](), word(situation, name))));
      if (focused !== undefined) tools.querySelector<HTMLElement>(`.${focused}`)?.focus();
      boxes.allow(shown.ticket.agent?.id === api.self.id);
      if (shown.ticket.customer_seq > customerSeq) showTyping(false);
      customerSeq = shown.ticket.customer_seq;
    },
  };
}

/** Leaves what stays where it is: replacing it would take focus and selection away. */
function setChildren(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const kept = new Set<Element>(children);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  children.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
}

function card(situation: Situation, { ticket, past_cases }: Case, actions: CaseViewActions, explain: (turn: string) => void): Child[] {
  const mood = ticket.sentiment === null ? '' : ticket.sentiment < -0.2 ? '🙁' : ticket.sentiment > 0.2 ? '🙂' : '😐';
  const facts: readonly (readonly [TextName, string])[] = [
    ['customer', ticket.customer ?? word(situation, 'unnamed')],
    ['has', ticket.agent?.name ?? word(situation, 'nobody')],
    ['reason', ticket.reasons.map((reason) => nameOf(situation, 'reasons', reason)).join(', ')],
    ['priorityName', nameOf(situation, 'priority', ticket.priority)],
    ['channel', ticket.channel],
    ['team', ticket.team_name ?? ''],
    ['entities', ticket.entities.map(({ value }) => value).join(', ')],
    ['mood', mood],
    ['score', ticket.score === null ? '' : `★ ${ticket.score}/5`],
  ];
  const wait = ticket.waiting_since === null ? '' : ` · ${word(situation, 'waits')} ${waited(ticket.waiting_since)}`;
  const past = past_cases.map(({ id, status, created_at }) => {
    const when = new Date(created_at).toLocaleDateString(situation.language);
    return button({ class: 'past' }, () => actions.open(id), `${id} · ${nameOf(situation, 'status', status)} · ${when}`);
  });
  const { turn_id: turn } = ticket;
  const clock = clockOf(ticket);
  return [
    element(
      'div',
      { class: 'line' },
      button({ class: 'back', 'aria-label': word(situation, 'back') }, actions.close, '←'),
      element('h2', {}, ticket.id),
      element('span', { class: `tag ${ticket.status}` }, nameOf(situation, 'status', ticket.status) + wait),
      ...(clock === null ? [] : [element('span', { class: `tag ${clock}` }, word(situation, clock))]),
      ...(turn === null
        ? []
        : [button({ class: 'trace', title: word(situation, 'openedBy') }, () => explain(turn), word(situation, 'trace'))]),
    ),
    element('p', { class: 'summary' }, ticket.summary),
    element('dl', {}, ...facts.filter(([, value]) => value !== '').map(([name, value]) => factView(word(situation, name), value))),
    ...(past.length === 0 ? [] : [element('p', { class: 'soft' }, `${word(situation, 'pastCases')}: `, ...past)]),
  ];
}

const factView = (name: string, value: string): HTMLElement => element('div', {}, element('dt', {}, name), element('dd', {}, value));
