/**
 * What the page keeps in the browser: the session, unsent messages, the chosen language. Where storage is blocked, a page around us keeps it, or it
 * lasts as long as the page.
 */
import type { PageMetadata } from './page-metadata.js';
import type { StoredFile } from './wire.js';

/** A message that is not known to be stored by the service. */
export interface Unsent {
  /** Goes along with every attempt, so that the service takes it once. */
  readonly clientId: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly writtenAt: number;
  readonly files: readonly StoredFile[];
  /** Files that were never uploaded and are gone with the page that held them. */
  readonly missingFiles: number;
  /** Of the page that it was written on. */
  readonly metadata?: PageMetadata;
}

export interface KnownSession {
  readonly id: string;
  /** The case's number while people have the conversation. */
  readonly ticket: string | null;
}

const SESSION = 'parley.session';
const LANGUAGE = 'parley.language';
const SEEN = 'parley.seen';
/** One entry for each message, so that two tabs never overwrite each other's. */
const UNSENT = 'parley.unsent.';

const memory = new Map<string, string>();
let keepOutside: (key: string, value: string | null) => void = () => undefined;

/** What is written where storage is blocked also goes to `keep`; `known` is what it kept on earlier visits. */
export function keepAlso(known: Readonly<Record<string, string>>, keep: (key: string, value: string | null) => void): void {
  for (const [key, value] of Object.entries(known)) memory.set(key, value);
  keepOutside = keep;
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch (thrown) {
    return blocked(thrown, memory.get(key) ?? null);
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch (thrown) {
    if (value === null) memory.delete(key);
    else memory.set(key, value);
    blocked(thrown, null);
    keepOutside(key, value);
  }
}

/** Storage that is switched off or full throws a DOMException; anything else is our mistake. */
function blocked<T>(thrown: unknown, instead: T): T {
  if (thrown instanceof DOMException) return instead;
  throw thrown;
}

function parsed<T>(text: string | null): T | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as T;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null; // not written by this version
    throw thrown;
  }
}

export const readSession = (): KnownSession | null => parsed<KnownSession>(read(SESSION));
export const writeSession = (session: KnownSession | null): void => write(SESSION, session === null ? null : JSON.stringify(session));
export const readLanguage = (): string | null => read(LANGUAGE);
export const writeLanguage = (language: string): void => write(LANGUAGE, language);
/** The newest answer that the customer had before them. */
export const readSeen = (): string | null => read(SEEN);
export const writeSeen = (messageId: string): void => write(SEEN, messageId);

/** Oldest first. */
export function readUnsent(): Unsent[] {
  const keys = storedKeys().filter((key) => key.startsWith(UNSENT));
  const found = keys.map((key) => parsed<Unsent>(read(key))).filter((unsent) => unsent !== null);
  return found.sort((one, other) => one.writtenAt - other.writtenAt);
}

function storedKeys(): string[] {
  try {
    return Object.keys(localStorage);
  } catch (thrown) {
    return blocked(thrown, [...memory.keys()]);
  }
}

export const writeUnsent = (unsent: Unsent): void => write(UNSENT + unsent.clientId, JSON.stringify(unsent));
export const deleteUnsent = (clientId: string): void => write(UNSENT + clientId, null);

export interface OtherTabEvents {
  onSession(session: KnownSession | null): void;
  /** An unsent message was sent, or taken back. */
  onSent(clientId: string): void;
}

/** Tells what other tabs change. */
export function watchOtherTabs(events: OtherTabEvents): void {
  window.addEventListener('storage', ({ key, newValue }) => {
    if (key === SESSION) events.onSession(readSession());
    else if (key?.startsWith(UNSENT) === true && newValue === null) events.onSent(key.slice(UNSENT.length));
  });
}
