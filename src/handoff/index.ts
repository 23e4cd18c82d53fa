/** Handing a case to people: when, to which team, with which ticket, and what the customer is told. All of it pure. */
import { DEFAULT_DESK_SETTINGS, type DeskSettings } from '../domain/desk-settings.js';
import { decideEscalation, type EscalationInput } from './escalation-policy.js';
import { announcement, type Announced } from './texts.js';
import { buildTicket, ticketIdFor, type TicketInput } from './ticket.js';
import type { Language } from '../domain/understanding.js';

export { decideEscalation } from './escalation-policy.js';

export const createHandoff = (settings: DeskSettings) =>
  ({
    decide: (input: EscalationInput) => decideEscalation(input, settings),
    buildTicket: (input: TicketInput) => buildTicket(input, settings),
    announcement: (ticket: Announced, language: Language, at: Date) => announcement(settings, ticket, language, at),
    ticketIdFor,
  }) as const;

/** As without a file of the desk. */
export const handoff = createHandoff(DEFAULT_DESK_SETTINGS);
