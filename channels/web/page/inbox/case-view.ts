/** The open case: its card, what happened, the buttons, and the boxes to write in. Drawn anew when it changes; the boxes stay as they are. */
import { button, element, type Child } from '../dom.js';
import { renderMarkdown } from '../markdown.js';
import type { Case, Command } from './api.js';
import { createBoxes, type Boxes } from './boxes.js';
import { ask, choiceField, textField } from './question.js';
import { nameOf, waited, word, type Situation } from './situation.js';
import { NAMES, type TextName } from './texts.js';
import { drawTimeline } from './timeline-view.js';

export interface CaseViewActions {
  readonly act: (command: Command, actionId?: string) => Promise<boolean>;
  readonly fail: (thrown: unknown) => void;
  readonly close: () => void;
  readonly open: (id: string) => void;
}

export interface CaseView {
  draw(shown: Case): void;
  readonly boxes: Boxes;
}

/** In this order, of those that make sense as the case stands. */
const BUTTONS = ['claim', 'suggest', 'release', 'return-to-bot', 'resolve', 'reopen', 'transcript'] as const;

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
  });
  place.replaceChildren(head, log, tools, suggested, boxes.view);

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
    const fields = [
      choiceField('code', word(situation, 'reason'), NAMES[situation.language].resolved),
      textField('text', word(situation, 'details')),
    ];
    const given = await ask(word(situation, 'resolve'), word(situation, 'resolve'), fields);
    if (given === null) return;
    const { code = 'other', text = '' } = given;
    await actions.act({ kind: 'resolve', reason: text.trim() === '' ? code : `${code}: ${text.trim()}` });
  };
  const returnToBot = async () => {
    const given = await ask(word(situation, 'return-to-bot'), word(situation, 'return-to-bot'), [
      textField('note', word(situation, 'botNote')),
    ]);
    if (given !== null) await actions.act({ kind: 'return-to-bot', note: given['note'] ?? '' });
  };
  const press: Readonly<Record<(typeof BUTTONS)[number], () => unknown>> = {
    claim: () => actions.act({ kind: 'claim' }),
    release: () => actions.act({ kind: 'release' }),
    reopen: () => actions.act({ kind: 'reopen' }),
    suggest,
    resolve,
    'return-to-bot': returnToBot,
    transcript: () => save(api.transcript(ticket), `${ticket}.pdf`),
  };

  return {
    boxes,
    draw(shown) {
      head.replaceChildren(...card(situation, shown, actions));
      const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80 || log.childElementCount === 0;
      const timeline = drawTimeline(situation, shown, {
        undo: (of) => void actions.act({ kind: 'undo', of }),
        retry: (of) => void actions.act({ kind: 'retry', of }),
        download: (file) => void save(api.file(ticket, file.id), file.filename),
      });
      log.replaceChildren(...timeline);
      if (atEnd) log.scrollTop = log.scrollHeight;
      const offered = BUTTONS.filter((name) => shown.actions.includes(name));
      tools.replaceChildren(...offered.map((name) => button({ class: name }, () => void press[name](), word(situation, name))));
      boxes.allow(shown.ticket.agent?.id === api.agentId);
    },
  };
}

function card(situation: Situation, { ticket, past_cases }: Case, actions: CaseViewActions): Child[] {
  const mood = ticket.sentiment === null ? '' : ticket.sentiment < -0.2 ? '🙁' : ticket.sentiment > 0.2 ? '🙂' : '😐';
  const facts: readonly (readonly [TextName, string])[] = [
    ['customer', ticket.customer ?? word(situation, 'unnamed')],
    ['has', ticket.agent?.name ?? word(situation, 'nobody')],
    ['reason', ticket.reasons.map((reason) => nameOf(situation, 'reasons', reason)).join(', ')],
    ['priorityName', nameOf(situation, 'priority', ticket.priority)],
    ['channel', ticket.channel],
    ['entities', ticket.entities.map(({ value }) => value).join(', ')],
    ['mood', mood],
    ['score', ticket.score === null ? '' : `★ ${ticket.score}/5`],
  ];
  const wait = ticket.waiting_since === null ? '' : ` · ${word(situation, 'waits')} ${waited(ticket.waiting_since)}`;
  const past = past_cases.map(({ id }) => button({ class: 'past' }, () => actions.open(id), id));
  return [
    element(
      'div',
      { class: 'line' },
      button({ class: 'back', 'aria-label': word(situation, 'back') }, actions.close, '←'),
      element('h2', {}, ticket.id),
      element('span', { class: `tag ${ticket.status}` }, nameOf(situation, 'status', ticket.status) + wait),
    ),
    element('p', { class: 'summary' }, ticket.summary),
    element('dl', {}, ...facts.filter(([, value]) => value !== '').map(([name, value]) => factView(word(situation, name), value))),
    ...(past.length === 0 ? [] : [element('p', { class: 'soft' }, `${word(situation, 'pastCases')}: `, ...past)]),
  ];
}

const factView = (name: string, value: string): HTMLElement => element('div', {}, element('dt', {}, name), element('dd', {}, value));
