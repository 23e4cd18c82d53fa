/** What a shop of one's own changes on the page: its name, its assistant's, and the questions that a new visitor is offered. */
import type { Language } from './i18n.js';

export const SHOP = {
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
  } satisfies Record<Language, readonly string[]>,
} as const;
