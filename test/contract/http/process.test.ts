/** CONTRACT.md, "Spanish clients", line by line. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SOURCE } from '../../fakes/simple-turn.js';
import { closeTestServices, startTestService, type TestService } from './service.js';

let service: TestService;
let key: string;
beforeAll(async () => {
  service = await startTestService();
  key = await service.key('process');
});
afterAll(closeTestServices);

const ANA = '+34 600 111 222';
const ask = (json: object, secret?: string) =>
  service.call('POST', '/chat/process', { json, ...(secret === undefined ? {} : { headers: { 'X-API-Key': secret } }) });

describe('POST /chat/process', () => {
  it('{mensaje, telefono}: {mensaje, tipo, confianza, intencion, entidades, sesion_id, fuentes}', async () => {
    expect(await ask({ mensaje: 'precio panel 5 cm', telefono: ANA })).toMatchObject({ status: 200 });
    expect((await ask({ mensaje: 'precio panel 5 cm', telefono: ANA })).body).toEqual({
      mensaje: 'Recibido: precio panel 5 cm',
      tipo: 'cotizacion',
      confianza: 0.87,
      intencion: 'price_query',
      entidades: {
        productos: ['Panel PIR'],
        espesores: ['50mm'],
        medidas: [],
        cantidades: [],
        importes: [],
        fechas: [],
        referencias: [],
        atributos: [],
      },
      sesion_id: expect.stringMatching(/^sess_[0-9a-f]{32}$/),
      fuentes: [SOURCE],
    });
  });

  it('tipo respuesta and escalamiento', async () => {
    expect((await ask({ mensaje: 'hola', telefono: ANA })).body['tipo']).toBe('respuesta');
    expect((await ask({ mensaje: 'persona', telefono: ANA })).body['tipo']).toBe('escalamiento');
  });

  it('sesionId: the same number goes on with its session', async () => {
    const first = await ask({ mensaje: 'hola', telefono: ANA });
    const second = await ask({ mensaje: 'sigo', telefono: '0034600111222', sesionId: first.body['sesion_id'] });
    expect(second.body['sesion_id']).toBe(first.body['sesion_id']);
  });

  it.each([
    ['invalid', () => 'no-es-una-sesion'],
    ['undefined', () => 'undefined'],
    ['of another type', () => ({ $ne: null })],
    ['unknown', () => `sess_${'0'.repeat(32)}`],
    ["another number's", async () => (await ask({ mensaje: 'hola', telefono: '+34699999999' })).body['sesion_id']],
    ['trusted, by a caller without a key', async () => (await ask({ mensaje: 'hola', telefono: ANA }, key)).body['sesion_id']],
    [
      'ended',
      async () => {
        const { body } = await ask({ mensaje: 'hola', telefono: ANA });
        await service.call('PATCH', `/api/sessions/${String(body['sesion_id'])}/status?status=ended`);
        return body['sesion_id'];
      },
    ],
  ])('a sesionId that is %s gets a new session, never an error', async (_case, make) => {
    const sesionId = await make();
    const { status, body } = await ask({ mensaje: 'hola', telefono: ANA, sesionId });
    expect(status).toBe(200);
    expect(body['sesion_id']).toMatch(/^sess_/);
    expect(body['sesion_id']).not.toBe(sesionId);
  });

  it('without a key the number is unverified: a contact of its own for each session', async () => {
    const sessions = [await ask({ mensaje: 'hola', telefono: ANA }), await ask({ mensaje: 'hola', telefono: ANA })];
    const contacts = await contactsOf(sessions.map(({ body }) => String(body['sesion_id'])));
    expect(contacts.size).toBe(2);
  });

  it('with a key of scope process the number is the person', async () => {
    const sessions = [await ask({ mensaje: 'hola', telefono: ANA }, key), await ask({ mensaje: 'hola', telefono: '0034600111222' }, key)];
    expect(new Set(sessions.map(({ body }) => body['sesion_id'])).size).toBe(2);
    expect((await contactsOf(sessions.map(({ body }) => String(body['sesion_id'])))).size).toBe(1);
  });

  it('a wrong key: 401; a key without the scope: 403', async () => {
    expect((await ask({ mensaje: 'hola', telefono: ANA }, 'pk_wrong')).status).toBe(401);
    expect((await ask({ mensaje: 'hola', telefono: ANA }, await service.key('analytics'))).status).toBe(403);
  });

  it.each([
    {},
    { mensaje: 'hola' },
    { mensaje: '  ', telefono: ANA },
    { mensaje: 'a'.repeat(4001), telefono: ANA },
    { mensaje: 'hola', telefono: 'x' },
    { mensaje: 'hola', telefono: { $gt: '' } },
    { mensaje: ['hola'], telefono: ANA },
  ])('%j: 400', async (json) => {
    expect(await ask(json)).toMatchObject({ status: 400, body: { error: 'ValidationError' } });
  });

  it('RATE_LIMIT_PROCESS a minute for each address: 429 with Retry-After', async () => {
    const strict = await startTestService({ config: { rateLimits: { default: 100, process: 2 } } });
    const post = () => strict.call('POST', '/chat/process', { json: { mensaje: 'hola', telefono: ANA } });
    const first = await post();
    expect(first.headers.get('ratelimit-limit')).toBe('2');
    await post();
    const { status, headers, body } = await post();
    expect({ status, body }).toMatchObject({ status: 429, body: { error: 'RateLimitError' } });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await strict.call('POST', '/api/sessions')).status).toBe(201);
    await strict.close();
  });

  it('an answer that takes too long: 202 in the shape of every answer', async () => {
    const impatient = await startTestService({ config: { answerWaitMs: 20 } });
    const { status, body } = await impatient.call('POST', '/chat/process', { json: { mensaje: 'lento 300', telefono: ANA } });
    expect({ status, body }).toMatchObject({
      status: 202,
      body: { tipo: 'respuesta', sesion_id: expect.stringMatching(/^sess_/), fuentes: [] },
    });
    await impatient.close();
  });
});

describe('GET /chat/sessions (key)', () => {
  it("telefono, limit=5: the person's recent active sessions, and no unverified ones", async () => {
    const telefono = '+34611222333';
    const own: unknown[] = [];
    for (let count = 0; count < 6; count += 1) own.push((await ask({ mensaje: 'hola', telefono }, key)).body['sesion_id']);
    await service.call('PATCH', `/api/sessions/${String(own[5])}/status?status=ended`);
    await ask({ mensaje: 'no soy yo', telefono });
    const list = (query: string) => service.call('GET', `/chat/sessions?${query}`, { headers: { 'X-API-Key': key } });
    const { status, body } = await list(`telefono=${encodeURIComponent(telefono)}`);
    expect(status).toBe(200);
    const ids = (body as unknown as { session_id: string }[]).map((session) => session.session_id);
    expect([...ids].sort()).toEqual(own.slice(0, 5).sort());
    expect((await list(`telefono=${encodeURIComponent(telefono)}&limit=2`)).body).toHaveLength(2);
    expect((await list('telefono=')).status).toBe(400);
    expect((await service.call('GET', `/chat/sessions?telefono=1234`)).status).toBe(401);
  });
});

async function contactsOf(sessionIds: readonly string[]): Promise<Set<unknown>> {
  const conversations = await service.database.models.conversations.collection.find({ threadKey: { $in: [...sessionIds] } }).toArray();
  return new Set(conversations.map((conversation) => conversation['contactId'] as unknown));
}
