/** Which team takes a case: the one whose scope is the narrowest that fits. Pure. */
import { teamOf, teamOfCase, type DeskSettings, type EntityKind, type Team, type TeamScope } from '../domain/desk-settings.js';
import type { EscalationReason } from '../domain/ticket.js';
import type { Language, Understanding } from '../domain/understanding.js';
import { isOpenAt } from './opening-hours.js';

export interface Routed {
  readonly channel: string;
  readonly language: Language;
  /** Null: nothing was understood, as in a turn that failed. */
  readonly understanding: Pick<Understanding, 'intent' | 'entities'> | null;
  readonly reasons: readonly EscalationReason[];
}

/** The team as its scope has it, or the one that helps out where it is closed now and that one is not. */
export function teamFor(settings: Pick<DeskSettings, 'teams'>, routed: Routed, at: Date): Team {
  const team = narrowest(settings, routed);
  const overflow = teamOf(settings, team.overflow);
  return overflow !== undefined && !isOpenAt(team.hours, at) && isOpenAt(overflow.hours, at) ? overflow : team;
}

function narrowest(settings: Pick<DeskSettings, 'teams'>, routed: Routed): Team {
  const fitting = settings.teams.map((team) => ({ team, width: fit(team, routed) })).filter(({ width }) => width >= 0);
  return fitting.reduce((best, one) => (one.width > best.width ? one : best), { team: teamOfCase(settings, null), width: -1 }).team;
}

/** How many conditions hold; -1 where one does not. */
function fit(scope: TeamScope, { channel, language, understanding, reasons }: Routed): number {
  const intent = understanding?.intent?.name;
  const kinds = understanding === null ? [] : entityKindsIn(understanding.entities);
  const conditions: readonly (readonly [readonly string[], readonly string[]])[] = [
    [scope.channels, [channel]],
    [scope.languages, [language]],
    [scope.intents, intent === undefined ? [] : [intent]],
    [scope.entities, kinds],
    [scope.reasons, reasons],
  ];
  const set = conditions.filter(([wanted]) => wanted.length > 0);
  return set.every(([wanted, found]) => found.some((one) => wanted.includes(one))) ? set.length : -1;
}

const entityKindsIn = (entities: Understanding['entities']): EntityKind[] =>
  (Object.keys(entities) as EntityKind[]).filter((kind) => entities[kind].length > 0);
