/**
 * Bad input at every door of the whole service: a clear 4xx or a polite answer, nothing lost, nothing in the log that should not be there.
 * Each text carries a marker that must not show up in any log line.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { formOf, type Called } from '../fakes/http-client.js';
import { zipOf } from '../fakes/files/zip.js';
import { startRunningService, type RunningService } from '../fakes/running-service.js';

const MARKER = 'zarzamora';
const UNKNOWN = `sess_${'0'.repeat(32)}`;
const TELEGRAM = { TELEGRAM_BOT_TOKEN: '4242:AAtestTOKENtestTOKENtestTOKENtest', TELEGRAM_WEBHOOK_SECRET: 'right-secret' };
const SECRET_HEADER = { 'X-Telegram-Bot-Api-Secret-Token': TELEGRAM.TELEGRAM_WEBHOOK_SECRET };
/** Nothing listens there: the bot's replies fail, which is not what this is about. */
const NOWHERE = { TELEGRAM_API_ROOT: 'http://127.0.0.1:9' };

let service: RunningService;
let admin: { Authorization: string };
let session: string;
beforeAll(async () => {
  service = await startRunningService({ ...TELEGRAM, ...NOWHERE });
  admin = { Authorization: `Bearer ${service.adminKey}` };
  session = await service.session();
}, 120_000);
afterAll(() => service.stop());

const messagesPath = (id: string) => `/api/chat/sessions/${id}/messages`;
const history = async (id = session) => (await service.call('GET', `${messagesPath(id)}?limit=200`)).body;
const expectRefused = (called: Called, status: number, error: string) => {
  expect(called).toMatchObject({ status, body: { error, message: expect.stringMatching(/\w{3}/), request_id: expect.any(String) } });
  expect(called.text).not.toContain(MARKER);
};

/** Every call that takes JSON, with a body that it would accept. */
const JSON_CALLS: [method: string, path: () => string, body: Record<string, unknown>][] = [
  ['POST', () => '/api/sessions', { user_id: MARKER }],
  ['PATCH', () => `/api/sessions/${session}/status`, { status: 'active' }],
  ['POST', () => messagesPath(session), { message: MARKER }],
  ['POST', () => '/api/chat/search', { query: MARKER }],
  ['POST', () => '/chat/process', { mensaje: MARKER, telefono: '+34600111222' }],
  ['POST', () => '/api/keys', { name: MARKER, scopes: ['analytics'] }],
  ['POST', () => '/api/tickets/T-00000000/actions', { action_id: MARKER, agent: { name: MARKER }, command: { kind: 'claim' } }],
];

describe('messages that are', () => {
  it.each([
    ['empty', ''],
    ['white space', ' \n\t \u00a0 '],
    ['4,001 characters', `${MARKER} ${'a'.repeat(3991)}`],
    ['NUL bytes alone', '\0\0'],
  ])('%s: 400 at every door', async (_case, message) => {
    expectRefused(await service.send(session, message), 400, 'ValidationError');
    expectRefused(await service.call('POST', messagesPath(session), { body: formOf({ message }) }), 400, 'ValidationError');
    expectRefused(
      await service.call('POST', '/chat/process', { json: { mensaje: message, telefono: '600111222' } }),
      400,
      'ValidationError',
    );
    const client = service.connect(`?session_id=${session}`);
    client.send({ type: 'message', content: message });
    expect(await client.next('error')).toMatchObject({ error: 'ValidationError' });
    client.close();
    expect((await history())['total']).toBe(0);
  });
});

