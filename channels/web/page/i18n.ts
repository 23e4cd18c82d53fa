/** The page's language: the browser's, until the customer switches. What the bot says follows what the customer writes, not this. */
import { readLanguage, writeLanguage } from './storage.js';
import { TEXTS, type Texts } from './texts.js';

export type Language = 'es' | 'en';

export interface I18n {
  readonly language: () => Language;
  readonly texts: () => Texts;
  /** To the other language. */
  toggle(): void;
  subscribe(listener: () => void): void;
  formatTime(at: Date): string;
  /** "Today", "Yesterday" or the date. */
  formatDay(at: Date): string;
  formatSize(bytes: number): string;
  formatPercent(part: number): string;
}

const isLanguage = (tag: string | undefined): tag is Language => tag === 'es' || tag === 'en';

/** The first language of the browser's that we speak; Spanish where there is none, as the shop does. */
function preferred(): Language {
  const tags = [readLanguage() ?? '', ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return tags.find(isLanguage) ?? 'es';
}

const DAY_MS = 86_400_000;
const startOfDay = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

export function createI18n(): I18n {
  let language = preferred();
  const listeners: (() => void)[] = [];
  const texts = () => TEXTS[language];
  return {
    language: () => language,
    texts,
    toggle() {
      language = language === 'es' ? 'en' : 'es';
      writeLanguage(language);
      listeners.forEach((listener) => listener());
    },
    subscribe: (listener) => void listeners.push(listener),
    formatTime: (at) => at.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' }),
    formatDay(at) {
      const daysAgo = Math.round((startOfDay(new Date()) - startOfDay(at)) / DAY_MS);
      if (daysAgo === 0) return texts().today;
      if (daysAgo === 1) return texts().yesterday;
      return at.toLocaleDateString(language, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
    },
    formatSize(bytes) {
      const [value, unit] = bytes < 1_000_000 ? [Math.max(bytes / 1024, 0.1), 'KB'] : [bytes / 1024 / 1024, 'MB'];
      return `${value.toLocaleString(language, { maximumFractionDigits: 1 })} ${unit}`;
    },
    formatPercent: (part) => part.toLocaleString(language, { style: 'percent' }),
  };
}
