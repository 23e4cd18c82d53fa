/** Asks the agent something in a dialog: a reason, a note. */
import { element, part } from '../dom.js';
import { agentNamed } from './api.js';
import { word, type Situation } from './situation.js';
import type { Agent } from './wire.js';

/** What was filled in, by the names of the fields; null: they thought better of it. */
export function ask(title: string, yes: string, fields: readonly HTMLElement[]): Promise<Readonly<Record<string, string>> | null> {
  const dialog = part('question', HTMLDialogElement);
  const form = part('question-form', HTMLFormElement);
  part('question-title', HTMLElement).textContent = title;
  part('question-yes', HTMLElement).textContent = yes;
  part('question-body', HTMLElement).replaceChildren(...fields);
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    const answer = () => {
      const filled = [...new FormData(form)].map(([name, value]) => [name, typeof value === 'string' ? value : ''] as const);
      resolve(dialog.returnValue === 'yes' ? Object.fromEntries(filled) : null);
    };
    dialog.addEventListener('close', answer, { once: true });
  });
}

export const textField = (name: string, label: string): HTMLElement =>
  element('label', {}, element('span', {}, label), element('textarea', { name, rows: '3', maxlength: '400' }));

export function choiceField(name: string, label: string, choices: Readonly<Record<string, string>>): HTMLElement {
  const options = Object.entries(choices).map(([value, shown]) => element('option', { value }, shown));
  return element('label', {}, element('span', {}, label), element('select', { name }, ...options));
}

/** Who is to have a case: the agent themselves, somebody who is known, or a name that is typed. Null: they thought better of it. */
export async function askAssignee(situation: Situation, agents: readonly Agent[]): Promise<Agent | null> {
  const { self } = situation.api;
  const others = agents.filter(({ id }) => id !== self.id);
  const choices = Object.fromEntries([[self.id, word(situation, 'myself')], ...others.map(({ id, name }) => [id, name] as const)]);
  const somebodyElse = element('input', { name: 'name', maxlength: '100', autocomplete: 'off' });
  const given = await ask(word(situation, 'assign'), word(situation, 'assign'), [
    choiceField('id', word(situation, 'assignTo'), choices),
    element('label', {}, element('span', {}, word(situation, 'somebodyElse')), somebodyElse),
  ]);
  if (given === null) return null;
  const { id, name = '' } = given;
  if (name.trim() !== '') return agentNamed(name);
  return others.find((agent) => agent.id === id) ?? self;
}
