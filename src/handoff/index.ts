/** Handing a case to people: when, with which ticket, and what the customer is told. All of it pure. */
import { decideEscalation } from './escalation-policy.js';
import { announcement } from './texts.js';
import { buildTicket, ticketIdFor } from './ticket.js';

export { decideEscalation } from './escalation-policy.js';

export const handoff = { decide: decideEscalation, buildTicket, announcement, ticketIdFor } as const;
