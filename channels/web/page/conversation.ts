/**
 * The conversation as it is shown: a list of messages that frames, the history and the customer's own writing change. Messages are immutable, so
 * that the view tells by identity which ones to draw again. Knows neither the network nor the page.
 */
import type { Choice, LoggedMessage, ServerFrame, Source, StoredFile } from './wire.js';

/** A file under a message. */
export interface ShownFile {
  /** The service's id; null while it is on its way. */
  readonly id: string | null;
  /** Told by the content; null where it is not known yet. */
  readonly contentType: string | null;
  readonly filename: string;
  readonly sizeBytes: number;
  /** 0 to 1 while it is uploaded, else null. */
  readonly progress: number | null;
  /** Why it could not be read, as the service says it. */
  readonly problem: string | null;
}

/** How an own message is getting on; `streaming` and `complete` are the others' messages. */
export type MessageState = 'waiting' | 'sending' | 'stored' | 'failed' | 'streaming' | 'complete';

/** What the page says in between, by the name of its text. */
export type Notice = 'sessionOver';

export interface ShownMessage {
  /** Names the message on the page, from the first to the last sight of it. */
  readonly key: string;
  /** The service's id; null until it is known. */
  readonly id: string | null;
  readonly role: LoggedMessage['role'] | 'notice';
  /** A person's name; null: it has none, or none is shown. */
  readonly author: string | null;
  readonly text: string;
  readonly at: Date;
  readonly files: readonly ShownFile[];
  readonly sources: readonly Source[];
  readonly choices: readonly Choice[];
  readonly state: MessageState;
  /** Why it failed, as the service names it. */
  readonly failure: string | null;
}

export interface Conversation {
  messages(): readonly ShownMessage[];
  /** Is called after each change. */
  subscribe(listener: () => void): void;
  /** Adds an own message, or replaces the one of the same key. */
  put(message: ShownMessage): void;
  change(key: string, change: Partial<ShownMessage>): void;
  remove(key: string): void;
  /** The service has stored the own message `key` as `id`. */
  confirm(key: string, id: string): void;
  /** A frame that carries a message or a part of one. Those of complete messages change nothing but their buttons and sources. */
  take(frame: ServerFrame, at: Date): void;
  /** The log of the session: it settles order, times and wording; what it does not know yet stays behind it. */
  merge(log: readonly LoggedMessage[]): void;
  /** The line was cut: parts of answers that will come again, whole, are dropped. */
  dropPartial(): void;
  /** What has been said stays in view, and the session behind it is over. */
  closeWith(notice: Notice): void;
  clear(): void;
}

export function shown(message: Pick<ShownMessage, 'key' | 'role' | 'text' | 'at' | 'state'> & Partial<ShownMessage>): ShownMessage {
  return { id: null, author: null, files: [], sources: [], choices: [], failure: null, ...message };
}

const fileOf = (file: StoredFile): ShownFile => ({
  id: file.id,
  contentType: file.content_type ?? null,
  filename: file.filename,
  sizeBytes: file.size_bytes,
  progress: null,
  problem: null,
});

const newFiles = (known: readonly ShownFile[], files: readonly StoredFile[]): ShownFile[] =>
  files.filter((file) => !known.some(({ id }) => id === file.id)).map(fileOf);

function loggedMessage(logged: LoggedMessage, known: ShownMessage | undefined): ShownMessage {
  const state = logged.role === 'user' ? 'stored' : 'complete';
  const fresh = shown({
    key: known?.key ?? logged.id,
    id: logged.id,
    role: logged.role,
    author: logged.author ?? null,
    text: logged.content,
    at: new Date(logged.timestamp),
    files: logged.attachments.map(fileOf),
    sources: logged.sources,
    choices: known?.choices ?? [],
    state,
  });
  const unchanged = known?.state === state && known.text === fresh.text && known.at.getTime() === fresh.at.getTime();
  if (unchanged) return known;
  // Files keep what only this page knows of them: that they could not be read.
  return { ...fresh, files: fresh.files.map((file, index) => ({ ...file, problem: known?.files[index]?.problem ?? null })) };
}