describe('bodies', () => {
  it.each(JSON_CALLS)('1 MB of JSON to %s %s: 413', async (method, path, body) => {
    const json = { ...body, filler: MARKER.repeat(120_000) };
    expectRefused(await service.call(method, path(), { json, headers: admin }), 413, 'PayloadTooLargeError');
  });

  it.each(JSON_CALLS)('broken JSON to %s %s: 400', async (method, path, body) => {
    for (const broken of [JSON.stringify(body).slice(0, -1), `{"a": ${MARKER}}`, '[', '"texto"', '\0', '{"a":1}{"b":2}']) {
      const called = await service.call(method, path(), { body: broken, headers: { ...admin, 'Content-Type': 'application/json' } });
      expectRefused(called, 400, 'ValidationError');
    }
  });

  it.each(JSON_CALLS)('wrong types in each field of %s %s: 400', async (method, path, body) => {
    for (const field of Object.keys(body)) {
      for (const wrong of [{ $gt: '' }, ['x', ['y']], 17, true]) {
        if (field === 'scopes' && Array.isArray(wrong)) continue;
        expectRefused(await service.call(method, path(), { json: { ...body, [field]: wrong }, headers: admin }), 400, 'ValidationError');
      }
    }
    for (const json of [[], [body], null, 'texto', 7]) {
      expectRefused(await service.call(method, path(), { json, headers: admin }), 400, 'ValidationError');
    }
  });

  it.each(JSON_CALLS)('another content type to %s %s: 415', async (method, path, body) => {
    const headers = { ...admin, 'Content-Type': 'application/xml' };
    expectRefused(await service.call(method, path(), { body: JSON.stringify(body), headers }), 415, 'UnsupportedMediaTypeError');
  });

  it('deep nesting: an answer, not a crash', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const headers = { 'Content-Type': 'application/json' };
    const called = await service.call('POST', '/api/sessions', { body: `{"metadata":{"a":${deep}}}`, headers });
    expectRefused(called, 400, 'ValidationError');
    expect(await service.call('POST', '/webhooks/telegram', { body: deep, headers: { ...headers, ...SECRET_HEADER } })).toMatchObject({
      status: 400,
    });
    const client = service.connect(`?session_id=${session}`);
    client.send(`{"type":"message","content":${deep.slice(25_000, -25_000)}}`);
    await client.next('error');
    client.close();
  });

  it('forms that are cut off or have no boundary: 400', async () => {
    const boundary = { 'Content-Type': 'multipart/form-data; boundary=x' };
    const cut = '--x\r\nContent-Disposition: form-data; name="message"\r\n\r\nhola';
    expectRefused(await service.call('POST', messagesPath(session), { body: cut, headers: boundary }), 400, 'ValidationError');
    const none = { 'Content-Type': 'multipart/form-data' };
    expectRefused(await service.call('POST', messagesPath(session), { body: cut, headers: none }), 400, 'ValidationError');
  });
});

describe('sessions that are', () => {
  const doors = (id: string): [string, () => Promise<Called>][] => [
    ['get', () => service.call('GET', `/api/sessions/${id}`)],
    ['status', () => service.call('PATCH', `/api/sessions/${id}/status?status=active`)],
    ['send', () => service.send(id, MARKER)],
    ['history', () => service.call('GET', messagesPath(id))],
    ['upload', () => service.call('POST', '/api/chat/upload', { body: formOf({ session_id: id }, { file: [['a.txt', MARKER]] }) })],
    ['delete', () => service.call('DELETE', `/api/sessions/${id}`)],
  ];

  it.each(['undefined', 'null'])('"%s": 400', async (id) => {
    for (const [, call] of doors(id)) expectRefused(await call(), 400, 'ValidationError');
  });

  it.each([UNKNOWN, '.*', '$where', 'sess_', `${UNKNOWN}0`, '🙂', '%00', '..%2f..%2fetc%2fpasswd', '{"$ne":null}'])(
    'unknown (%s): 404',
    async (id) => {
      for (const [door, call] of doors(encodeURI(decodeURIComponent(id)).replaceAll('/', '%2f'))) {
        const { status, body } = await call();
        expect({ door, status, error: body['error'] }).toEqual({ door, status: 404, error: 'NotFoundError' });
      }
    },
  );

  it('deleted: 404, and its line is of no more use', async () => {
    const id = await service.session();
    const client = service.connect(`?session_id=${id}`);
    await client.next('connected');
    await service.send(id, `${MARKER}, borra esto`);
    await service.call('DELETE', `/api/sessions/${id}`);
    for (const [, call] of doors(id)) expectRefused(await call(), 404, 'NotFoundError');
    client.send({ type: 'message', content: MARKER });
    expect(await client.next('error')).toMatchObject({ error: 'NotFoundError' });
    client.close();
    expect(await service.connect(`?session_id=${id}`).closed).toBe(4004);
  });

  it('ended: 400 for what writes; its history can still be read', async () => {
    const id = await service.session();
    await service.send(id, 'hola');
    await service.call('PATCH', `/api/sessions/${id}/status?status=ended`);
    expectRefused(await service.send(id, MARKER), 400, 'SessionEndedError');
    const upload = formOf({ session_id: id }, { file: [['a.txt', MARKER]] });
    expectRefused(await service.call('POST', '/api/chat/upload', { body: upload }), 400, 'SessionEndedError');
    expect((await history(id))['total']).toBe(2);
  });
});

