/** What the customer wrote while people closed the case: it is open again, once, and only then. */
import { describe, expect, it } from '@jest/globals';
import { fold } from '../../../src/domain/fold-ticket.js';
import type { Ticket, TicketEvent } from '../../../src/domain/ticket.js';
import { createCases } from '../../../src/handoff/case/cases.js';
import { createTellDesk } from '../../../src/handoff/case/tell-desk.js';
import { aCase } from '../../fakes/desk-case.js';

const TICKET = 'T-0A1B2C3D';
const MARTA = { agent: { id: 'slack:U1', name: 'Marta Ruiz' }, desk: 'slack' };
const wrote = (actionId: string) =>
  ({ ticketId: TICKET, actionId, by: 'customer', change: { kind: 'customer-wrote', messageId: `msg_${actionId}` } }) as const;

function open() {
  const events: TicketEvent[] = [];
  let ticket: Ticket = aCase(TICKET).ticket();
  let minutes = 0;
  const cases = createCases({
    store: {
      load: async () => ({ ticket, events }),
      append: async (event) => {
        events.push(event);
        ticket = fold(ticket, event);
        return true;
      },
    },
    undoMs: 0,
    onEvent: () => undefined,
    now: () => new Date(Date.UTC(2026, 10, 22, 9, minutes++)),
  });
  const act = (actionId: string, command: Parameters<typeof cases.act>[2]) => cases.act({ ticketId: TICKET, actionId }, MARTA, command);
  return { tellDesk: createTellDesk(cases), act, kinds: () => events.map(({ change }) => change.kind), ticket: () => ticket };
}

describe('what the customer wrote', () => {
  it('opens the case again that somebody closed in that instant, for whoever had it, however often it is told', async () => {
    const { tellDesk, act, kinds, ticket } = open();
    await act('claim', { kind: 'claim' });
    await act('resolve', { kind: 'resolve', reason: 'answered' });
    await tellDesk([wrote('a')]);
    await tellDesk([wrote('a')]);
    expect(kinds()).toEqual(['claimed', 'resolved', 'customer-wrote', 'reopened']);
    expect(ticket()).toMatchObject({ status: 'reopened', agent: MARTA.agent });
  });

  it('does not open what was closed after it, though it is told again', async () => {
    const { tellDesk, act, kinds } = open();
    await act('claim', { kind: 'claim' });
    await tellDesk([wrote('a')]);
    await act('resolve', { kind: 'resolve', reason: 'answered' });
    await tellDesk([wrote('a')]);
    expect(kinds()).toEqual(['claimed', 'customer-wrote', 'resolved']);
  });

  it('changes nothing of a case that is open', async () => {
    const { tellDesk, act, kinds } = open();
    await act('claim', { kind: 'claim' });
    await tellDesk([wrote('a'), wrote('b')]);
    expect(kinds()).toEqual(['claimed', 'customer-wrote', 'customer-wrote']);
  });
});
