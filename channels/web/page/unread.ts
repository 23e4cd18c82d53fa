/** Counts the answers that came while the customer did not have the chat before them, also those of the time when no page of theirs was open. */
import type { Chat } from './chat.js';
import { readSeen, writeSeen } from './storage.js';

export interface Unread {
  /** The customer has the chat before them, or not. */
  look(shown: boolean): void;
}

/** @param onCount told when the count has changed; at first it is 0 */
export function createUnread(chat: Chat, onCount: (count: number) => void): Unread {
  let shown = false;
  let told = 0;

  const count = (): void => {
    if (chat.situation.now().loading) return;
    const answers = chat.conversation.messages().flatMap(({ id, role, state }) => {
      return id !== null && state === 'complete' && role !== 'user' ? [id] : [];
    });
    const newest = answers.at(-1);
    if (shown && newest !== undefined && newest !== readSeen()) writeSeen(newest);
    const unread = shown ? 0 : answers.length - 1 - answers.indexOf(readSeen() ?? '');
    if (unread !== told) onCount(unread);
    told = unread;
  };
  chat.conversation.subscribe(count);
  chat.situation.subscribe(count);
  return {
    look(now) {
      shown = now;
      count();
    },
  };
}
