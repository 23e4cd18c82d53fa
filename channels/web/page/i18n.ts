/** The page's language: the browser's, until the customer switches. What the bot says follows what the customer writes, not this. */
import { readLanguage, writeLanguage } from './storage.js';
import type { EmbedSettings } from './embed-protocol.js';
import { TEXTS, type PageText, type Texts } from './texts.js';

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

/** The first that we speak: the one that was chosen, the one of the page around us, the browser's; Spanish where there is none, as the shop does. */
function preferred(given: Language | null): Language {
  const tags = [readLanguage() ?? '', given ?? '', ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return tags.find(isLanguage) ?? 'es';
}

const DAY_MS = 86_400_000;
const startOfDay = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

/** What the page around us says in its own words. */
function givenTexts({ texts }: Pick<EmbedSettings, 'texts'>): Partial<Record<PageText, string>> {
  const given = { emptyTitle: texts.greeting, emptyText: texts.greetingText, placeholder: texts.placeholder };
  return Object.fromEntries(Object.entries(given).filter(([, text]) => text !== undefined));
}

export function createI18n(embedded: EmbedSettings | null): I18n {
  let language = preferred(embedded?.language ?? null);
  const listeners: (() => void)[] = [];
  const own = embedded === null ? {} : givenTexts(embedded);
  const texts = (): Texts => ({ ...TEXTS[language], page: { ...TEXTS[language].page, ...own } });
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
