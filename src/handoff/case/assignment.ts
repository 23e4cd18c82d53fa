/** Who a case is given to where a team wants its cases given out: whoever is there and has the least to do, in turn among equals. */
import pLimit from 'p-limit';
import { teamOf, teamOfCase, type DeskSettings, type StaffMember, type Team } from '../../domain/desk-settings.js';
import { isOpen } from '../../domain/fold-ticket.js';
import type { Agent, Ticket, TicketChange } from '../../domain/ticket.js';
import { isOpenAt } from '../opening-hours.js';
import type { Overdue } from './breach.js';
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

export interface Assignment {
  /**
   * Gives a case out if its team has it so, is there now, and nobody has the case; a case that somebody let go of is not given to them again. What
   * remains stays offered; then it resolves to true: to be tried again.
   */
  give(ticket: Ticket, at: Date): Promise<boolean>;
  /**
   * A breach: somebody else of the team, or of the overflow, gets the case. Where nobody is there, it is offered to all again, unless who has it is at
   * work: then it stays theirs, and it resolves to true: to be tried again.
   */
  takeOver(ticket: Ticket, overdue: Overdue, at: Date): Promise<boolean>;
}

/** One at a time here; two instances that give out at once may go beyond a limit by one. */
export function createAssignment({ settings, cases, staff }: AssignmentDeps): Assignment {
  const oneByOne = pLimit(1);
  const givenAt = new Map<string, number>();

  const pick = async (team: Team, { lastAgent }: Ticket, present: ReadonlySet<string>): Promise<StaffMember | null> => {
    const members = settings.agents.filter(({ id, teams }) => teams.includes(team.id) && id !== lastAgent?.id);
    return pickAgent(
      await Promise.all(
        members.map(async (agent) => ({
          ...{ agent, present: present.has(agent.id), load: await staff.loadOf(agent.id) },
          givenAt: givenAt.get(agent.id) ?? 0,
        })),
      ),
    );
  };

  /** Of the first of the teams where somebody can take it. */
  const pickOf = async (teams: readonly (Team | undefined)[], ticket: Ticket, at: Date, present: ReadonlySet<string>) => {
    for (const team of teams) {
      const agent = team === undefined || !isOpenAt(team.hours, at) ? null : await pick(team, ticket, present);
      if (agent === null) continue;
      givenAt.set(agent.id, at.getTime());
      return agent;
    }
    return null;
  };

  const presentAt = (at: Date) => staff.presentSince(new Date(at.getTime() - PRESENT_MS));

  const give = async (ticket: Ticket, at: Date): Promise<boolean> => {
    const team = teamOfCase(settings, ticket.team);
    const automatic = [team, teamOf(settings, team.overflow)].filter((one) => one?.assignment === 'automatic');
    const agent = await pickOf(automatic, ticket, at, await presentAt(at));
    if (agent === null) return true;
    const to: Agent = { id: agent.id, name: agent.name };
    const action = { ticketId: ticket.id, actionId: `given:${ticket.seq}` };
    await cases.record(action, 'system', { kind: 'assigned', to }, (current) => isOpen(current) && current.agent === null);
    return false;
  };

  const takeOver = async (ticket: Ticket, { holder, actionId }: Overdue, at: Date): Promise<boolean> => {
    const team = teamOfCase(settings, ticket.team);
    const present = await presentAt(at);
    const agent = await pickOf([team, teamOf(settings, team.overflow)], ticket, at, present);
    // Out of hours nobody is expected to be at work: what is theirs stays theirs until the team opens.
    if (agent === null && (present.has(holder.id) || !isOpenAt(team.hours, at))) return true;
    const change: TicketChange = agent === null ? { kind: 'released' } : { kind: 'assigned', to: { id: agent.id, name: agent.name } };
    // Where something has happened since, the next look decides on that.
    await cases.record({ ticketId: ticket.id, actionId }, 'system', change, (current) => current.seq === ticket.seq);
    return false;
  };

  return {
    async give(ticket, at) {
      const { assignment } = teamOfCase(settings, ticket.team);
      if (assignment !== 'automatic' || ticket.agent !== null || !isOpen(ticket)) return false;
      return oneByOne(() => give(ticket, at));
    },
    takeOver: (ticket, late, at) => oneByOne(() => takeOver(ticket, late, at)),
  };
}
