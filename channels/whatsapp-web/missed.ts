/** Which messages were missed while there was no browser: pure. */
import { messageSchema } from './wire.js';

/** Told times are in whole seconds, and the last sign of life may be half a minute older than the last message. What is fetched twice is stored once. */
const OVERLAP_MS = 60_000;
/** Stored events are recognised for as long; who was away for longer starts with what is a week old. */
const LONGEST_MS = 7 * 24 * 3_600_000;

/** From when on messages are to be fetched, in seconds. */
export const missedSince = (seenUntil: Date, now: Date): number =>
  Math.floor(Math.max(seenUntil.getTime() - OVERLAP_MS, now.getTime() - LONGEST_MS) / 1000);

/**
 * Of one chat, oldest first. What a person answered by hand on the phone meanwhile is left to that person: everything before a message of ours that we
 * cannot have sent, since there was no browser.
 */
export function missedIn(chat: readonly unknown[], seenUntil: Date): readonly unknown[] {
  const byHandAfter = (seenUntil.getTime() + OVERLAP_MS) / 1000;
  const answered = chat.findLastIndex((value) => {
    const message = messageSchema.safeParse(value).data;
    return message?.id.fromMe === true && (message.t ?? 0) > byHandAfter;
  });
  return chat.slice(answered + 1);
}
