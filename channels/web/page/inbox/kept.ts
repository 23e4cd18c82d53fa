/** What the inbox keeps in this browser: key and name until the agent signs out, what is written and not sent, the language, the sound. */
import type { Access } from './api.js';
import type { Language } from './texts.js';

const PREFIX = 'parley.inbox.';
const memory = new Map<string, string>();

/** Where storage is blocked it lasts as long as the page. */
function read(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch (thrown) {
    if (!(thrown instanceof DOMException)) throw thrown;
    return memory.get(name) ?? null;
  }
}

function write(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch (thrown) {
    if (!(thrown instanceof DOMException)) throw thrown;
    if (value === null) memory.delete(name);
    else memory.set(name, value);
  }
}

export function readAccess(): Access | null {
  const [key, name] = [read('key'), read('name')];
  return key === null || name === null ? null : { key, name };
}

export function writeAccess(access: Access | null): void {
  write('key', access?.key ?? null);
  write('name', access?.name ?? null);
}

export type Box = 'reply' | 'note';
export const readDraft = (ticket: string, box: Box): string => read(`${box}.${ticket}`) ?? '';
export const writeDraft = (ticket: string, box: Box, text: string): void => write(`${box}.${ticket}`, text === '' ? null : text);

export const readLanguage = (): Language => {
  const kept = read('language') ?? navigator.language;
  return kept.startsWith('en') ? 'en' : 'es';
};
export const writeLanguage = (language: Language): void => write('language', language);
export const readSound = (): boolean => read('sound') === '1';
export const writeSound = (on: boolean): void => write('sound', on ? '1' : null);