describe('wrong tokens', () => {
  it.each([
    ['GET', '/api/sessions'],
    ['POST', '/api/sessions/cleanup'],
    ['GET', '/api/keys'],
    ['GET', '/chat/sessions?telefono=600111222'],
    ['GET', '/analytics/conversations'],
    ['GET', '/api/knowledge/documents'],
    ['GET', '/api/tickets'],
    ['GET', '/api/tickets/events'],
    ['GET', '/api/tickets/agents'],
    ['GET', '/api/tickets/T-00000000/turns/turn_0'],
  ])('%s %s: 401, and the log has none of them', async (method, path) => {
    for (const token of [`pk_${'a'.repeat(64)}`, MARKER, "' || true", '$where', '']) {
      expectRefused(await service.call(method, path, { headers: { Authorization: `Bearer ${token}` } }), 401, 'AuthenticationError');
    }
    expectRefused(await service.call(method, path), 401, 'AuthenticationError');
  });

  it('on a webhook: 401, and nothing is stored', async () => {
    const update = {
      update_id: 1,
      message: { message_id: 1, date: 1, chat: { id: 1, type: 'private' }, from: { id: 1, is_bot: false, first_name: 'A' }, text: MARKER },
    };
    for (const secret of ['', 'wrong', 'right-secretx']) {
      const called = await service.call('POST', '/webhooks/telegram', {
        json: update,
        headers: { 'X-Telegram-Bot-Api-Secret-Token': secret },
      });
      expect(called.status).toBe(401);
    }
    expect((await service.call('GET', '/metrics')).text).not.toMatch(/events_received_total\{channel="telegram",result="stored"\}/);
  });
});

describe('files that are', () => {
  const upload = (filename: string, bytes: Buffer) =>
    service.call('POST', '/api/chat/upload', { body: formOf({ session_id: session }, { file: [[filename, bytes]] }) });
  const send = (id: string, filename: string, bytes: Buffer) =>
    service.call('POST', messagesPath(id), { body: formOf({ message: '¿qué dice el fichero?' }, { attachments: [[filename, bytes]] }) });

  it.each([
    ['of an unknown type', 'programa.exe', Buffer.from(`MZ\x90\0\x03${'\0'.repeat(100)}${MARKER}`)],
    ['an encrypted zip', 'obra.docx', zipOf([{ name: 'word/document.xml', bytes: Buffer.from(MARKER), encrypted: true }])],
    ['a zip bomb named .pdf', 'plano.pdf', zipOf([{ name: 'word/document.xml', bytes: Buffer.alloc(256 * 1024 * 1024) }])],
    [
      'a bomb that lies about its size',
      'plano.pdf',
      zipOf([{ name: 'xl/workbook.xml', bytes: Buffer.alloc(256 * 1024 * 1024), declaredSize: 10 }]),
    ],
    ['empty', 'nada.txt', Buffer.alloc(0)],
    [
      'broken pictures',
      'foto.png',
      Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\b\x02\0\0\0\0\0\0\0\0\0\0\tIDATxxxx', 'latin1'),
    ],
  ])('%s: 200 with the reason, and a polite answer to a message', async (_case, filename, bytes) => {
    const { status, body } = await upload(filename, bytes);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { processed: false, preview: null, error: expect.stringMatching(/\w{4}/) },
    });
    const id = await service.session();
    const answered = await send(id, filename, bytes);
    expect(answered.status).toBe(200);
    expect(String(answered.body['message']).length).toBeGreaterThan(10);
    expect((await history(id))['total']).toBe(2);
  });

  it('11 MB: 413, and nothing is kept', async () => {
    const bytes = Buffer.alloc(11 * 1024 * 1024, 'a');
    expectRefused(await upload('grande.txt', bytes), 413, 'PayloadTooLargeError');
    const id = await service.session();
    expectRefused(await send(id, 'grande.txt', bytes), 413, 'PayloadTooLargeError');
    expect((await history(id))['total']).toBe(0);
  });

  it('named like a path or with control characters: a plain name', async () => {
    for (const [given, shown] of [
      ['../../etc/passwd.txt', 'passwd.txt'],
      ['C:\\Temp\\obra.txt', 'obra.txt'],
      ['مخطط 🏗️.txt', 'مخطط 🏗️.txt'],
    ] as const) {
      expect((await upload(given, Buffer.from('hola'))).body).toMatchObject({ filename: shown, processed: true });
    }
  });
});

