/** CONTRACT.md, "Chat", line by line. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SOURCE } from '../../fakes/simple-turn.js';
import { formOf, type Called } from '../../fakes/http-client.js';
import { closeTestServices, startTestService, type TestService } from './service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(closeTestServices);

const history = async (id: string) => (await service.call('GET', `/api/chat/sessions/${id}/messages`)).body;
const roles = ({ messages }: Called['body']) => (messages as { role: string }[]).map((message) => message.role);

describe('POST /api/chat/sessions/:id/messages', () => {
  it('JSON {message}: 200 ChatResponse', async () => {
    const id = await service.session();
    const { status, body } = await service.send(id, '  hola  ');
    expect(status).toBe(200);
    expect(body).toEqual({
      message: 'Recibido: hola',
      sources: [SOURCE],
      requires_escalation: false,
      confidence: 0.87,
      session_id: id,
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      processing_time: expect.any(Number),
      metadata: {
        session_id: id,
        message_id: expect.stringMatching(/^msg_/),
        message_count: 2,
        has_context: true,
        facts_extracted: 0,
        language: 'es',
        intent: 'product_info',
        entities: { products: [], measures: [], quantities: [], money: [], dates: [], references: [], attributes: [] },
        tools_used: [],
        buttons: [{ id: 'talk-to-person', label: 'Hablar con una persona' }],
      },
    });
    expect((await service.send(id, 'otra')).body['metadata']).toMatchObject({ message_count: 4 });
  });

  it('multipart message with attachments', async () => {
    const id = await service.session();
    const body = formOf(
      { message: 'mira' },
      {
        attachments: [
          ['medidas.txt', 'largo 3 m'],
          ['ñandú.txt', 'ancho 1 m'],
        ],
      },
    );
    const sent = await service.call('POST', `/api/chat/sessions/${id}/messages`, { body });
    expect(sent).toMatchObject({ status: 200, body: { message: 'Recibido: mira [medidas.txt: largo 3 m] [ñandú.txt: ancho 1 m]' } });
    expect((await history(id))['messages']).toMatchObject([
      {
        role: 'user',
        content: 'mira',
        attachments: [
          {
            id: expect.stringMatching(/^att_/),
            filename: 'medidas.txt',
            content_type: expect.stringMatching(/^text\/plain/),
            size_bytes: 9,
          },
          { filename: 'ñandú.txt' },
        ],
      },
      { role: 'assistant' },
    ]);
  });

  it('the message may be absent with an attachment', async () => {
    const id = await service.session();
    const body = formOf({}, { attachments: [['a.txt', 'uno']] });
    expect(await service.call('POST', `/api/chat/sessions/${id}/messages`, { body })).toMatchObject({
      status: 200,
      body: { message: 'Recibido:  [a.txt: uno]' },
    });
    expect((await service.call('POST', `/api/chat/sessions/${id}/messages`, { body: formOf({}) })).status).toBe(400);
  });

  it('metadata of the page that it was written on: kept with the message, in JSON and in a form', async () => {
    const id = await service.session();
    const path = `/api/chat/sessions/${id}/messages`;
    const metadata = { url: 'https://shop.example/panel', title: 'Panel', stock: 12, vip: false, cart: null };
    await service.call('POST', path, { json: { message: 'uno', metadata } });
    await service.call('POST', path, { body: formOf({ message: 'dos', metadata: JSON.stringify(metadata) }) });
    await service.send(id, 'tres');
    const { messages } = (await history(id)) as { messages: { content: string; metadata?: object }[] };
    expect(messages.map((message) => [message.content, message.metadata])).toEqual([
      ['uno', metadata],
      ['Recibido: uno', undefined],
      ['dos', metadata],
      ['Recibido: dos', undefined],
      ['tres', undefined],
      ['Recibido: tres', undefined],
    ]);
  });

  it.each([
    ['nested', { a: { b: 1 } }],
    ['of an operator', { $where: '1' }],
    ['of a path', { 'a.b': 1 }],
    ['too long', { a: 'x'.repeat(501) }],
    ['of too many fields', Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`f${index}`, 1]))],
    ['that is no object', [1]],
  ])('metadata %s: 400 that names it', async (_case, metadata) => {
    const id = await service.session();
    const path = `/api/chat/sessions/${id}/messages`;
    const refused = { status: 400, body: { error: 'ValidationError', message: expect.stringContaining('metadata') } };
    expect(await service.call('POST', path, { json: { message: 'hola', metadata } })).toMatchObject(refused);
    expect(await service.call('POST', path, { body: formOf({ message: 'hola', metadata: JSON.stringify(metadata) }) })).toMatchObject(
      refused,
    );
    expect(await service.call('POST', path, { body: formOf({ message: 'hola', metadata: '{' }) })).toMatchObject(refused);
  });

  it('5 attachments at most: 400 for 6; over 10 MB: 413', async () => {
    const id = await service.session();
    const post = (body: FormData) => service.call('POST', `/api/chat/sessions/${id}/messages`, { body });
    const many = Array.from({ length: 6 }, (_, index): [string, string] => [`${index}.txt`, 'x']);
    expect((await post(formOf({ message: 'seis' }, { attachments: many }))).status).toBe(400);
    const large = Buffer.alloc(11 * 1024 * 1024, 'a');
    expect(await post(formOf({ message: 'grande' }, { attachments: [['a.txt', large]] }))).toMatchObject({
      status: 413,
      body: { error: 'PayloadTooLargeError' },
    });
    expect((await history(id))['total']).toBe(0);
  });

  it('1-4000 characters after trimming', async () => {
    const id = await service.session();
    expect((await service.send(id, ` ${'a'.repeat(4000)} `)).status).toBe(200);
    expect((await service.send(id, 'a'.repeat(4001))).status).toBe(400);
    expect((await service.send(id, ' \n ')).status).toBe(400);
  });

  it('Idempotency-Key: the same key gives the same answer, once', async () => {
    const id = await service.session();
    const headers = { 'Idempotency-Key': 'pedido-1' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => service.send(id, 'una vez', headers)));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(roles(await history(id))).toEqual(['user', 'assistant']);
    await service.send(id, 'una vez', { 'Idempotency-Key': 'pedido-2' });
    expect((await history(id))['total']).toBe(4);
  });

  it('the same key on another session is another message', async () => {
    const [one, two] = [await service.session(), await service.session()];
    await service.send(one, 'a', { 'Idempotency-Key': 'k' });
    await service.send(two, 'b', { 'Idempotency-Key': 'k' });
    expect((await history(two))['total']).toBe(2);
  });

  it('a repeated upload under one key leaves one copy of the file', async () => {
    const id = await service.session();
    const post = () =>
      service.call('POST', `/api/chat/sessions/${id}/messages`, {
        body: formOf({ message: 'plano' }, { attachments: [['plano.txt', 'x']] }),
        headers: { 'Idempotency-Key': 'plano' },
      });
    await post();
    await post();
    expect(await service.database.models.attachments.countDocuments({ filename: 'plano.txt' })).toBe(1);
  });

  it('requires_escalation with a ticket-less decision', async () => {
    const id = await service.session();
    expect((await service.send(id, 'persona')).body).toMatchObject({ requires_escalation: true });
  });

  it('empty, undefined or null id: 400; unknown: 404; ended: 400 "Session is ended. Cannot send messages."', async () => {
    expect((await service.send('', 'hola')).status).toBe(400);
    expect((await service.send('undefined', 'hola')).status).toBe(400);
    expect((await service.send('null', 'hola')).status).toBe(400);
    expect((await service.send(`sess_${'0'.repeat(32)}`, 'hola')).status).toBe(404);
    const id = await service.session();
    await service.call('PATCH', `/api/sessions/${id}/status?status=ended`);
    expect(await service.send(id, 'hola')).toMatchObject({
      status: 400,
      body: { error: 'SessionEndedError', message: 'Session is ended. Cannot send messages.' },
    });
  });

  it('escalated: accepted', async () => {
    const id = await service.session();
    await service.call('PATCH', `/api/sessions/${id}/status?status=escalated`);
    expect((await service.send(id, 'sigo aquí')).status).toBe(200);
  });

  it('an answer that takes longer than the wait: 202 {message_id, session_id, status: "processing"}, then in the history', async () => {
    const impatient = await startTestService({ config: { answerWaitMs: 50 } });
    const id = await impatient.session();
    const { status, body } = await impatient.send(id, 'lento 400');
    expect({ status, body }).toEqual({
      status: 202,
      body: { message_id: expect.stringMatching(/^msg_/), session_id: id, status: 'processing' },
    });
    const deadline = Date.now() + 60_000;
    let messages: unknown[] = [];
    while (messages.length < 2 && Date.now() < deadline) {
      messages = (await impatient.call('GET', `/api/chat/sessions/${id}/messages`)).body['messages'] as unknown[];
    }
    expect(messages).toMatchObject([
      { id: body['message_id'], role: 'user' },
      { role: 'assistant', content: 'Recibido: lento 400' },
    ]);
    await impatient.close();
  });

  it('a caller that hangs up loses nothing', async () => {
    const id = await service.session();
    const hangUp = new AbortController();
    const call = fetch(`${service.url}/api/chat/sessions/${id}/messages`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ message: 'lento 300' }),
      signal: hangUp.signal,
    }).catch(() => 'hung up');
    while ((await service.database.models.inbox.countDocuments({ 'event.threadKey': id })) === 0) await new Promise(setImmediate);
    hangUp.abort();
    expect(await call).toBe('hung up');
    const deadline = Date.now() + 60_000;
    while ((await history(id))['total'] !== 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(roles(await history(id))).toEqual(['user', 'assistant']);
  });
});

describe('GET /api/chat/sessions/:id/messages', () => {
  it('limit, offset, oldest first: {messages, total, session_id}', async () => {
    const id = await service.session();
    for (const text of ['uno', 'dos', 'tres']) await service.send(id, text);
    const { status, body } = await service.call('GET', `/api/chat/sessions/${id}/messages?limit=3&offset=1`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ total: 6, session_id: id });
    expect(body['messages']).toMatchObject([{ content: 'Recibido: uno' }, { content: 'dos' }, { content: 'Recibido: dos' }]);
    expect((body['messages'] as unknown[])[0]).toEqual({
      id: expect.stringMatching(/^msg_/),
      role: 'assistant',
      content: 'Recibido: uno',
      timestamp: expect.stringMatching(/Z$/),
      attachments: [],
      sources: [SOURCE],
      tools_used: [],
      processing_time: expect.any(Number),
    });
  });

  it('a new session has none', async () => {
    const id = await service.session();
    expect(await history(id)).toEqual({ messages: [], total: 0, session_id: id });
  });

  it.each(['limit=0', 'limit=201', 'limit=1.5', 'offset=-1', 'limit=%24ne'])('%s: 400', async (query) => {
    expect((await service.call('GET', `/api/chat/sessions/${await service.session()}/messages?${query}`)).status).toBe(400);
  });
});

describe('POST /api/chat/search', () => {
  it('{query, limit, filters}: Source[]', async () => {
    const json = { query: 'garantía', limit: 3, filters: { language: 'es', source: ['garantia.md', 'envios.md'], page: 2 } };
    expect(await service.call('POST', '/api/chat/search', { json })).toMatchObject({ status: 200, body: [SOURCE] });
  });

  it.each([
    {},
    { query: ' ' },
    { query: 'a'.repeat(501) },
    { query: 'x', limit: 0 },
    { query: 'x', limit: 21 },
    { query: 'x', limit: '5' },
    { query: 'x', filters: { $where: 'sleep(1000)' } },
    { query: 'x', filters: { source: { $regex: '.*' } } },
  ])('%j: 400', async (json) => {
    expect(await service.call('POST', '/api/chat/search', { json })).toMatchObject({ status: 400, body: { error: 'ValidationError' } });
  });
});

describe('POST /api/chat/upload', () => {
  const upload = (body: FormData) => service.call('POST', '/api/chat/upload', { body });

  it('{filename, size_mb, content_type, processed, preview, error}', async () => {
    const session_id = await service.session();
    expect(await upload(formOf({ session_id }, { file: [['notas.txt', 'Panel de 50 mm, 12 unidades']] }))).toMatchObject({
      status: 200,
      body: {
        filename: 'notas.txt',
        size_mb: 0,
        content_type: expect.stringMatching(/^text\/plain/),
        processed: true,
        preview: 'Panel de 50 mm, 12 unidades',
        error: null,
      },
    });
  });

  it('unreadable: 200 with processed: false and the reason', async () => {
    const session_id = await service.session();
    const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.from([0, 1, 2, 3])]);
    expect(await upload(formOf({ session_id }, { file: [['roto.pdf', bytes]] }))).toMatchObject({
      status: 200,
      body: { processed: false, preview: null, error: expect.stringMatching(/.{10}/) },
    });
  });

  it('over the limit: 413; no file, or another field: 400; no form: 415', async () => {
    const session_id = await service.session();
    expect((await upload(formOf({ session_id }, { file: [['g.bin', Buffer.alloc(10 * 1024 * 1024 + 1)]] }))).status).toBe(413);
    expect((await upload(formOf({ session_id }))).status).toBe(400);
    expect((await upload(formOf({ session_id }, { fichero: [['a.txt', 'x']] }))).status).toBe(400);
    expect((await service.call('POST', '/api/chat/upload', { json: { session_id } })).status).toBe(415);
  });

  it('no session: 400; unknown: 404', async () => {
    expect((await upload(formOf({}, { file: [['a.txt', 'x']] }))).status).toBe(400);
    expect((await upload(formOf({ session_id: `sess_${'0'.repeat(32)}` }, { file: [['a.txt', 'x']] }))).status).toBe(404);
  });
});
