/** Who a case is to be taken over from, because a service level was breached while they had it. Pure. */
import type { DeskSettings } from '../../domain/desk-settings.js';
import type { Agent, TicketChangeKind, TicketEvent } from '../../domain/ticket.js';
import { clocksOf, markId, type LoggedCase } from './service-levels.js';

export interface Overdue {
  readonly holder: Agent;
  /** The same for all who find it: it is taken over once. */
  readonly actionId: string;
}

const TAKES: readonly TicketChangeKind[] = ['claimed', 'assigned', 'reopened'];

/**
 * Null: nobody has it, no breach asks for it, or it is in good hands: who took it after the breach, or has done something with it since, keeps it, and a
 * reply that is on its way is waited for.
 */
export function overdue(logged: LoggedCase, settings: DeskSettings, now: Date): Overdue | null {
  const { ticket, events } = logged;
  const holder = ticket.agent;
  if (holder === null || isReplying(events)) return null;
  const breached = clocksOf(logged, settings, now).filter(
    ({ name, elapsedMs, targetMs }) => elapsedMs >= targetMs && settings.onBreach[name] === 'reassign',
  );
  const taken = events.findLast(({ change }) => TAKES.includes(change.kind))?.seq ?? 0;
  const acted = events.findLast(({ by }) => by.kind === 'agent' && by.agent.id === holder.id)?.seq ?? 0;
  for (const { name, since } of breached) {
    const marked = events.find(({ actionId }) => actionId === markId(`${name}:breached`, since))?.seq ?? 0;
    if (marked > Math.max(taken, acted)) return { holder, actionId: `taken-over:${name}:${since.getTime()}` };
  }
  return null;
}

/** Written, and neither gone out, taken back nor failed. */
function isReplying(events: readonly TicketEvent[]): boolean {
  const reply = events.findLast(({ change }) => change.kind === 'replied');
  return reply !== undefined && !events.some(({ change }) => 'of' in change && change.of === reply.seq);
}