describe('texts that look dangerous', () => {
  const TEXTS = [
    '🙂👩‍👩‍👧‍👦🇪🇸 ¿tenéis paneles?',
    'مرحبا، هل لديكم ألواح عازلة؟ \u202e 50 مم',
    'שלום, 50 מ״מ',
    `{"$where": "sleep(10000) || '${MARKER}'"}`,
    "'; return this.password; //",
    '$ne $gt {$regex: ".*"}',
    '(a+)+$ .* [ \\ ^(?=(x+)+y)',
    '<script>alert(1)</script> & "comillas" \'simples\'',
    '__proto__ constructor prototype',
    '%s %d ${7*7} {{7*7}} \\u0000 \\x00',
    `${'('.repeat(1500)}${'a'.repeat(1500)}!`,
  ];

  it.each(TEXTS)('%s: answered, and kept as it was written', async (message) => {
    const id = await service.session();
    const { status, body } = await service.send(id, message);
    expect(status).toBe(200);
    expect(String(body['message'])).not.toBe('');
    expect((await history(id))['messages']).toMatchObject([{ role: 'user', content: message }, { role: 'assistant' }]);
    expect((await service.call('POST', '/api/chat/search', { json: { query: message.slice(0, 500) } })).status).toBe(200);
    expect(
      (await service.call('POST', '/chat/process', { json: { mensaje: message, telefono: '600111222', sesionId: message } })).status,
    ).toBe(200);
  });

  it('NUL bytes, other control characters and lone surrogates are taken out, the rest is answered', async () => {
    const id = await service.session();
    expect((await service.send(id, 'pan\0el\u0007 de 50\r\nmm \ud800')).status).toBe(200);
    expect((await history(id))['messages']).toMatchObject([{ content: 'panel de 50\nmm \ufffd' }, {}]);
  });

  it.each(TEXTS)('%s in every other field: taken as text', async (text) => {
    const short = text.slice(0, 120);
    const created = await service.call('POST', '/api/sessions', { json: { user_id: short, metadata: { note: text, list: [text] } } });
    expect(created).toMatchObject({ status: 201, body: { user_id: short, metadata: { note: text, list: [text] } } });
    const found = await service.call('GET', `/api/sessions?user_id=${encodeURIComponent(short)}`, { headers: admin });
    expect(found.body).toHaveLength(1);
    const id = String(created.body['session_id']);
    const key = encodeURIComponent(text).slice(0, 200);
    const answers = [
      await service.send(id, 'hola', { 'Idempotency-Key': key }),
      await service.send(id, 'hola', { 'Idempotency-Key': key }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect((await history(id))['total']).toBe(2);
    const filtered = await service.call('POST', '/api/chat/search', {
      json: { query: 'panel', filters: { source: text.slice(0, 500), title: [short] } },
    });
    expect(filtered).toMatchObject({ status: 200, body: [] });
    const client = service.connect(`?session_id=${id}&after=${encodeURIComponent(text)}`);
    client.send({ type: 'message', content: text, client_message_id: short });
    expect(await client.next('acknowledged')).toMatchObject({ client_message_id: short });
    client.close();
  });

  it('as keys of metadata: 400', async () => {
    for (const key of ['$where', 'a.b', '__proto__', 'x\0y']) {
      const body = `{"metadata":{"fine":{${JSON.stringify(key)}:1}}}`;
      const called = await service.call('POST', '/api/sessions', { body, headers: { 'Content-Type': 'application/json' } });
      expectRefused(called, 400, 'ValidationError');
    }
  });

  it('as operators or arrays in the query: no effect, or 400', async () => {
    const list = (query: string) => service.call('GET', `/api/sessions?${query}`, { headers: admin });
    expect((await list('user_id=a&user_id=b')).status).toBe(400);
    expect((await list('limit[$gt]=1')).body).toHaveLength(20);
    expect((await list(`user_id=${encodeURIComponent('.*')}`)).body).toEqual([]);
    expect((await list('user_id=%00')).status).toBe(400);
  });

  it('as raw HTTP: a NUL in the path or a header is refused before it reaches us', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const { hostname, port } = new URL(service.url);
      const raw = request({ hostname, port, path: '/api/sessions/%00', method: 'GET' }, (response) =>
        resolve(response.resume().statusCode ?? 0),
      );
      raw.on('error', reject).end();
    });
    expect(status).toBe(404);
  });
});

describe('after all that', () => {
  it('the service is well, and answers', async () => {
    expect((await service.call('GET', '/health/ready')).body).toMatchObject({ services: { database: 'healthy', agent: 'healthy' } });
    const { status, body } = await service.send(session, '¿Cuánto dura la garantía de los paneles?');
    expect(status).toBe(200);
    expect((body['sources'] as unknown[]).length).toBeGreaterThan(0);
    expect((await service.call('GET', '/metrics')).text).toMatch(/^parley_silent_turns 0$/m);
  });

  it('the log holds no text of a customer, no session id, no key and no token', () => {
    const log = service.log.join('');
    for (const secret of [MARKER, service.adminKey, TELEGRAM.TELEGRAM_BOT_TOKEN, 'right-secret', 'مرحبا', 'sleep(10000)', '600111222']) {
      expect({ secret, line: service.log.find((line) => line.includes(secret)) }).toEqual({ secret, line: undefined });
    }
    expect(log).not.toMatch(/sess_[0-9a-f]{8}/);
    expect(service.log.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });
});
