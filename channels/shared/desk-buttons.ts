/** What can be done with a case as it stands: the buttons of its card, and their order, for every desk. */
import { isOpen } from '../../src/domain/fold-ticket.js';
import type { Ticket } from '../../src/domain/ticket.js';

export const CARD_BUTTONS = [
  'claim',
  'reply',
  'suggest',
  'note',
  'assign',
  'release',
  'return-to-bot',
  'resolve',
  'reopen',
  'transcript',
] as const;
export type CardButton = (typeof CARD_BUTTONS)[number];

/** Those that make sense now. Who may press them is decided by the core: of a case that somebody has, only they reply. */
export function buttonsOf(ticket: Pick<Ticket, 'status' | 'agent'>): readonly CardButton[] {
  if (!isOpen(ticket)) return ['reopen', 'note', 'transcript'];
  if (ticket.agent === null) return ['claim', 'assign', 'suggest', 'note'];
  return ['reply', 'suggest', 'note', 'assign', 'release', 'return-to-bot', 'resolve', 'transcript'];
}

/** Why a case is closed: a code, or a code with a text behind it (`other: …`). */
export const RESOLVE_REASONS = ['answered', 'sold', 'no-reply', 'duplicate', 'not-ours', 'spam', 'other'] as const;
export type ResolveReason = (typeof RESOLVE_REASONS)[number];

export const reasonOf = (code: ResolveReason, text: string): string => (text.trim() === '' ? code : `${code}: ${text.trim()}`);

/** The two parts of a reason; code null: it is another desk's own. */
export function reasonParts(reason: string): { readonly code: ResolveReason | null; readonly text: string } {
  const [, given = '', text = ''] = /^([a-z-]+)(?:: ([^]*))?$/.exec(reason) ?? [];
  const code = RESOLVE_REASONS.find((known) => known === given) ?? null;
  return code === null ? { code, text: reason } : { code, text };
}
