/** What the parts of the inbox share: who is at it, the cases as last told, which one is open, and the words to use. */
import { createInboxApi, InboxError, type Access, type InboxApi } from './api.js';
import { readLanguage, readSeen } from './kept.js';
import type { Which } from './rows.js';
import { NAMES, TEXTS, type Language, type TextName } from './texts.js';
import type { Case, Row } from './wire.js';

export interface Situation {
  language: Language;
  api: InboxApi;
  rows: Row[];
  which: Which;
  /** What is looked for in the list; empty: nothing. */
  filter: string;
  /** Up to which event each case was seen in this browser. */
  seen: ReadonlyMap<string, number>;
  /** The number of the case that is to be seen; null: none. */
  selected: string | null;
  shown: Case | null;
}

export const newSituation = (access: Access): Situation => ({
  ...{ language: readLanguage(), api: createInboxApi(access) },
  ...{ rows: [], which: 'open', filter: '', seen: readSeen(), selected: null, shown: null },
});

export const word = ({ language }: Pick<Situation, 'language'>, name: TextName): string => TEXTS[language][name];

/** Of a code, as people call it; one that is not known is shown as it is. */
export const nameOf = ({ language }: Situation, kind: keyof (typeof NAMES)['es'], code: string): string =>
  NAMES[language][kind][code] ?? code;

export function failureText(situation: Pick<Situation, 'language'>, thrown: unknown): string {
  if (!(thrown instanceof InboxError)) throw thrown;
  if (thrown.status === 0) return word(situation, 'offline');
  if (thrown.status === 401 || thrown.status === 403) return word(situation, 'wrongKey');
  return thrown.message === '' ? word(situation, 'failed') : thrown.message;
}

const MINUTE_MS = 60_000;

/** `5 min`, `3 h`, `2 d`. */
export function waited(since: string): string {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / MINUTE_MS));
  if (minutes < 60) return `${minutes} min`;
  return minutes < 60 * 24 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60 / 24)} d`;
}
