/** Who a case is given to where a team wants its cases given out: whoever is there and has the least to do, in turn among equals. */
import pLimit from 'p-limit';
import { teamOf, teamOfCase, type DeskSettings, type StaffMember } from '../../domain/desk-settings.js';
import { isOpen } from '../../domain/fold-ticket.js';
import type { Agent, Ticket } from '../../domain/ticket.js';
import { isOpenAt } from '../opening-hours.js';
import type { Cases } from './cases.js';

export interface StaffReader {
  /** Open cases that they have. */
  readonly loadOf: (agentId: string) => Promise<number>;
  /** Ids of those who did something with a case since then. */
  readonly presentSince: (since: Date) => Promise<ReadonlySet<string>>;
}

export interface AssignmentDeps {
  readonly settings: DeskSettings;
  readonly cases: Pick<Cases, 'record'>;
  readonly staff: StaffReader;
  readonly now?: () => Date;
}

export interface Candidate {
  readonly agent: StaffMember;
  readonly present: boolean;
  readonly load: number;
  /** When this instance gave them a case last, in ms; 0: not yet. */
  readonly givenAt: number;
}

/** Who has not done anything at a desk for longer is taken to be away. */
export const PRESENT_MS = 15 * 60_000;

/** Pure. Null: everybody is away or has their limit. */
export function pickAgent(candidates: readonly Candidate[]): StaffMember | null {
  const free = candidates.filter(({ agent, present, load }) => present && load < agent.limit);
  const [best] = [...free].sort((a, b) => a.load - b.load || a.givenAt - b.givenAt || a.agent.id.localeCompare(b.agent.id));
  return best?.agent ?? null;
}

/**
 * Gives a case out if its team has it so, is there now, and nobody has the case; a case that somebody let go of is not given to them again. What remains
 * stays offered. One at a time here; two instances that do so at once may go beyond a limit by one.
 */
export function createAssignment({ settings, cases, staff, now = () => new Date() }: AssignmentDeps): (ticket: Ticket) => Promise<void> {
  const oneByOne = pLimit(1);
  const givenAt = new Map<string, number>();

  const candidatesOf = async (team: string, ticket: Ticket): Promise<Candidate[]> => {
    const present = await staff.presentSince(new Date(now().getTime() - PRESENT_MS));
    const members = settings.agents.filter(({ id, teams }) => teams.includes(team) && id !== ticket.lastAgent?.id);
    return Promise.all(
      members.map(async (agent) => ({
        ...{ agent, present: present.has(agent.id), load: await staff.loadOf(agent.id) },
        givenAt: givenAt.get(agent.id) ?? 0,
      })),
    );
  };

  const give = async (ticket: Ticket): Promise<void> => {
    const team = teamOfCase(settings, ticket.team);
    for (const one of [team, teamOf(settings, team.overflow)]) {
      if (one?.assignment !== 'automatic' || !isOpenAt(one.hours, now())) continue;
      const agent = pickAgent(await candidatesOf(one.id, ticket));
      if (agent === null) continue;
      givenAt.set(agent.id, now().getTime());
      const to: Agent = { id: agent.id, name: agent.name };
      const action = { ticketId: ticket.id, actionId: `given:${ticket.seq}` };
      await cases.record(action, 'system', { kind: 'assigned', to }, (current) => isOpen(current) && current.agent === null);
      return;
    }
  };

  return async (ticket) => {
    const { assignment } = teamOfCase(settings, ticket.team);
    if (assignment === 'automatic' && ticket.agent === null && isOpen(ticket)) await oneByOne(() => give(ticket));
  };
}
