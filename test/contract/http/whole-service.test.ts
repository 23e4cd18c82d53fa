/** The contract once through the whole service as main.ts puts it together: real pipeline, sample knowledge, every part wired to its port. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formOf } from '../../fakes/http-client.js';
import { startRunningService, type RunningService } from '../../fakes/running-service.js';

let service: RunningService;
let admin: { Authorization: string };
beforeAll(async () => {
  service = await startRunningService();
  admin = { Authorization: `Bearer ${service.adminKey}` };
}, 120_000);
afterAll(() => service.stop());

describe('a customer', () => {
  it.each([
    ['es', '¿Cuánto tiempo tengo para devolver un pedido?'],
    ['en', 'How long do I have to return an order?'],
  ])('asks in %s and gets an answer in that language, with its sources', async (language, question) => {
    const { status, body } = await service.send(await service.session(), question);
    expect(status).toBe(200);
    expect(body).toMatchObject({ requires_escalation: false, metadata: { language, has_context: true, message_count: 2 } });
    expect(body['confidence']).toBeGreaterThan(0);
    const sources = body['sources'] as { rank: number; relevance_score: number; content: string }[];
    expect(sources.map((source) => source.rank)).toEqual(sources.map((_, index) => index + 1));
    expect(sources.every((source) => source.relevance_score > 0 && source.relevance_score <= 1 && source.content !== '')).toBe(true);
  });

  it('chats over the WebSocket: the frames make up the logged answer', async () => {
    const id = await service.session();
    const client = service.connect(`?session_id=${id}`);
    client.send({ type: 'message', content: '¿Cuáles son los horarios de la tienda?', client_message_id: 'c1' });
    const complete = await client.next('complete');
    const { messages } = (await service.call('GET', `/api/chat/sessions/${id}/messages`)).body as {
      messages: { id: string; content: string }[];
    };
    expect(client.frames.flatMap((frame) => (frame.type === 'text' ? [frame.content] : [])).join('')).toBe(messages[1]?.content);
    expect(complete.message_id).toBe(messages[1]?.id);
    expect(client.frames.map((frame) => frame.type)).toEqual(
      expect.arrayContaining(['connected', 'acknowledged', 'start', 'sources', 'text']),
    );
    client.close();
  });

  it('asks about a file of their own', async () => {
    const id = await service.session();
    const file = 'Presupuesto de la obra Zubiaurre. El plazo de ejecución de la obra Zubiaurre es de diecisiete semanas.';
    const body = formOf({ message: '¿Cuál es el plazo de ejecución de la obra Zubiaurre?' }, { attachments: [['presupuesto.txt', file]] });
    const answered = await service.call('POST', `/api/chat/sessions/${id}/messages`, { body });
    expect(answered.status).toBe(200);
    expect(answered.body['message']).toMatch(/diecisiete semanas/);
    const other = await service.send(await service.session(), '¿Cuál es el plazo de ejecución de la obra Zubiaurre?');
    expect(other.text).not.toContain('diecisiete');
  });

  it('asks for a person: a ticket, an escalated session, and later messages go to the people', async () => {
    const id = await service.session();
    const { body } = await service.send(id, 'Quiero hablar con una persona, por favor');
    expect(body).toMatchObject({ requires_escalation: true, metadata: { ticket_id: expect.stringMatching(/^T-[0-9A-HJKMNP-TV-Z]{8}$/) } });
    expect((await service.call('GET', `/api/sessions/${id}`)).body['status']).toBe('escalated');
    expect((await service.send(id, 'Es por el pedido 4711')).status).toBe(200);
    expect((await service.call('GET', `/api/chat/sessions/${id}/messages`)).body['total']).toBe(4);
  });

  it('searches the knowledge', async () => {
    const { status, body } = await service.call('POST', '/api/chat/search', { json: { query: 'garantía de los paneles', limit: 3 } });
    expect(status).toBe(200);
    const sources = body as unknown as { metadata: { source: string } }[];
    expect(sources.length).toBeGreaterThan(0);
    const source = sources[0]?.metadata.source;
    const filtered = await service.call('POST', '/api/chat/search', {
      json: { query: 'garantía de los paneles', filters: { source: [source] } },
    });
    expect((filtered.body as unknown as typeof sources).every((found) => found.metadata.source === source)).toBe(true);
  });

  it('is gone without a trace when the session is deleted', async () => {
    const id = await service.session();
    await service.send(id, 'Mi correo es nadie.mas@example.com');
    await service.call('DELETE', `/api/sessions/${id}`);
    expect((await service.call('GET', `/api/chat/sessions/${id}/messages`)).status).toBe(404);
  });
});

describe('a Spanish client', () => {
  it('asks the price of a thickness', async () => {
    const json = { mensaje: '¿Qué precio tiene el panel PIR de 5 cm?', telefono: '+34600111222' };
    const { status, body } = await service.call('POST', '/chat/process', { json });
    expect(status).toBe(200);
    expect(body['entidades']).toMatchObject({ espesores: ['50mm'] });
    expect(['cotizacion', 'pregunta']).toContain(body['tipo']);
    expect(body['intencion']).toBe('price_query');
  });

  it('is remembered under a trusted number only', async () => {
    const process = (mensaje: string, headers: Record<string, string> = {}) =>
      service.call('POST', '/chat/process', { json: { mensaje, telefono: '+34600999888' }, headers });
    const [trusted, alsoTrusted, anonymous] = [await process('Hola', admin), await process('Hola de nuevo', admin), await process('Hola')];
    expect(new Set([trusted, alsoTrusted, anonymous].map(({ body }) => body['sesion_id'])).size).toBe(3);
    const list = await service.call('GET', '/chat/sessions?telefono=%2B34600999888', { headers: admin });
    expect(list.body).toHaveLength(2);
  });
});

describe('an operator', () => {
  it('sees every service by name', async () => {
    const { status, body } = await service.call('GET', '/health/ready');
    expect(status).toBe(200);
    expect(body['services']).toMatchObject({
      database: 'healthy',
      cache: expect.any(String),
      knowledge: 'healthy',
      agent: 'healthy',
      'channels.web': 'healthy',
      'channels.telegram': 'disabled',
      'channels.teams': 'disabled',
      'channels.whatsapp': 'disabled',
      'channels.whatsapp-web': 'disabled',
    });
  });

  it('reads analytics', async () => {
    const { status, body } = await service.call('GET', '/analytics/conversations?days=1', { headers: admin });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        total_conversations: expect.any(Number),
        total_messages: expect.any(Number),
        intent_distribution: expect.any(Array),
        average_confidence: expect.any(Number),
        period_days: 1,
      },
    });
    const counts = (body['intent_distribution'] as { _id: string; count: number }[]).map((intent) => intent.count);
    expect([...counts].sort((a, b) => b - a)).toEqual(counts);
    expect(JSON.stringify(body)).not.toMatch(/sess_/);
  });

  it('finds the chat page, the docs and the metrics', async () => {
    const page = await service.call('GET', '/');
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('<html') });
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect((await service.call('GET', '/docs/openapi.json')).body).toMatchObject({ openapi: '3.1.0' });
    expect((await service.call('GET', '/metrics')).text).toContain('parley_turns_total{channel="web",outcome="answered"}');
  });

  it('finds no session id and no customer text in the log', () => {
    expect(service.log.join('')).not.toMatch(/sess_[0-9a-f]{8}|Zubiaurre|nadie\.mas|\+?34600/);
    expect(service.log.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });
});
