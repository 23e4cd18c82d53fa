/**
 * What the widget keeps on the shop's own origin: whether the chat was used and stands open, and – only where the browser blocks the storage of a
 * frame from elsewhere – what the chat would have kept itself. Where this storage is blocked too, it lasts as long as the page.
 */

export interface Kept {
  /** There is a conversation, whose answers are worth waiting for. */
  wasUsed(): boolean;
  noteUsed(): void;
  /** In this tab; null: nobody opened or closed it yet. */
  wasOpen(): boolean | null;
  noteOpen(open: boolean): void;
  /** For the chat: null forgets. */
  keep(key: string, value: string | null): void;
  all(): Record<string, string>;
}

const USED = 'parley.widget.used';
const OPEN = 'parley.widget.open';
const OF_CHAT = 'parley.widget.chat.';

export function createKept(): Kept {
  return {
    wasUsed: () => attempt(() => localStorage.getItem(USED) !== null) === true,
    noteUsed: () => void attempt(() => localStorage.setItem(USED, '1')),
    wasOpen() {
      const known = attempt(() => sessionStorage.getItem(OPEN)) ?? null;
      return known === null ? null : known === '1';
    },
    noteOpen: (open) => void attempt(() => sessionStorage.setItem(OPEN, open ? '1' : '0')),
    keep: (key, value) =>
      void attempt(() => (value === null ? localStorage.removeItem(OF_CHAT + key) : localStorage.setItem(OF_CHAT + key, value))),
    all() {
      const keys = (attempt(() => Object.keys(localStorage)) ?? []).filter((key) => key.startsWith(OF_CHAT));
      return Object.fromEntries(keys.map((key) => [key.slice(OF_CHAT.length), localStorage.getItem(key) ?? '']));
    },
  };
}

/** Undefined where storage is blocked or full, which throws a DOMException; anything else is our mistake. */
function attempt<Value>(use: () => Value): Value | undefined {
  try {
    return use();
  } catch (thrown) {
    if (thrown instanceof DOMException) return undefined;
    throw thrown;
  }
}
