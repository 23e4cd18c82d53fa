/**
 * Identifiers. Random ones are capabilities or public handles; derived ones are hashes of what they name, so that doing a thing again
 * writes the same document (promise 2 of the design: nothing is doubled).
 */
import { hash, randomBytes } from 'node:crypto';

/** `<prefix>_` and the first 24 hex digits (96 bits) of SHA-256 over the parts. The same parts give the same id on every instance. */
export function derivedId(prefix: string, ...parts: readonly (string | number)[]): string {
  const named = parts.map((part) => `${String(part).length}:${part};`).join('');
  return `${prefix}_${hash('sha256', named).slice(0, 24)}`;
}

/** `sess_` and 32 random hex digits (128 bits). Whoever holds it may use the session: never log it. */
export const newSessionId = (): string => `sess_${randomBytes(16).toString('hex')}`;

/** `thread_` and 32 random hex digits: the session's public handle, safe in logs and analytics. */
export const newThreadId = (): string => `thread_${randomBytes(16).toString('hex')}`;

/** `<prefix>_` and 24 random hex digits (96 bits). */
export const randomId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('hex')}`;

export const SESSION_ID_PATTERN = /^sess_[0-9a-f]{32}$/;

/** One conversation is one contact on one channel account in one thread. Hashed, because the web channel's thread key is a session id. */
export const conversationIdOf = (at: { channel: string; account: string; threadKey: string }): string =>
  derivedId('conv', at.channel, at.account, at.threadKey);

/** The person as one channel knows them, until linked to another channel's. */
export const contactIdOf = (identity: { channel: string; account: string; userId: string }): string =>
  derivedId('cont', identity.channel, identity.account, identity.userId);

/** The inbox key: one platform event is stored once. */
export const inboxIdOf = (event: { channel: string; account: string; eventId: string }): string =>
  derivedId('evt', event.channel, event.account, event.eventId);

export const turnIdOf = (inboxId: string): string => derivedId('turn', inboxId);

/** The message a turn logs: `in` is the customer's own, `out` the reply part `index`. */
export const messageIdOf = (turnId: string, direction: 'in' | 'out', index = 0): string => derivedId('msg', turnId, direction, index);

/** Room between two orders: a reply and its parts stand right behind the message they answer, at `order + 1` to `order + 63`. */
export const ORDER_STEP = 64;

let lastOrder = 0;

/**
 * A whole number that grows with each call in this process: microseconds since 1970, stepped by ORDER_STEP where calls fall together
 * (below 2^53 until the year 2255). It orders events by arrival; instances with clocks in step agree to a few milliseconds.
 */
export function nextOrder(nowMs: number = Date.now()): number {
  lastOrder = Math.max(lastOrder + ORDER_STEP, nowMs * 1000);
  return lastOrder;
}
