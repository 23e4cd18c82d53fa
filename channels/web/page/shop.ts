/** What a shop of one's own changes on the page: its name, its assistant's, and the questions that a new visitor is offered. */
import type { EmbedSettings } from './embed-protocol.js';
import type { Language } from './i18n.js';

export interface Shop {
  readonly name: string;
  readonly assistant: string;
  readonly examples: Readonly<Record<Language, readonly string[]>>;
}

export let SHOP: Shop = {
  name: 'Materiales Sierra Norte',
  assistant: 'Lía',
  examples: {
    es: [
      '¿Cuánto cuesta enviar un palé a Madrid?',
      '¿Qué plazo tengo para devolver un pedido?',
      '¿Qué garantía tienen los paneles PIR?',
      '¿Qué horario tiene la tienda de Zaragoza?',
    ],
    en: [
      'How much is delivery of a pallet to Madrid?',
      'How long do I have to return an order?',
      'What warranty do PIR boards have?',
      'What are the opening hours in Zaragoza?',
    ],
  },
};

/** Before anything is drawn: what the page that the chat is embedded in calls itself. */
export function callShop({ texts, examples }: Pick<EmbedSettings, 'texts' | 'examples'>): void {
  SHOP = {
    name: texts.name ?? SHOP.name,
    assistant: texts.assistant ?? SHOP.assistant,
    examples: examples === null ? SHOP.examples : { es: examples, en: examples },
  };
}