export function createConversation(): Conversation {
  /** Of sessions that are over. */
  let earlier: readonly ShownMessage[] = [];
  let current: readonly ShownMessage[] = [];
  const listeners: (() => void)[] = [];

  const set = (messages: readonly ShownMessage[]): void => {
    current = messages;
    listeners.forEach((listener) => listener());
  };
  const change = (key: string, changes: Partial<ShownMessage>): void =>
    set(current.map((message) => (message.key === key ? { ...message, ...changes } : message)));
  const withId = (id: string) => current.find((message) => message.id === id);

  /** Changes a message of the service's, which is made when its first part arrives. */
  const changeAnswer = (
    id: string,
    role: 'assistant' | 'agent',
    at: Date,
    changes: (known: ShownMessage) => Partial<ShownMessage>,
  ): void => {
    const known = withId(id) ?? shown({ key: id, id, role, text: '', at, state: 'streaming' });
    const next = { ...known, ...changes(known) };
    set(withId(id) === undefined ? [...current, next] : current.map((message) => (message.id === id ? next : message)));
  };

  return {
    messages: () => [...earlier, ...current],
    subscribe: (listener) => void listeners.push(listener),
    put(message) {
      if (current.some((known) => known.key === message.key)) change(message.key, message);
      else set([...current, message]);
    },
    change,
    remove: (key) => set(current.filter((message) => message.key !== key)),
    confirm(key, id) {
      // The log may have shown it already, as somebody's message: it is this one.
      const others = current.filter((message) => message.key === key || message.id !== id);
      set(others.map((message) => (message.key === key ? { ...message, id, state: 'stored', failure: null } : message)));
    },
    take(frame, at) {
      switch (frame.type) {
        case 'start':
          return set(current.filter(({ id, state }) => id === null || id !== frame.message_id || state !== 'streaming'));
        case 'text':
          return changeAnswer(frame.message_id, 'assistant', at, ({ state, text }) =>
            state === 'complete' ? {} : { text: text + frame.content },
          );
        case 'sources':
          return changeAnswer(frame.message_id, 'assistant', at, () => ({ sources: frame.sources }));
        case 'attachments':
          return changeAnswer(frame.message_id, 'assistant', at, ({ files }) => ({
            files: [...files, ...newFiles(files, frame.attachments)],
          }));
        case 'complete':
          return changeAnswer(frame.message_id, 'assistant', at, ({ role }) => ({
            state: 'complete',
            role: frame.role ?? role,
            choices: frame.buttons ?? [],
          }));
        case 'message': {
          const files = frame.attachments.map(fileOf);
          if (frame.role === 'agent')
            return changeAnswer(frame.message_id, 'agent', at, () => ({
              text: frame.content,
              author: frame.author ?? null,
              files,
              state: 'complete',
            }));
          if (withId(frame.message_id) !== undefined) return undefined;
          const { message_id: id, content: text } = frame;
          return set([...current, shown({ key: id, id, role: 'user', text, at, files, state: 'stored' })]);
        }
        default:
          return undefined;
      }
    },
    merge(log) {
      const known = new Map(current.map((message) => [message.id, message]));
      const ids = new Set(log.map((logged) => logged.id));
      const unlogged = current.filter((message) => message.id === null || !ids.has(message.id));
      set([...log.map((logged) => loggedMessage(logged, known.get(logged.id))), ...unlogged]);
    },
    dropPartial: () => set(current.filter((message) => message.state !== 'streaming')),
    closeWith(notice) {
      const open = current.filter((message) => message.role === 'user' && message.id === null);
      const said = current.filter((message) => !open.includes(message)).map((message) => ({ ...message, choices: [] }));
      const line = shown({ key: `notice-${Date.now()}`, role: 'notice', text: notice, at: new Date(), state: 'complete' });
      earlier = [...earlier, ...said, line];
      set(open);
    },
    clear() {
      earlier = [];
      set([]);
    },
  };
}
