/**
 * How the desk is run, as data: teams and what they take, opening hours, who works there, service levels, rules of the company's own for handing over.
 * Read from a file (`src/config/desk-file.ts`); without one, one team that is always there.
 */
import type { Agent, EscalationReason, TicketPriority } from './ticket.js';
import type { Language } from './understanding.js';

/** Minutes from midnight, local time: 540 to 840 is 9:00 to 14:00. `to` beyond 1440 ends on the next day. */
export interface OpenInterval {
  readonly from: number;
  readonly to: number;
}

/** What a date has in place of its weekday's intervals. */
export interface Holiday {
  readonly name: string;
  /** Empty: closed. */
  readonly open: readonly OpenInterval[];
}

export interface OpeningHours {
  /** IANA: `Europe/Madrid`. */
  readonly zone: string;
  /** By ISO weekday, Monday first: seven lists. */
  readonly week: readonly (readonly OpenInterval[])[];
  /** By ISO date, as the calendar shows it in the zone. */
  readonly holidays: Readonly<Record<string, Holiday>>;
}

/** Kinds of what the bot finds in messages, as routing names them. */
export const ENTITY_KINDS = ['products', 'measures', 'quantities', 'money', 'dates', 'references', 'attributes'] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

/** What a team takes; an empty list: no matter which. */
export interface TeamScope {
  readonly channels: readonly string[];
  readonly languages: readonly string[];
  readonly intents: readonly string[];
  readonly entities: readonly EntityKind[];
  readonly reasons: readonly EscalationReason[];
}

export interface Team extends TeamScope {
  readonly id: string;
  /** As staff and customers read it. */
  readonly name: string;
  /** Null: not known; clocks run always, and customers are told no times. */
  readonly hours: OpeningHours | null;
  /** The team that helps out: takes new cases while this one is closed, and those that nobody here takes in time. */
  readonly overflow: string | null;
  /** `offered`: whoever claims it has it; `automatic`: it is given to whoever is there and has the least to do. */
  readonly assignment: 'offered' | 'automatic';
  /** Null: as DESK_TEXT says. */
  readonly typedText: 'internal' | 'customer' | null;
}

export interface StaffMember extends Agent {
  readonly teams: readonly string[];
  /** Their ids at desks, `<desk>:<id there>`. */
  readonly at: readonly string[];
  /** So many open cases at most are given to them; what they claim themselves is not counted against it. */
  readonly limit: number;
}

/** In minutes of open hours. */
export interface ServiceLevel {
  readonly first: number;
  readonly next: number;
  readonly resolution: number;
}

/** When nobody has claimed a case after so many minutes of open hours; null: never. */
export interface UnclaimedSteps {
  readonly remind: number | null;
  readonly widen: number | null;
  readonly tell: number | null;
}

/** What becomes of a case whose agent lets a service level pass: somebody else gets it, or it stays theirs, and the desks show the breach. */
export type OnBreach = Readonly<Record<keyof ServiceLevel, 'reassign' | 'keep'>>;

/** A rule of the company's own beside the built-in ones, or a change of how much one of those weighs. Conditions that are left out always hold. */
export interface EscalationRule {
  readonly reason: EscalationReason;
  /** Words or phrases, one of which has to be in the message; empty: the built-in rule of this reason, times `weight`. */
  readonly words: readonly string[];
  /** With words 0 to 1, where 1 is enough by itself; without, a factor of 0 to 3. */
  readonly weight: number;
  readonly languages: readonly Language[];
  readonly teams: readonly string[];
  readonly hours: 'open' | 'closed' | null;
  readonly priority: TicketPriority | null;
}

export interface DeskSettings {
  /** At least one. The first whose scope is the narrowest that fits takes a case; where none fits, the first. */
  readonly teams: readonly Team[];
  readonly agents: readonly StaffMember[];
  readonly levels: Readonly<Record<TicketPriority, ServiceLevel>>;
  /** Share of a service level after which it is reminded of, 0 to 1. */
  readonly remindAt: number;
  readonly onBreach: OnBreach;
  readonly unclaimed: UnclaimedSteps;
  readonly escalation: readonly EscalationRule[];
  /** For so long after its end it is kept that there was a case; what was said in it goes with its session. */
  readonly keepCasesDays: number;
}

export const NO_SCOPE: TeamScope = { channels: [], languages: [], intents: [], entities: [], reasons: [] };

/** Without a file. */
export const DEFAULT_DESK_SETTINGS: DeskSettings = {
  teams: [{ ...NO_SCOPE, id: 'team', name: 'Equipo', hours: null, overflow: null, assignment: 'offered', typedText: null }],
  agents: [],
  levels: {
    urgent: { first: 15, next: 30, resolution: 480 },
    high: { first: 30, next: 60, resolution: 960 },
    normal: { first: 120, next: 240, resolution: 1_440 },
    low: { first: 480, next: 480, resolution: 2_880 },
  },
  remindAt: 0.75,
  onBreach: { first: 'reassign', next: 'reassign', resolution: 'keep' },
  unclaimed: { remind: 5, widen: 10, tell: 15 },
  escalation: [],
  keepCasesDays: 730,
};

export const teamOf = ({ teams }: Pick<DeskSettings, 'teams'>, id: string | null): Team | undefined => teams.find((team) => team.id === id);

/** By id, as staff and customers read them. */
export type TeamNames = Readonly<Record<string, string>>;

export const teamNamesOf = ({ teams }: Pick<DeskSettings, 'teams'>): TeamNames =>
  Object.fromEntries(teams.map(({ id, name }) => [id, name]));

/** Of a case: where it is offered to everybody, or its team is not in the file any more, the first. */
export function teamOfCase(settings: Pick<DeskSettings, 'teams'>, id: string | null): Team {
  const team = teamOf(settings, id) ?? settings.teams[0];
  if (team === undefined) throw new Error('there is no team: the settings of the desk have at least one');
  return team;
}
