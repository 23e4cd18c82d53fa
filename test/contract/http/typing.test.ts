/** Typing between the web inbox and a customer in the web chat, both ways, on the whole service. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openEventStream } from '../../fakes/event-stream.js';
import { startRunningService, type RunningService } from '../../fakes/running-service.js';

const MARTA = { id: 'marta', name: 'Marta Ruiz' };
const LUIS = { id: 'luis', name: 'Luis Gil' };

let service: RunningService;
let headers: { Authorization: string };
beforeAll(async () => {
  service = await startRunningService();
  headers = { Authorization: `Bearer ${service.adminKey}` };
}, 120_000);
afterAll(() => service.stop());

const types = (ticket: string, agent: object) => service.call('POST', `/api/tickets/${ticket}/typing`, { json: { agent }, headers });
async function newCase() {
  const session = await service.session();
  const { body } = await service.send(session, 'Quiero hablar con una persona');
  return { session, ticket: String((body['metadata'] as { ticket_id: string }).ticket_id) };
}

it('tells the customer that the agent who has the case types, and nobody else', async () => {
  const { session, ticket } = await newCase();
  const customer = service.connect(`?session_id=${session}`);
  await customer.next('connected');
  const claim = { action_id: 'claim', agent: MARTA, command: { kind: 'claim' } };
  expect((await service.call('POST', `/api/tickets/${ticket}/actions`, { json: claim, headers })).status).toBe(200);
  expect((await types(ticket, LUIS)).status).toBe(204);
  expect((await types(ticket, MARTA)).status).toBe(204);
  expect(await customer.next('agent_typing')).toMatchObject({ author: 'Marta' });
  expect(customer.frames.filter(({ type }) => type === 'agent_typing')).toHaveLength(1);
  expect((await types('T-00000000', MARTA)).status).toBe(204);
  expect((await types(ticket, {})).status).toBe(400);
  customer.close();
});

it('tells the inbox that the customer types, once people have the case', async () => {
  const stream = await openEventStream(`${service.url}/api/tickets/events`, headers);
  await stream.next(({ event }) => event === 'ready');
  const early = service.connect(`?session_id=${await service.session()}`);
  await early.next('connected');
  early.send({ type: 'typing' });
  const { session, ticket } = await newCase();
  const customer = service.connect(`?session_id=${session}`);
  await customer.next('connected');
  customer.send({ type: 'typing' });
  expect(await stream.next(({ event }) => event === 'typing')).toEqual({ event: 'typing', id: null, data: { id: ticket } });
  expect(stream.events.filter(({ event }) => event === 'typing')).toHaveLength(1);
  [early, customer].forEach((client) => client.close());
  stream.close();
});
