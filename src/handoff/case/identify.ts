/** One person at several desks: what they do at any of them is theirs. Pure. */
import type { DeskRequest } from '../../domain/desk.js';
import type { StaffMember } from '../../domain/desk-settings.js';
import type { Agent } from '../../domain/ticket.js';

/** Who is not in the list stays who they are at their desk. */
export function createWho(staff: readonly StaffMember[]): (agent: Agent) => Agent {
  const known = new Map(staff.flatMap(({ id, name, at }) => at.map((one): [string, Agent] => [one, { id, name }])));
  return (agent) => known.get(agent.id) ?? agent;
}

export function createIdentify(staff: readonly StaffMember[]): (request: DeskRequest) => DeskRequest {
  const who = createWho(staff);
  return (request) => ({
    ...request,
    agent: who(request.agent),
    ask: request.ask.kind === 'assign' ? { ...request.ask, to: who(request.ask.to) } : request.ask,
  });
}
