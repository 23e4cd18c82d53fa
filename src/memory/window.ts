/** Cuts a session's last messages into the window that a turn works on and what came before it. */
import type { Message } from '../domain/message.js';

/** Messages of either side: enough for "and the 80 one?", not so many that old topics mix in. */
export const WINDOW_MESSAGES = 12;
/** Long messages make the window shorter; the last one is always in it. */
export const WINDOW_CHARS = 8000;
/** Read for the summary beside the window. */
export const RECALLED_MESSAGES = 48;

export interface CutHistory {
  /** Oldest first. */
  readonly earlier: readonly Message[];
  readonly window: readonly Message[];
}

/** `messages` oldest first; deleted ones are forgotten. */
export function cutWindow(messages: readonly Message[]): CutHistory {
  const kept = messages.filter((message) => message.deletedAt === null);
  let chars = 0;
  let start = kept.length;
  while (start > 0 && kept.length - start < WINDOW_MESSAGES) {
    chars += kept[start - 1]?.text.length ?? 0;
    if (chars > WINDOW_CHARS && start < kept.length) break;
    start -= 1;
  }
  return { earlier: kept.slice(0, start), window: kept.slice(start) };
}
