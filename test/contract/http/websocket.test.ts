/** CONTRACT.md, "WebSocket", line by line. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SOURCE } from '../../fakes/simple-turn.js';
import type { Frame, SocketClient } from '../../fakes/http-client.js';
import { closeTestServices, startTestService, type TestService } from './service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(closeTestServices);

const open = async (session?: string, more = ''): Promise<{ id: string; client: SocketClient }> => {
  const id = session ?? (await service.session());
  const client = service.connect(`?session_id=${id}${more}`);
  await client.next('connected');
  return { id, client };
};
const types = (client: SocketClient): string[] => client.frames.map((frame) => frame.type);
const textOf = (frames: readonly Frame[]): string => frames.flatMap((frame) => (frame.type === 'text' ? [frame.content] : [])).join('');

describe('close codes', () => {
  it.each(['', '?session_id=', '?session_id=undefined', '?session_id=null'])('4001 for "%s"', async (query) => {
    expect(await service.connect(query).closed).toBe(4001);
  });

  it('4004 for an unknown and an ended session', async () => {
    expect(await service.connect(`?session_id=sess_${'0'.repeat(32)}`).closed).toBe(4004);
    const id = await service.session();
    await service.call('PATCH', `/api/sessions/${id}/status?status=ended`);
    expect(await service.connect(`?session_id=${id}`).closed).toBe(4004);
  });

  it('4008 for too many clients of one session', async () => {
    const { id, client } = await open();
    const clients = [client];
    for (let count = 1; count < 20; count += 1) clients.push((await open(id)).client);
    expect(await service.connect(`?session_id=${id}`).closed).toBe(4008);
    clients.forEach((one) => one.close());
  });

  it('4008 for too many connections of one address', async () => {
    const strict = await startTestService({ config: { rateLimits: { default: 3, process: 3 } } });
    const id = await strict.session();
    const clients = [1, 2, 3].map(() => strict.connect(`?session_id=${id}`));
    await Promise.all(clients.map((client) => client.next('connected')));
    expect(await strict.connect(`?session_id=${id}`).closed).toBe(4008);
    await strict.close();
    expect(await Promise.all(clients.map((client) => client.closed))).toEqual([1001, 1001, 1001]);
  });

  it('other paths and foreign pages are refused before the upgrade', async () => {
    const id = await service.session();
    expect(await service.connect(`?session_id=${id}`, { Origin: 'https://evil.example' }).closed).toBe(0);
    const own = service.connect(`?session_id=${id}`, { Origin: service.url });
    await own.next('connected');
    own.close();
  });
});

describe('a message', () => {
  it('acknowledged, start, sources, text, complete; each with type and timestamp', async () => {
    const { id, client } = await open();
    client.send({
      type: 'message',
      content: 'una pregunta bastante larga para que la respuesta llegue en trozos',
      client_message_id: 'c-1',
    });
    const complete = await client.next('complete');
    expect(client.frames[0]).toMatchObject({ type: 'connected', session_id: id, client_id: expect.any(String) });
    expect(await client.next('acknowledged')).toMatchObject({ message_id: expect.stringMatching(/^msg_/), client_message_id: 'c-1' });
    expect(types(client).filter((type) => type !== 'text')).toEqual(['connected', 'acknowledged', 'start', 'sources', 'complete']);
    expect(client.frames.every((frame) => !Number.isNaN(Date.parse(frame.timestamp)))).toBe(true);
    expect(await client.next('sources')).toMatchObject({ sources: [SOURCE] });
    expect(complete).toMatchObject({ confidence: 0.87, buttons: [{ id: 'talk-to-person', label: 'Hablar con una persona' }] });
    const { messages } = (await service.call('GET', `/api/chat/sessions/${id}/messages`)).body as {
      messages: { id: string; content: string }[];
    };
    expect(textOf(client.frames)).toBe(messages[1]?.content);
    expect(complete.message_id).toBe(messages[1]?.id);
    expect((await client.next('acknowledged')).message_id).toBe(messages[0]?.id);
    client.close();
  });

  it('is stored when it is acknowledged', async () => {
    const { id, client } = await open();
    client.send({ type: 'message', content: 'lento 200' });
    await client.next('acknowledged');
    expect(await service.database.models.inbox.countDocuments({ 'event.threadKey': id })).toBe(1);
    client.close();
  });

  it('escalation {required, reason}', async () => {
    const { client } = await open();
    client.send({ type: 'message', content: 'persona' });
    expect(await client.next('escalation')).toMatchObject({ required: true, reason: ['asked-for-person'] });
    client.close();
  });

  it('with attachments: ids of uploads to this session', async () => {
    const { id, client } = await open();
    const data = new FormData();
    data.append('session_id', id);
    data.append('file', new Blob(['doce metros']), 'obra.txt');
    const uploaded = await service.call('POST', '/api/chat/upload', { body: data });
    client.send({ type: 'message', content: 'mira', attachments: [uploaded.body['id']] });
    await client.next('complete');
    expect(textOf(client.frames)).toBe('Recibido: mira [obra.txt: doce metros]');
    client.send({ type: 'message', content: 'mira', attachments: [`att_${'0'.repeat(24)}`] });
    expect(await client.next('error')).toMatchObject({ error: 'ValidationError' });
    const other = await open();
    other.client.send({ type: 'message', content: 'ajeno', attachments: [uploaded.body['id']] });
    expect(await other.client.next('error')).toMatchObject({ error: 'ValidationError' });
    client.close();
    other.client.close();
  });

  it('sent again under its client_message_id, here or over HTTP, is the same message', async () => {
    const { id, client } = await open();
    client.send({ type: 'message', content: 'una vez', client_message_id: 'igual' });
    const first = await client.next('acknowledged');
    await client.next('complete');
    client.send({ type: 'message', content: 'una vez', client_message_id: 'igual' });
    expect((await client.next('acknowledged', 2)).message_id).toBe(first.message_id);
    await service.send(id, 'una vez', { 'Idempotency-Key': 'igual' });
    expect((await service.call('GET', `/api/chat/sessions/${id}/messages`)).body['total']).toBe(2);
    client.close();
  });

  it('to a session that has ended meanwhile: error, and the line stays open', async () => {
    const { id, client } = await open();
    await service.call('PATCH', `/api/sessions/${id}/status?status=ended`);
    client.send({ type: 'message', content: 'hola' });
    expect(await client.next('error')).toMatchObject({ error: 'SessionEndedError', message: 'Session is ended. Cannot send messages.' });
    client.send({ type: 'ping' });
    await client.next('pong');
    client.close();
  });
});

describe('several clients of one session', () => {
  it('see the same conversation, whoever writes and however', async () => {
    const { id, client: one } = await open();
    const { client: two } = await open(id);
    one.send({ type: 'message', content: 'desde uno' });
    await Promise.all([one.next('complete'), two.next('complete')]);
    expect(await two.next('message')).toMatchObject({ role: 'user', content: 'desde uno' });
    expect(textOf(two.frames)).toBe('Recibido: desde uno');
    await service.send(id, 'por HTTP');
    await Promise.all([one.next('complete', 2), two.next('complete', 2)]);
    expect(await one.next('message')).toMatchObject({ role: 'user', content: 'por HTTP' });
    expect(types(one).filter((type) => type === 'message')).toHaveLength(1);
    one.close();
    two.close();
  });

  it('user_typing {client_id} goes to the others', async () => {
    const { id, client: one } = await open();
    const { client: two } = await open(id);
    one.send({ type: 'typing' });
    const { client_id } = await one.next('connected');
    expect(await two.next('user_typing')).toMatchObject({ client_id });
    expect(types(one)).toEqual(['connected']);
    one.close();
    two.close();
  });

  it('nobody sees another session', async () => {
    const [one, two] = [await open(), await open()];
    one.client.send({ type: 'message', content: 'secreto' });
    await one.client.next('complete');
    expect(types(two.client)).toEqual(['connected']);
    one.client.close();
    two.client.close();
  });
});

describe('after=<message_id>', () => {
  it('gives a client that reconnects what it missed, in order', async () => {
    const { id, client } = await open();
    client.send({ type: 'message', content: 'uno' });
    const { message_id } = await client.next('complete');
    client.close();
    await client.closed;
    await service.send(id, 'dos');
    const again = await open(id, `&after=${message_id}`);
    await again.client.next('complete');
    expect(again.client.frames.slice(1)).toMatchObject([
      { type: 'message', role: 'user', content: 'dos' },
      { type: 'text', content: 'Recibido: dos' },
      { type: 'sources' },
      { type: 'complete', confidence: 0.87, buttons: [{ id: 'talk-to-person' }] },
    ]);
    again.client.send({ type: 'message', content: 'tres' });
    await again.client.next('complete', 2);
    expect(textOf(again.client.frames)).toBe('Recibido: dosRecibido: tres');
    again.client.close();
  });

  it('an unknown message: everything', async () => {
    const id = await service.session();
    await service.send(id, 'uno');
    const { client } = await open(id, '&after=msg_unknown');
    await client.next('complete');
    expect(textOf(client.frames)).toBe('Recibido: uno');
    client.close();
  });
});

describe('client frames', () => {
  it('ping: pong', async () => {
    const { client } = await open();
    client.send({ type: 'ping' });
    expect(await client.next('pong')).toEqual({ type: 'pong', timestamp: expect.any(String) });
    client.close();
  });

  it('a wrong frame: error {error, message}, and the line stays open', async () => {
    const { client } = await open();
    client.send('{"type":');
    client.send({ type: 'message', content: '   ' });
    client.send({ type: 'message', content: 'a'.repeat(4001) });
    client.send({ type: 'message', content: { $ne: null } });
    await client.next('error', 4);
    client.send({ type: 'ping' });
    await client.next('pong');
    expect(types(client)).toEqual(['connected', 'error', 'error', 'error', 'error', 'pong']);
    client.close();
  });

  it('a huge frame closes the line with 1009, and nothing else', async () => {
    const { id, client } = await open();
    client.send({ type: 'message', content: 'a'.repeat(200_000) });
    expect(await client.closed).toBe(1009);
    expect((await service.send(id, 'sigo')).status).toBe(200);
  });

  it('over the limit: RateLimitError, and the line stays open', async () => {
    const strict = await startTestService({ config: { rateLimits: { default: 3, process: 3 } } });
    const client = strict.connect(`?session_id=${await strict.session()}`);
    await client.next('connected');
    // More than two windows take: a new one may begin while they are sent.
    for (let count = 0; count < 8; count += 1) client.send({ type: 'message', content: `mensaje ${count}` });
    expect(await client.next('error')).toMatchObject({ error: 'RateLimitError' });
    client.send({ type: 'ping' });
    await client.next('pong');
    await strict.close();
  });
});
