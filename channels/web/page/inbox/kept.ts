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

const MAX_SEEN = 1_000;

/** The number of the last event that this agent saw of each case, the cases seen last at the end. */
function readAllSeen(): [string, number][] {
  const kept: unknown = JSON.parse(read('seen') ?? '[]');
  return Array.isArray(kept) ? (kept as [string, number][]) : [];
}

export const readSeen = (): ReadonlyMap<string, number> => new Map(readAllSeen());
export function writeSeen(ticket: string, seq: number): void {
  const others = readAllSeen().filter(([id]) => id !== ticket);
  write('seen', JSON.stringify([...others, [ticket, seq]].slice(-MAX_SEEN)));
}
