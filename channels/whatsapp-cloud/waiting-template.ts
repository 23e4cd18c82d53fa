/** The template that asks a customer, after the 24 hours, to tap or write, so that a kept reply can be sent. */
import type { MessageTemplate } from '../../src/domain/content.js';
import type { TemplateSetting } from './config.js';

const WAITING_TEMPLATE = 'reply_waiting';

/** What such a template says, for the log: Meta knows its exact words. */
const SAYS = {
  es: 'Tenemos una respuesta para usted. Escríbanos o toque el botón para leerla.',
  en: 'We have an answer for you. Write to us or tap the button to read it.',
} as const;

/** In the customer's language where there is one, else in any; null where none is configured. Placeholders could not be filled in. */
export function waitingTemplateOf(templates: readonly TemplateSetting[], language: string): MessageTemplate | null {
  const usable = templates.filter(({ name, parameters }) => name === WAITING_TEMPLATE && parameters === 0);
  const chosen = usable.find((template) => primaryOf(template.language) === primaryOf(language)) ?? usable[0];
  if (chosen === undefined) return null;
  return {
    kind: 'template',
    name: chosen.name,
    language: chosen.language,
    parameters: [],
    markdown: SAYS[primaryOf(chosen.language) === 'es' ? 'es' : 'en'],
  };
}

const primaryOf = (language: string) => language.toLowerCase().split(/[-_]/)[0];
