/**
 * Service levels of a case: how much of the time to the first reply, to the next and to the end has gone by, and what is to be marked in its log because
 * of it. Computed anew from the log each time, so that nothing has to be kept running; clocks stand still out of hours, and that to the end while the
 * customer is to write. Pure.
 */
import { teamOf, teamOfCase, type DeskSettings, type Team, type UnclaimedSteps } from '../../domain/desk-settings.js';
import { isOpen } from '../../domain/fold-ticket.js';
import type { Ticket, TicketChange, TicketChangeKind, TicketEvent } from '../../domain/ticket.js';
import { addOpenMs, openMsBetween } from '../opening-hours.js';
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
  /** It stands still until the customer writes. */
  readonly paused: boolean;
}

export interface DueMark {
  /** The same for all who find it due: it is marked once. */
  readonly actionId: string;
  readonly change: Extract<TicketChange, { kind: 'marked' }>;
}

type Settings = Pick<DeskSettings, 'teams' | 'levels' | 'remindAt' | 'unclaimed'>;
const MINUTE_MS = 60_000;

/** Of a closed case none. */
export function clocksOf(logged: LoggedCase, settings: Settings, now: Date): Clock[] {
  const { ticket, events } = logged;
  if (!isOpen(ticket)) return [];
  const level = settings.levels[ticket.priority];
  const begun = lastOf(events, ['opened', 'reopened']) ?? ticket.createdAt;
  const clocks: Clock[] = [];
  if (ticket.waitingSince !== null) {
    const name = ticket.firstReplyAt === null ? 'first' : 'next';
    const elapsedMs = openMsOf(logged, settings, ticket.waitingSince, now);
    clocks.push({ name, since: ticket.waitingSince, elapsedMs, targetMs: level[name] * MINUTE_MS, paused: false });
  }
  const pausedMs = ticket.pauses.reduce(
    (sum, pause) => sum + openMsOf(logged, settings, later(pause.from, begun), earlier(pause.to ?? now, now)),
    0,
  );
  const elapsedMs = openMsOf(logged, settings, begun, now) - pausedMs;
  const paused = ticket.pauses.at(-1)?.to === null;
  return [...clocks, { name: 'resolution', since: begun, elapsedMs, targetMs: level.resolution * MINUTE_MS, paused }];
}

/** By the hours of the team that the case was with at each time: one that comes to help has not been late before. */
function openMsOf({ ticket, events }: LoggedCase, settings: Settings, from: Date, to: Date): number {
  const moves = events.flatMap(({ change, at }) =>
    change.kind === 'opened' || (change.kind === 'marked' && change.team !== null) ? [{ team: change.team, at }] : [],
  );
  const teams = [moves[0] === undefined ? ticket.team : moves[0].team, ...moves.map(({ team }) => team)];
  const turns = [from, ...moves.map(({ at }) => earlier(later(at, from), to)), to];
  return teams.reduce((sum, team, index) => {
    const [begin = to, end = to] = turns.slice(index, index + 2);
    return sum + openMsBetween(teamOfCase(settings, team).hours, begin, end);
  }, 0);
}

const later = (a: Date, b: Date): Date => (a > b ? a : b);
const earlier = (a: Date, b: Date): Date => (a < b ? a : b);

/** What the log is marked with once the time of a clock has gone by. */
interface Threshold {
  readonly mark: string;
  readonly since: Date;
  readonly elapsedMs: number;
  readonly paused: boolean;
  /** From then on it is due. */
  readonly atMs: number;
  /** From then on it is not worth a word any more: a breach that was not reminded of, because nothing ran then. */
  readonly untilMs: number;
  readonly more: () => { readonly team?: string | null; readonly say?: string };
}

/** What is to be marked now and is not yet, in order. */
export function dueMarks(logged: LoggedCase, settings: DeskSettings, now: Date): DueMark[] {
  return openThresholds(logged, settings, now)
    .filter(({ elapsedMs, atMs, untilMs }) => elapsedMs >= atMs && elapsedMs < untilMs)
    .map(({ mark, since, more }) => {
      const { team = null, say = null } = more();
      return { actionId: markId(mark, since), change: { kind: 'marked', mark, team, say } };
    });
}

/** When something is to be marked next, if nothing happens before. Null: nothing will be. */
export function nextMarkAt(logged: LoggedCase, settings: DeskSettings, now: Date): Date | null {
  const { hours } = teamOfCase(settings, logged.ticket.team);
  return openThresholds(logged, settings, now)
    .filter(({ elapsedMs, atMs, paused }) => elapsedMs < atMs && !paused)
    .map(({ elapsedMs, atMs }) => addOpenMs(hours, now, atMs - elapsedMs))
    .reduce<Date | null>((first, at) => (first === null || (at !== null && at < first) ? at : first), null);
}

function openThresholds(logged: LoggedCase, settings: DeskSettings, now: Date): Threshold[] {
  const done = new Set(logged.events.map(({ actionId }) => actionId));
  const all = [...levelThresholds(logged, settings, now), ...unclaimedThresholds(logged, settings, now)];
  return all.filter(({ mark, since }) => !done.has(markId(mark, since)));
}

function levelThresholds(logged: LoggedCase, settings: Settings, now: Date): Threshold[] {
  const { ticket } = logged;
  return clocksOf(logged, settings, now).flatMap(({ name, since, elapsedMs, targetMs, paused }): Threshold[] => {
    const clock = { since, elapsedMs, paused };
    const widened = () => ({ team: ticket.agent === null ? (overflowOf(ticket, settings)?.id ?? null) : null });
    return [
      { ...clock, mark: `${name}:reminded`, atMs: Math.ceil(targetMs * settings.remindAt), untilMs: targetMs, more: () => ({}) },
      { ...clock, mark: `${name}:breached`, atMs: targetMs, untilMs: Infinity, more: widened },
    ];
  });
}

function unclaimedThresholds(logged: LoggedCase, settings: DeskSettings, now: Date): Threshold[] {
  const { ticket, events } = logged;
  if (!isOpen(ticket) || ticket.agent !== null) return [];
  const since = lastOf(events, ['opened', 'reopened', 'released']) ?? ticket.createdAt;
  const elapsedMs = openMsOf(logged, settings, since, now);
  const overflow = overflowOf(ticket, settings);
  const language = ticket.language === 'en' ? 'en' : 'es';
  const step = (name: keyof UnclaimedSteps, mark: string, more: Threshold['more']): Threshold[] => {
    const after = settings.unclaimed[name];
    if (after === null) return [];
    return [{ mark: `unclaimed:${mark}`, since, elapsedMs, paused: false, atMs: after * MINUTE_MS, untilMs: Infinity, more }];
  };
  return [
    ...step('remind', 'reminded', () => ({})),
    ...(overflow === undefined ? [] : step('widen', 'widened', () => ({ team: overflow.id }))),
    ...step('tell', 'told', () => ({ say: stillWaiting(settings, ticket, language, now) })),
  ];
}

const overflowOf = (ticket: Ticket, settings: Pick<DeskSettings, 'teams'>): Team | undefined =>
  teamOf(settings, teamOfCase(settings, ticket.team).overflow);

/** Under which a mark is made: of one stretch of a clock once. */
export const markId = (mark: string, since: Date): string => `mark:${mark}:${since.getTime()}`;

const lastOf = (events: readonly TicketEvent[], kinds: readonly TicketChangeKind[]): Date | undefined =>
  events.findLast(({ change }) => kinds.includes(change.kind))?.at;
