/** Asks the agent something in a dialog: a reason, a note. */
import { element, part } from '../dom.js';

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
