/** The web channel's frames and clients: what CONTRACT.md says of the WebSocket, without a socket. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SendContext } from '../../../src/domain/channel.js';
import { RequestError } from '../../../src/domain/errors.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { chunksOf, encodeLogged } from '../../../channels/web/encode.js';
import { createWebChannel, type ClientMessage } from '../../../channels/web/index.js';
import type { ServerFrame } from '../../../channels/web/frames.js';
import { aMessage } from '../../fakes/desk-case.js';
import { createThreadLog } from '../../fakes/thread-log.js';
import { session } from '../../fixtures/turns.js';

const AT = new Date('2026-03-02T10:00:00Z');
const SESSION = session({ channel: 'web' });
const TO = { conversationId: SESSION.conversationId, threadKey: SESSION.id, userId: SESSION.threadId };
const SOURCE = {
  content: 'Un pasaje',
  metadata: { source: 'guia.md', title: 'Guía', document_id: 'doc_1', chunk_id: 'chunk_1' },
  relevance_score: 0.9,
  rank: 1,
};
const context = (change: Partial<SendContext> = {}): SendContext => ({
  key: 'k',
  messageId: 'msg_1',
  replyTo: null,
  part: 0,
  last: true,
  place: { order: 65, after: 0, answers: [] },
  answer: null,
  ...change,
});

async function open() {
  const log: string[] = [];
  const logger = createLogger({ level: 'debug', write: (line) => log.push(line) });
  const channel = createWebChannel({ logger, log: createThreadLog(), elsewhere: false, now: () => AT });
  await channel.start?.(
    async () => ({ inboxId: 'evt_1', duplicate: false }),
    async () => undefined,
  );
  const connect = async (clientId: string, options: { submit?: (message: ClientMessage) => Promise<never> } = {}) => {
    const frames: (ServerFrame & { timestamp: string })[] = [];
    const submitted: ClientMessage[] = [];
    const connection = await channel.connect(
      {
        clientId,
        sessionId: SESSION.id,
        threadId: SESSION.threadId,
        conversationId: SESSION.conversationId,
        send: (frame) => void frames.push(JSON.parse(frame) as ServerFrame & { timestamp: string }),
        submit:
          options.submit ??
          (async (message) => {
            submitted.push(message);
            return { messageId: `msg_${submitted.length}`, turnId: 'turn_1', duplicate: message.text === 'otra vez', attachments: [] };
          }),
      },
      null,
    );
    const say = (frame: unknown) => connection.receive(typeof frame === 'string' ? frame : JSON.stringify(frame));
    return { frames, submitted, connection, say, types: () => frames.map((frame) => frame.type) };
  };
  return { channel, connect, log };
}

describe('frames from clients', () => {
  it('acknowledges a message once it is stored, and shows it to the other clients', async () => {
    const { connect } = await open();
    const [one, two] = [await connect('a'), await connect('b')];
    await one.say({ type: 'message', content: '  hola\0 ', client_message_id: 'c1' });
    expect(one.frames.slice(1)).toEqual([
      { type: 'acknowledged', message_id: 'msg_1', client_message_id: 'c1', timestamp: AT.toISOString() },
    ]);
    expect(one.submitted).toEqual([{ key: 'c1', text: 'hola', clientMessageId: 'c1', attachmentIds: [] }]);
    expect(two.frames.slice(1)).toMatchObject([{ type: 'message', role: 'user', message_id: 'msg_1', content: 'hola' }]);
  });

  it('acknowledges a repeated message without showing it again', async () => {
    const { connect } = await open();
    const [one, two] = [await connect('a'), await connect('b')];
    await one.say({ type: 'message', content: 'otra vez' });
    expect(one.types()).toEqual(['connected', 'acknowledged']);
    expect(two.types()).toEqual(['connected']);
  });

  it('answers ping with pong and tells the others who types', async () => {
    const { connect } = await open();
    const [one, two] = [await connect('a'), await connect('b')];
    await one.say({ type: 'ping' });
    await one.say({ type: 'typing' });
    expect(one.types()).toEqual(['connected', 'pong']);
    expect(two.frames.slice(1)).toMatchObject([{ type: 'user_typing', client_id: 'a' }]);
  });

  it.each([
    ['no JSON', 'hola'],
    ['no object', '[]'],
    ['no type', '{}'],
    ['an unknown type', { type: '$where' }],
    ['no content', { type: 'message' }],
    ['white space', { type: 'message', content: ' \n\t ' }],
    ['content of another type', { type: 'message', content: { $gt: '' } }],
    ['too long a content', { type: 'message', content: 'a'.repeat(4001) }],
    ['too long an id', { type: 'message', content: 'hola', client_message_id: 'x'.repeat(129) }],
    ['attachments that are no ids', { type: 'message', content: 'hola', attachments: ['../../etc/passwd'] }],
    ['too many attachments', { type: 'message', content: 'hola', attachments: Array(6).fill(`att_${'0'.repeat(24)}`) }],
  ])('says what is wrong with a frame that has %s, and keeps the line open', async (_case, frame) => {
    const { connect } = await open();
    const client = await connect('a');
    await client.say(frame);
    expect(client.frames[1]).toMatchObject({ type: 'error', error: 'ValidationError', message: expect.any(String) });
    await client.say({ type: 'message', content: 'hola' });
    expect(client.types()).toEqual(['connected', 'error', 'acknowledged']);
  });

  it('tells the client why a message was refused, and logs what is our fault without its text', async () => {
    const { connect, log } = await open();
    const refused = await connect('a', {
      submit: () => Promise.reject(new RequestError('SessionEndedError', 'Session is ended. Cannot send messages.')),
    });
    await refused.say({ type: 'message', content: 'secreto' });
    expect(refused.frames[1]).toMatchObject({
      type: 'error',
      error: 'SessionEndedError',
      message: 'Session is ended. Cannot send messages.',
    });
    expect(log).toEqual([]);
    const failed = await connect('b', { submit: () => Promise.reject(new Error('disk full')) });
    await failed.say({ type: 'message', content: 'secreto' });
    expect(failed.frames[1]).toMatchObject({ type: 'error', error: 'ServiceUnavailableError' });
    expect(log.join()).toContain('disk full');
    expect(log.join()).not.toContain('secreto');
  });

  it('stores the messages of one client in order, and refuses them when too many wait', async () => {
    const { connect } = await open();
    const order: string[] = [];
    const client = await connect('a', {
      submit: async (message) => {
        await new Promise((resolve) => setTimeout(resolve, message.text === '0' ? 20 : 1));
        order.push(message.text);
        throw new RequestError('ConflictError', 'not kept');
      },
    });
    await Promise.all(Array.from({ length: 25 }, (_, index) => client.say({ type: 'message', content: String(index) })));
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
    expect(client.frames.filter((frame) => frame.type === 'error' && frame.error === 'RateLimitError')).toHaveLength(5);
  });
});

describe('answers to clients', () => {
  it('sends sources, text in pieces, escalation and buttons, to all clients of the session', async () => {
    const { channel, connect } = await open();
    const [one, two] = [await connect('a'), await connect('b')];
    const answer = {
      role: 'assistant' as const,
      confidence: 0.8,
      escalation: { required: true, reason: ['urgency'], ticketId: 'T-1' },
    };
    const markdown = 'Un texto bastante largo con **negrita** y eñes, que se manda en varios trozos seguidos. 👷🏽‍♀️';
    await channel.send(TO, { kind: 'choices', markdown, choices: [{ id: 'x', label: 'Sí' }] }, context({ last: false, answer }));
    await channel.send(TO, { kind: 'sources', sources: [SOURCE], language: 'es' }, context({ part: 1, answer }));
    expect(one.frames).toEqual(two.frames.map((frame) => (frame.type === 'connected' ? { ...frame, client_id: 'a' } : frame)));
    const texts = one.frames.flatMap((frame) => (frame.type === 'text' ? [frame.content] : []));
    expect(texts.length).toBeGreaterThan(1);
    expect(texts.join('')).toBe(markdown);
    expect(one.frames.filter((frame) => frame.type !== 'text').slice(1)).toMatchObject([
      { type: 'escalation', message_id: 'msg_1', required: true, reason: ['urgency'], ticket_id: 'T-1' },
      { type: 'sources', message_id: 'msg_1', sources: [SOURCE] },
      { type: 'complete', message_id: 'msg_1', confidence: 0.8, buttons: [{ id: 'x', label: 'Sí' }] },
    ]);
  });

  it('sends a person’s message whole', async () => {
    const { channel, connect } = await open();
    const client = await connect('a');
    const answer = { role: 'agent' as const, confidence: null, escalation: null };
    await channel.send(TO, { kind: 'text', markdown: 'Hola, soy Marta.' }, context({ answer }));
    expect(client.frames.slice(1)).toMatchObject([{ type: 'message', role: 'agent', message_id: 'msg_1', content: 'Hola, soy Marta.' }]);
  });

  it('names a person apart from the text, live and out of the log, and marks what became of the case', async () => {
    const { channel, connect } = await open();
    const client = await connect('a');
    const answer = { role: 'agent' as const, confidence: null, escalation: null, author: 'Marta' };
    await channel.send(TO, { kind: 'text', markdown: '**Marta:** Hola' }, context({ answer }));
    const expected = { type: 'message', role: 'agent', author: 'Marta', content: 'Hola' };
    expect(client.frames.slice(1)).toMatchObject([expected]);
    const content = [{ kind: 'text', markdown: '**Marta:** Hola' } as const];
    expect(encodeLogged(aMessage('Hola', { role: 'agent', author: 'Marta', content }))).toMatchObject([expected]);
    expect(encodeLogged(aMessage('Resuelto', { role: 'system', content: [{ kind: 'text', markdown: 'Resuelto' }] }))).toMatchObject([
      { type: 'text', content: 'Resuelto' },
      { type: 'complete', role: 'system' },
    ]);
  });

  it('sends files as names and addresses, captions as paragraphs, and pictures on the web as links', async () => {
    const { channel, connect } = await open();
    const client = await connect('a');
    const file = { id: 'att_0123456789abcdef01234567', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 10 };
    const view = { id: file.id, filename: 'plano.pdf', content_type: 'application/pdf', size_bytes: 10 };
    const picture = { ...file, id: 'https://example.com/a.png', filename: 'a.png' };
    await channel.send(TO, { kind: 'text', markdown: 'Aquí está.' }, context({ last: false }));
    await channel.send(TO, { kind: 'file', file, caption: 'El plano' }, context({ part: 1, last: false }));
    await channel.send(TO, { kind: 'image', file: picture, caption: '' }, context({ part: 2 }));
    expect(client.frames.slice(1)).toMatchObject([
      { type: 'text', content: 'Aquí está.' },
      { type: 'attachments', message_id: 'msg_1', attachments: [view] },
      { type: 'text', content: '\n\nEl plano\n\n' },
      { type: 'text', content: '\n\n📎 [a.png](https://example.com/a.png)' },
      { type: 'complete' },
    ]);

    const answer = { role: 'agent' as const, confidence: null, escalation: null };
    const place = { order: 129, after: 65, answers: [] };
    await channel.send(TO, { kind: 'text', markdown: 'Mire' }, context({ messageId: 'msg_2', last: false, answer, place }));
    await channel.send(TO, { kind: 'file', file, caption: '' }, context({ messageId: 'msg_2', part: 1, answer, place }));
    expect(client.frames.slice(6)).toMatchObject([
      { type: 'message', role: 'agent', content: 'Mire', attachments: [] },
      { type: 'attachments', message_id: 'msg_2', attachments: [view] },
    ]);
    const content = [{ kind: 'text', markdown: 'Mire' } as const, { kind: 'file', file, caption: '' } as const];
    expect(encodeLogged(aMessage('Mire', { role: 'agent', content }))).toMatchObject([
      { type: 'message', role: 'agent', content: 'Mire', attachments: [view] },
    ]);
  });

  it('reaches nobody else, and nobody who left', async () => {
    const { channel, connect } = await open();
    const client = await connect('a');
    await channel.send({ ...TO, threadKey: `sess_${'f'.repeat(32)}` }, { kind: 'text', markdown: 'x' }, context());
    client.connection.close();
    await channel.send(TO, { kind: 'text', markdown: 'x' }, context());
    expect(client.types()).toEqual(['connected']);
    expect(channel.connectionCount(SESSION.id)).toBe(0);
  });

  it('refuses messages until it is started', async () => {
    const channel = createWebChannel({ logger: createLogger({ level: 'silent' }), log: createThreadLog(), elsewhere: false });
    await expect(
      channel.submit({ session: SESSION, text: 'hola', attachments: [], key: 'k', clientMessageId: null }),
    ).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
  });
});

describe('chunksOf', () => {
  it('loses nothing, whatever the text, and makes no lone surrogates', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
        const chunks = chunksOf(text);
        expect(chunks.join('')).toBe(text);
        expect(chunks.every((chunk) => chunk !== '' && !/\p{Cs}/u.test(chunk))).toBe(true);
      }),
    );
  });
});

describe('an answer while it is written', () => {
  const PLACE = { order: 65, after: 0, answers: [] };
  const draft = (markdown: string, place = PLACE) => ({ kind: 'draft', draft: { messageId: 'msg_1', markdown, place } }) as const;
  const textOf = (frames: readonly ServerFrame[]) => frames.map((frame) => (frame.type === 'text' ? frame.content : '')).join('');
  const ANSWER = { kind: 'text', markdown: 'Son 30 días [1]. Sin abrir [1].' } as const;

  it('comes in chunks that are the answer when they are joined', async () => {
    const { channel, connect } = await open();
    const client = await connect('a');
    await channel.showTyping?.(TO, draft('Son 30'));
    await channel.showTyping?.(TO, draft('Son 30 días [1].'));
    expect(textOf(client.frames)).toBe('Son 30 días [1].');
    await channel.send(TO, ANSWER, context());
    expect(textOf(client.frames)).toBe(ANSWER.markdown);
    expect(client.types().filter((type) => type !== 'text')).toEqual(['connected', 'complete']);
  });

  it('begins again where it is worded otherwise in the end', async () => {
    const { channel, connect } = await open();
    const client = await connect('a');
    await channel.showTyping?.(TO, draft('Son 60'));
    await channel.showTyping?.(TO, draft('Son 30'));
    expect(client.frames.slice(1)).toMatchObject([
      { type: 'text', content: 'Son 60' },
      { type: 'start', message_id: 'msg_1' },
      { type: 'text', content: 'Son 30' },
    ]);
    await channel.send(TO, { kind: 'text', markdown: 'Lo siento.' }, context());
    expect(client.frames.slice(4)).toMatchObject([
      { type: 'start', message_id: 'msg_1' },
      { type: 'text', content: 'Lo siento.' },
      { type: 'complete' },
    ]);
  });

  it('comes whole to a client that came in the middle, or has not been shown what stands before it', async () => {
    const { channel, connect } = await open();
    const behind = await connect('a');
    await channel.showTyping?.(TO, draft('Son 30', { ...PLACE, after: 1 }));
    expect(behind.types()).toEqual(['connected']);
    await channel.showTyping?.(TO, draft('Son 30'));
    const late = await connect('b');
    await channel.send(TO, ANSWER, context());
    for (const client of [behind, late]) expect(textOf(client.frames)).toBe(ANSWER.markdown);
  });
});
