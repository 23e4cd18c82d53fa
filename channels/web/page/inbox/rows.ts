/** Which cases the list shows, in which order, and what of them stands out. Pure. */
import type { Row } from './wire.js';

export type Which = 'open' | 'mine' | 'closed';

const isClosed = ({ status }: Row): boolean => status === 'resolved' || status === 'returned-to-bot';

export function belongs(row: Row, which: Which, agentId: string): boolean {
  if (which === 'closed') return isClosed(row);
  return which === 'mine' ? row.agent?.id === agentId : !isClosed(row);
}

/** The worst that its clocks have come to. */
export function clockOf({ marks }: Row): 'breached' | 'reminded' | null {
  if (marks.some((mark) => mark.endsWith(':breached'))) return 'breached';
  return marks.some((mark) => mark.endsWith(':reminded')) ? 'reminded' : null;
}

/** As the service orders them: breached ones, then the longest wait; those whose customer is to write come last, the newest first. */
export function inOrder(one: Row, other: Row): number {
  if (one.waiting_since === null || other.waiting_since === null) {
    if (one.waiting_since !== other.waiting_since) return one.waiting_since === null ? 1 : -1;
    return Date.parse(other.created_at) - Date.parse(one.created_at);
  }
  const breached = Number(clockOf(other) === 'breached') - Number(clockOf(one) === 'breached');
  return breached === 0 ? Date.parse(one.waiting_since) - Date.parse(other.waiting_since) : breached;
}

/** Nobody at this browser has looked at it yet, or the customer did something since. */
export function isUnread(row: Row, seen: ReadonlyMap<string, number>): boolean {
  const seenUpTo = seen.get(row.id);
  return !isClosed(row) && (seenUpTo === undefined || row.customer_seq > seenUpTo);
}

const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Whether all words stand somewhere in what the list shows of it. */
export function matches(row: Row, words: string): boolean {
  const shown = plain([row.id, row.customer, row.summary, row.channel, row.agent?.name, row.team_name].filter(Boolean).join(' '));
  return plain(words)
    .split(/\s+/)
    .every((word) => shown.includes(word));
}
