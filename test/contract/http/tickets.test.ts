/** `/api/tickets`: the web inbox's API on the whole service, from a customer who asks for a person to their rating. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTextExtractor } from '../../../src/knowledge/loaders/extract-text.js';
import { openEventStream } from '../../fakes/event-stream.js';
import { formOf, type Called } from '../../fakes/http-client.js';
import { startRunningService, type RunningService } from '../../fakes/running-service.js';

const UNDO_MS = 1_000;
const MARTA = { id: 'marta', name: 'Marta Ruiz' };
const LUIS = { id: 'luis', name: 'Luis Gil' };

let service: RunningService;
let headers: { Authorization: string };
let keyId: string;
let actions = 0;
beforeAll(async () => {
  service = await startRunningService({ DESK_UNDO_SECONDS: String(UNDO_MS / 1000) });
  const admin = { Authorization: `Bearer ${service.adminKey}` };
  const { body } = await service.call('POST', '/api/keys', { json: { name: 'Mesa', scopes: ['tickets'] }, headers: admin });
  headers = { Authorization: `Bearer ${String(body['key'])}` };
  keyId = String(body['id']);
}, 120_000);
afterAll(() => service.stop());

const get = (path: string) => service.call('GET', `/api/tickets${path}`, { headers });
const act = (ticket: string, command: object, agent: object = MARTA, actionId = `a${actions++}`): Promise<Called> =>
  service.call('POST', `/api/tickets/${ticket}/actions`, { json: { action_id: actionId, agent, command }, headers });

/** A customer who asked for a person: their session and the number of the case. */
async function newCase(text = 'Quiero hablar con una persona, por favor') {
  const session = await service.session();
  const { body } = await service.send(session, text);
  return { session, ticket: String((body['metadata'] as { ticket_id: string }).ticket_id) };
}
const historyOf = async (session: string) =>
  (await service.call('GET', `/api/chat/sessions/${session}/messages`)).body['messages'] as { role: string; content: string }[];

