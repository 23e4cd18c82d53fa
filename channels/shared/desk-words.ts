/** The words of the desks, in the language of the desk: buttons, states, what happened. What customers and agents wrote is never in here. */
import type { Language } from '../../src/domain/understanding.js';
import type { DeskWords } from './desk-vocabulary.js';
import { EN } from './desk-words-en.js';
import { ES } from './desk-words-es.js';

export type { DeskWords };

const WORDS: Readonly<Record<Language, DeskWords>> = { es: ES, en: EN };

export const deskWords = (language: Language): DeskWords => WORDS[language];

const CHANNELS: Readonly<Record<string, string>> = {
  web: 'Web',
  telegram: 'Telegram',
  slack: 'Slack',
  teams: 'Teams',
  whatsapp: 'WhatsApp',
  'whatsapp-web': 'WhatsApp Web',
};

/** Of a channel or a desk as people call it. */
export const channelName = (name: string): string => CHANNELS[name] ?? name;
