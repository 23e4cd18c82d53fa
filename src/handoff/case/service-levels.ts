/**
 * Service levels of a case: how much of the time to the first reply, to the next and to the end has gone by, and what is to be marked in its log because
 * of it. Computed anew from the log each time, so that nothing has to be kept running; clocks stand still out of hours, and that to the end while the
 * customer is to write. Pure.
 */
import { teamOf, teamOfCase, type DeskSettings, type OpeningHours, type Team, type UnclaimedSteps } from '../../domain/desk-settings.js';
import { isOpen } from '../../domain/fold-ticket.js';
import type { Ticket, TicketChange, TicketChangeKind, TicketEvent } from '../../domain/ticket.js';
import { openMsBetween } from '../opening-hours.js';
import { stillWaiting } from '../texts.js';

/** A ticket with its whole log, oldest first. */
export interface LoggedCase {
  readonly ticket: Ticket;
  readonly events: readonly TicketEvent[];
}

export interface Clock {
  readonly name: 'first' | 'next' | 'resolution';
  readonly since: Date;
  /** Of open hours, without pauses. */
  readonly elapsedMs: number;
  readonly targetMs: number;
}

export interface DueMark {
  /** The same for all who find it due: it is marked once. */
  readonly actionId: string;
  readonly change: Extract<TicketChange, { kind: 'marked' }>;
}

type Settings = Pick<DeskSettings, 'teams' | 'levels' | 'remindAt' | 'unclaimed'>;
const MINUTE_MS = 60_000;

/** Of a closed case none. */
export function clocksOf({ ticket, events }: LoggedCase, settings: Settings, now: Date): Clock[] {
  if (!isOpen(ticket)) return [];
  const { hours } = teamOfCase(settings, ticket.team);
  const level = settings.levels[ticket.priority];
  const begun = lastOf(events, ['opened', 'reopened']) ?? ticket.createdAt;
  const clocks: Clock[] = [];
  if (ticket.waitingSince !== null) {
    const name = ticket.firstReplyAt === null ? 'first' : 'next';
    const elapsedMs = openMsBetween(hours, ticket.waitingSince, now);
    clocks.push({ name, since: ticket.waitingSince, elapsedMs, targetMs: level[name] * MINUTE_MS });
  }
  const elapsedMs = openMsBetween(hours, begun, now) - pausedMs(ticket, hours, begun, now);
  return [...clocks, { name: 'resolution', since: begun, elapsedMs, targetMs: level.resolution * MINUTE_MS }];
}

function pausedMs({ pauses }: Ticket, hours: OpeningHours | null, from: Date, to: Date): number {
  return pauses.reduce((sum, pause) => sum + openMsBetween(hours, later(pause.from, from), earlier(pause.to ?? to, to)), 0);
}

const later = (a: Date, b: Date): Date => (a > b ? a : b);
const earlier = (a: Date, b: Date): Date => (a < b ? a : b);

/** What is to be marked now and is not yet, in order. */
export function dueMarks(logged: LoggedCase, settings: DeskSettings, now: Date): DueMark[] {
  const done = new Set(logged.events.map(({ actionId }) => actionId));
  const due = [...levelMarks(logged, settings, now), ...unclaimedMarks(logged, settings, now)];
  return due.filter(({ actionId }) => !done.has(actionId));
}

/** A breach that was not reminded of before, because nothing ran then, is no longer reminded of. */
function levelMarks(logged: LoggedCase, settings: Settings, now: Date): DueMark[] {
  const { ticket } = logged;
  return clocksOf(logged, settings, now).flatMap(({ name, since, elapsedMs, targetMs }) => {
    if (elapsedMs < targetMs * settings.remindAt) return [];
    if (elapsedMs < targetMs) return [markOf(`${name}:reminded`, since)];
    return [markOf(`${name}:breached`, since, { team: ticket.agent === null ? (overflowOf(ticket, settings)?.id ?? null) : null })];
  });
}

function unclaimedMarks({ ticket, events }: LoggedCase, settings: DeskSettings, now: Date): DueMark[] {
  if (!isOpen(ticket) || ticket.agent !== null) return [];
  const since = lastOf(events, ['opened', 'reopened', 'released']) ?? ticket.createdAt;
  const elapsedMs = openMsBetween(teamOfCase(settings, ticket.team).hours, since, now);
  const overflow = overflowOf(ticket, settings);
  const language = ticket.language === 'en' ? 'en' : 'es';
  const isDue = (step: keyof UnclaimedSteps) => {
    const after = settings.unclaimed[step];
    return after !== null && elapsedMs >= after * MINUTE_MS;
  };
  return [
    ...(isDue('remind') ? [markOf('unclaimed:reminded', since)] : []),
    ...(isDue('widen') && overflow !== undefined ? [markOf('unclaimed:widened', since, { team: overflow.id })] : []),
    ...(isDue('tell') ? [markOf('unclaimed:told', since, { say: stillWaiting(settings, ticket, language, now) })] : []),
  ];
}

const overflowOf = (ticket: Ticket, settings: Pick<DeskSettings, 'teams'>): Team | undefined =>
  teamOf(settings, teamOfCase(settings, ticket.team).overflow);

const markOf = (mark: string, since: Date, { team = null, say = null }: { team?: string | null; say?: string | null } = {}): DueMark => ({
  actionId: `mark:${mark}:${since.getTime()}`,
  change: { kind: 'marked', mark, team, say },
});

const lastOf = (events: readonly TicketEvent[], kinds: readonly TicketChangeKind[]): Date | undefined =>
  events.findLast(({ change }) => kinds.includes(change.kind))?.at;