/** Resolves with what is got once it fits. */
async function eventually<Got>(look: () => Promise<Got>, fits: (got: Got) => boolean): Promise<Got> {
  for (let tries = 0; ; tries += 1) {
    const got = await look();
    if (fits(got)) return got;
    if (tries === 1_200) throw new Error(`it stays ${JSON.stringify(got)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface EventView {
  readonly seq: number;
  readonly kind: string;
  readonly line: string;
  readonly text: string | null;
  readonly reply: { state: string } | null;
}
const eventsOf = async (ticket: string) => (await get(`/${ticket}`)).body['events'] as EventView[];

describe('access', () => {
  it.each([
    '',
    '/events',
    '/agents',
    '/T-00000000/turns/turn_0',
    '/T-00000000',
    '/T-00000000/suggestions',
    '/T-00000000/transcript',
    '/T-00000000/files/att_1',
  ])('GET %s needs a key of scope tickets', async (path) => {
    expect(await service.call('GET', `/api/tickets${path}`)).toMatchObject({ status: 401, body: { error: 'AuthenticationError' } });
    const admin = { Authorization: `Bearer ${service.adminKey}` };
    const { body } = await service.call('POST', '/api/keys', { json: { name: 'other', scopes: ['sessions'] }, headers: admin });
    const other = { 'X-API-Key': String(body['key']) };
    expect(await service.call('GET', `/api/tickets${path}`, { headers: other })).toMatchObject({ status: 403 });
  });

  it('an unknown case is 404 at every door', async () => {
    for (const path of ['', '/suggestions', '/transcript', '/files/att_1']) {
      expect(await get(`/T-00000000${path}`)).toMatchObject({ status: 404, body: { error: 'NotFoundError' } });
    }
    expect(await act('T-00000000', { kind: 'claim' })).toMatchObject({ status: 404 });
    const body = formOf({}, { file: [['a.txt', 'hola']] });
    expect(await service.call('POST', '/api/tickets/T-00000000/files', { body, headers })).toMatchObject({ status: 404 });
  });
});

describe('bad input is told by 400:', () => {
  it.each([
    ['a status that is none', () => get('?status=abierto')],
    ['a limit of 0', () => get('?limit=0')],
    ['a limit of 201', () => get('?limit=201')],
    ['a language that is none', () => get('/T-00000000?language=fr')],
    ['a format that is none', () => get('/T-00000000/transcript?format=docx')],
    ['a command that is none', () => act('T-00000000', { kind: 'delete' })],
    ['a note without text', () => act('T-00000000', { kind: 'note', text: ' ' })],
    ['a reply that is too long', () => act('T-00000000', { kind: 'reply', markdown: 'a'.repeat(8001) })],
    ['an agent without a name', () => act('T-00000000', { kind: 'claim' }, { id: 'x', name: ' ' })],
    ['an operator of the database', () => act('T-00000000', { kind: 'undo', of: { $gt: 0 } })],
  ])('%s', async (_case, call) => {
    expect(await call()).toMatchObject({ status: 400, body: { error: 'ValidationError' } });
  });
});

describe('a case', () => {
  it('is listed, longest wait first, and told whole', async () => {
    const [first, second] = [await newCase(), await newCase('Necesito hablar con un agente humano ya')];
    const listed = (await get('')).body as unknown as { id: string; waiting_since: string | null }[];
    const places = [first, second].map(({ ticket }) => listed.findIndex(({ id }) => id === ticket));
    expect(places[0]).toBeGreaterThanOrEqual(0);
    expect(places[0]).toBeLessThan(places[1] as number);
    expect(listed.find(({ id }) => id === first.ticket)).toMatchObject({ status: 'new', channel: 'web', agent: null, seq: 1 });
    expect((await get('?limit=1')).body).toHaveLength(1);
    expect(((await get('?status=closed')).body as unknown as { id: string }[]).map(({ id }) => id)).not.toContain(first.ticket);

    const { body } = await get(`/${first.ticket}?language=en`);
    expect(body).toMatchObject({
      ticket: { id: first.ticket, reasons: expect.arrayContaining(['asked-for-person']) },
      actions: ['claim', 'assign', 'suggest', 'note'],
      past_cases: [],
    });
    expect((body['messages'] as { role: string }[]).map(({ role }) => role)).toEqual(['user', 'assistant']);
    expect((await eventsOf(first.ticket))[0]).toMatchObject({ seq: 1, kind: 'opened' });
    expect(JSON.stringify(body)).not.toContain(first.session);
  });

  it('is had by one: the second is told by whom, and the same action twice is one', async () => {
    const { ticket } = await newCase();
    const [one, other] = await Promise.all([act(ticket, { kind: 'claim' }, MARTA), act(ticket, { kind: 'claim' }, LUIS)]);
    expect([one.status, other.status].sort()).toEqual([200, 409]);
    const [won, lost, winner] = one.status === 200 ? [one, other, MARTA] : [other, one, LUIS];
    expect(won.body).toMatchObject({ ticket: { agent: { id: `inbox:${winner.id}`, name: winner.name } } });
    expect(lost.body).toMatchObject({ error: 'ConflictError', details: { agent: { name: winner.name } } });
    expect(String(lost.body['message'])).toContain(winner.name);
    await act(ticket, { kind: 'note', text: 'una vez' }, MARTA, 'same');
    expect((await act(ticket, { kind: 'note', text: 'una vez' }, MARTA, 'same')).status).toBe(200);
    expect((await eventsOf(ticket)).filter(({ kind }) => kind === 'noted')).toHaveLength(1);
    const mine = await get(`?mine=1&agent_id=${winner.id}`);
    expect((mine.body as unknown as { id: string }[]).map(({ id }) => id)).toContain(ticket);
    expect((await get('?mine=1')).body).toHaveLength(0);
  });

  it('is told with the trace of each turn of its conversation, and of no other', async () => {
    const { ticket } = await newCase();
    const { body } = await get(`/${ticket}`);
    const opening = String((body['ticket'] as { turn_id: string }).turn_id);
    expect((body['messages'] as { turn_id: string }[]).map(({ turn_id }) => turn_id)).toEqual([opening, opening]);
    const trace = await get(`/${ticket}/turns/${opening}`);
    expect(trace).toMatchObject({
      status: 200,
      body: {
        id: opening,
        outcome: 'escalated',
        ticket_id: ticket,
        escalation: { escalate: true, reasons: expect.arrayContaining(['asked-for-person']) },
      },
    });
    const steps = trace.body['steps'] as { step: string; duration_ms: number }[];
    expect(steps.map(({ step }) => step)).toEqual(expect.arrayContaining(['session', 'understanding', 'escalation']));
    expect(trace.text).not.toMatch(/sess_|quiero hablar/i);
    const other = await newCase();
    expect((await get(`/${other.ticket}/turns/${opening}`)).status).toBe(404);
    expect((await get(`/${ticket}/turns/turn_0`)).status).toBe(404);
  });

  it('says what the customer did last, and who it can be assigned to', async () => {
    const { session, ticket } = await newCase();
    await act(ticket, { kind: 'claim' }, LUIS);
    await service.send(session, '¿hay alguien?');
    const row = await eventually(
      () => get(`/${ticket}`),
      ({ body }) => (body['ticket'] as { customer_seq: number }).customer_seq === 3,
    );
    expect(row.body).toMatchObject({ ticket: { marks: [], seq: 3 } });
    const agents = (await get('/agents')).body as unknown as { id: string; name: string }[];
    expect(agents).toContainEqual({ id: `inbox:${LUIS.id}`, name: LUIS.name });
    expect(new Set(agents.map(({ id }) => id)).size).toBe(agents.length);
  });

  it('is acted on as the key where nobody is named', async () => {
    const { ticket } = await newCase();
    expect((await act(ticket, { kind: 'claim' }, { name: 'Mesa' })).body).toMatchObject({ ticket: { agent: { id: `inbox:${keyId}` } } });
    expect((await act(ticket, { kind: 'release' }, { name: 'Mesa' })).body).toMatchObject({ ticket: { agent: null, status: 'new' } });
    const to = { id: 'inbox:luis', name: LUIS.name };
    expect((await act(ticket, { kind: 'assign', to }, MARTA)).body).toMatchObject({ ticket: { agent: to } });
  });

  it('goes from claim to rating: reply, undo, note, resolve, score', async () => {
    const { session, ticket } = await newCase();
    expect((await act(ticket, { kind: 'reply', markdown: 'sin tomarlo' })).status).toBe(409);
    await act(ticket, { kind: 'claim' });
    const undone = await act(ticket, { kind: 'reply', markdown: 'Esto no sale' });
    expect((await act(ticket, { kind: 'undo' })).status).toBe(200);
    await act(ticket, { kind: 'note', text: 'secreto interno' });
    await act(ticket, { kind: 'reply', markdown: '¿Qué **pedido** es?' });
    const said = await eventually(
      () => historyOf(session),
      (messages) => messages.some(({ role }) => role === 'agent'),
    );
    expect(said.filter(({ role }) => role === 'agent').map(({ content }) => content)).toEqual(['¿Qué **pedido** es?']);
    expect(JSON.stringify(said)).not.toMatch(/secreto interno|Esto no sale/);
    expect((await act(ticket, { kind: 'undo' })).status).toBe(409);
    await service.send(session, 'El 4711, ñandú');
    expect(undone.status).toBe(200);
    const waiting = await eventually(
      () => get(`/${ticket}`),
      ({ body }) => (body['ticket'] as { status: string }).status === 'claimed',
    );
    const events = waiting.body['events'] as EventView[];
    expect(events.filter(({ kind }) => kind === 'replied').map(({ reply }) => reply?.state)).toEqual([
      'undone',
      expect.stringMatching(/^(dispatched|sent|delivered)$/),
    ]);
    const replied = events.findLast(({ kind }) => kind === 'replied');
    expect(waiting.body['messages']).toContainEqual(expect.objectContaining({ role: 'agent', author: 'Marta', reply: replied?.seq }));
    const resolve = () => act(ticket, { kind: 'resolve', reason: 'answered: todo claro', open_ms: 0 });
    const unread = await act(ticket, { kind: 'resolve', reason: 'answered: todo claro', open_ms: 60_000 });
    expect(unread).toMatchObject({ status: 409, body: { message: expect.stringContaining('ha escrito entretanto') as unknown } });
    await eventually(resolve, ({ status }) => status === 200);
    await eventually(
      () => historyOf(session),
      (messages) => messages.at(-1)?.role === 'system',
    );
    await service.send(session, '5');
    const rated = await eventually(
      () => get(`/${ticket}`),
      ({ body }) => (body['ticket'] as { score: number | null }).score !== null,
    );
    expect(rated.body).toMatchObject({ ticket: { status: 'resolved', score: 5, agent: null }, actions: ['reopen', 'note', 'transcript'] });
    expect(rated.body['events']).toContainEqual(expect.objectContaining({ kind: 'resolved', text: 'todo claro' }));
  });

  it('takes files of agents, which the customer gets, and gives out those of its conversation alone', async () => {
    const { session, ticket } = await newCase();
    await act(ticket, { kind: 'claim' });
    const path = `/api/tickets/${ticket}/files`;
    const upload = (name: string, bytes: string | Buffer) =>
      service.call('POST', path, { body: formOf({}, { file: [[name, bytes]] }), headers });
    const kept = await upload('../oferta ñ.txt', 'Oferta: 12 €');
    expect(kept).toMatchObject({ status: 201, body: { filename: 'oferta ñ.txt', content_type: 'text/plain', size_bytes: 14 } });
    expect((await upload('grande.bin', Buffer.alloc(11 * 1024 * 1024))).status).toBe(413);
    expect((await upload('nada.txt', '')).status).toBe(400);
    const id = String(kept.body['id']);
    expect((await act(ticket, { kind: 'reply', markdown: '', files: ['att_000000000000000000000000'] })).status).toBe(400);
    await act(ticket, { kind: 'reply', markdown: '', files: [id] });
    await eventually(
      () => historyOf(session),
      (messages) => messages.some(({ role }) => role === 'agent'),
    );
    const customers = await service.call('GET', `/api/attachments/${id}?session_id=${session}`);
    expect(customers).toMatchObject({ status: 200, text: 'Oferta: 12 €' });
    const file = await get(`/${ticket}/files/${id}`);
    expect({ status: file.status, text: file.text, type: file.headers.get('content-type') }).toEqual({
      status: 200,
      text: 'Oferta: 12 €',
      type: 'application/octet-stream',
    });
    const other = await newCase();
    expect((await get(`/${other.ticket}/files/${id}`)).status).toBe(404);
  });

  it('has suggestions with sources, and a transcript as text and as PDF with its accents', async () => {
    const { session, ticket } = await newCase();
    await service.send(session, '¿Cuánto tiempo tengo para devolver un pedido? Añado: ¡llegó roto, señor Núñez!');
    const { body } = await get(`/${ticket}/suggestions`);
    expect((body['suggestions'] as { title: string; markdown: string }[])[0]).toMatchObject({
      title: expect.stringMatching(/\w/),
      markdown: expect.stringMatching(/\w/),
    });
    const transcript = await get(`/${ticket}/transcript`);
    expect(transcript.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(transcript.text).toContain('Cliente: ¿Cuánto tiempo tengo para devolver un pedido? Añado: ¡llegó roto, señor Núñez!');
    const pdf = await fetch(`${service.url}/api/tickets/${ticket}/transcript?format=pdf`, { headers });
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    const extractor = createTextExtractor();
    const read = await extractor.extractText({ bytes: Buffer.from(await pdf.arrayBuffer()), filename: 'a.pdf' });
    await extractor.close();
    expect(read.ok).toBe(true);
    const words = read.ok ? read.text.replace(/\s+/g, ' ') : '';
    expect(words).toContain(ticket);
    expect(words).toContain('¿Cuánto tiempo tengo para devolver un pedido? Añado: ¡llegó roto, señor Núñez!');
  });
});

describe('the live line', () => {
  const stream = (more: Record<string, string> = {}) => openEventStream(`${service.url}/api/tickets/events`, { ...headers, ...more });

  it('tells of each change at once, and what was missed to whoever comes again', async () => {
    const live = await stream();
    expect(live.status).toBe(200);
    const ready = await live.next(({ event }) => event === 'ready');
    const { ticket } = await newCase();
    const opened = await live.next(({ data }) => data['id'] === ticket);
    expect(opened).toMatchObject({ event: 'ticket', data: { seq: 1, status: 'new', ticket: { id: ticket, channel: 'web' } } });
    await act(ticket, { kind: 'claim' });
    await live.next(({ data }) => data['id'] === ticket && data['status'] === 'claimed');
    live.close();
    await act(ticket, { kind: 'note', text: 'mientras nadie mira' });
    const again = await stream({ 'Last-Event-ID': String(ready.id) });
    expect(await again.next(({ data }) => data['id'] === ticket)).toMatchObject({ data: { seq: 3 } });
    again.close();
  });
});
