/** Handing a case to people: when, to which team, with which ticket, and what the customer is told. Pure but for the look at a case that is there already. */
import { DEFAULT_DESK_SETTINGS, type DeskSettings } from '../domain/desk-settings.js';
import { decideEscalation, type EscalationInput } from './escalation-policy.js';
import type { Ticket } from '../domain/ticket.js';
import { announcement, expectation, type Announced } from './texts.js';
import { buildTicket, ticketIdFor, type TicketInput } from './ticket.js';
import type { Language } from '../domain/understanding.js';

export { decideEscalation } from './escalation-policy.js';

/** @param caseOf a case by its number; null: there is none */
export const createHandoff = (settings: DeskSettings, caseOf: (ticketId: string) => Promise<Ticket | null> = async () => null) =>
  ({
    decide: (input: EscalationInput) => decideEscalation(input, settings),
    buildTicket: (input: TicketInput) => buildTicket(input, settings),
    announcement: (ticket: Announced, language: Language, at: Date) => announcement(settings, ticket, language, at),
    expectation: (ticket: Pick<Ticket, 'team' | 'priority'>, language: Language, at: Date) => expectation(settings, ticket, language, at),
    caseOf,
    ticketIdFor,
  }) as const;

/** As without a file of the desk, and without cases. */
export const handoff = createHandoff(DEFAULT_DESK_SETTINGS);
