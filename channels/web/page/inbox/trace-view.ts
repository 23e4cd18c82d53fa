/** The trace of one turn in a dialog: what the bot understood and decided, on which sources, and how long each step took. */
import { element, part } from '../dom.js';
import { nameOf, word, type Situation } from './situation.js';
import type { Turn } from './wire.js';

export function showTrace(situation: Situation, turn: Turn): void {
  const { escalation, intent, confidence, outcome, sources, steps, processing_time_ms: tookMs, started_at: at } = turn;
  const share = (value: number) => `${Math.round(value * 100)} %`;
  const facts: readonly (readonly [string, string])[] = [
    [word(situation, 'outcome'), outcome],
    [word(situation, 'intent'), intent === null ? '' : `${intent.name} (${share(intent.confidence)})`],
    [word(situation, 'confidence'), confidence === null ? '' : share(confidence)],
    [word(situation, 'escalated'), escalation.reasons.map((reason) => nameOf(situation, 'reasons', reason)).join(', ')],
    [word(situation, 'sources'), sources.map(({ title, relevance_score: score }) => `${title} (${share(score)})`).join(', ')],
    [word(situation, 'took'), `${Math.round(tookMs)} ms`],
  ];
  const rows = steps.map(({ step, duration_ms: stepMs, note }) =>
    element('tr', {}, element('th', { scope: 'row' }, step), element('td', {}, `${stepMs} ms`), element('td', {}, note ?? '')),
  );
  part('trace-title', HTMLElement).textContent = word(situation, 'trace');
  part('trace-body', HTMLElement).replaceChildren(
    element('p', { class: 'soft' }, `${new Date(at).toLocaleString(situation.language)} · ${turn.id}`),
    element('dl', {}, ...facts.filter(([, value]) => value !== '').map(([name, value]) => fact(name, value))),
    element(
      'div',
      { class: 'table' },
      element('table', {}, element('caption', {}, word(situation, 'steps')), element('tbody', {}, ...rows)),
    ),
  );
  part('trace', HTMLDialogElement).showModal();
}

const fact = (name: string, value: string): HTMLElement => element('div', {}, element('dt', {}, name), element('dd', {}, value));
