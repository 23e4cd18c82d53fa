/** What is WhatsApp's own, against the emulated Graph API: the webhook and hostile posts to it, the 24 hours, statuses, Meta's error codes. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WhatsAppSettings } from '../../../channels/whatsapp-cloud/config.js';
import { createWhatsAppChannel } from '../../../channels/whatsapp-cloud/index.js';
import type { ChannelRequest, Recipient, SendContext } from '../../../src/domain/channel.js';
import type { OutboundContent } from '../../../src/domain/content.js';
import { ConfigurationError, type ChannelErrorKind } from '../../../src/domain/errors.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import {
  APP_SECRET,
  messageOf,
  messagesWebhook,
  PHONE_NUMBER_ID,
  SHEENA,
  signed,
  textOf,
  TOKEN,
  VERIFY_TOKEN,
} from '../../fakes/whatsapp/customer.js';
import { openWhatsApp, whatsappSettings, type OpenWhatsApp } from '../../fakes/whatsapp/harness.js';
import type { ScriptedFailure } from '../../fakes/whatsapp/state.js';

const context: SendContext = { key: 'out_1', messageId: 'msg_1', replyTo: 'wamid.theirs', part: 0, last: true, answer: null };
const text = (markdown: string): OutboundContent => ({ kind: 'text', markdown });
const HOUR_MS = 3_600_000;

let open: OpenWhatsApp;
let logged: string[] = [];
const start = async (settings: Partial<WhatsAppSettings> = {}): Promise<void> => {
  open = await openWhatsApp(settings, createLogger({ level: 'trace', write: (line) => logged.push(line) }));
};
beforeEach(async () => {
  logged = [];
  await start();
});
afterEach(async () => {
  await open.close();
  for (const secret of [TOKEN, APP_SECRET, VERIFY_TOKEN]) expect(logged.join('')).not.toContain(secret);
});

const send = (content: OutboundContent, to: Recipient = open.to) => open.channel.send(to, content, context);
const post = (body: Buffer, headers: Record<string, string> = signed(body), method = 'POST'): ChannelRequest => ({
  method,
  url: '/',
  headers,
  body,
});
const receive = async (request: ChannelRequest) => {
  const received = await open.channel.receive?.(request);
  return { status: received?.reply.status, events: received?.events.length };
};
const lastSent = () => open.graph.state.sent.at(-1)?.body;
const hello = () => Buffer.from(JSON.stringify(messagesWebhook(SHEENA, textOf(SHEENA, 'hola'))));

describe('the handshake', () => {
  const ask = (query: Record<string, string>) =>
    open.channel.receive?.({ method: 'GET', url: `/?${new URLSearchParams(query).toString()}`, headers: {}, body: Buffer.alloc(0) });

  it('returns the challenge, as text, to whoever knows the token', async () => {
    const received = await ask({ 'hub.mode': 'subscribe', 'hub.verify_token': VERIFY_TOKEN, 'hub.challenge': '<b>1158201444</b>' });
    expect(received).toEqual({
      reply: {
        status: 200,
        headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
        body: '<b>1158201444</b>',
      },
      events: [],
      ignored: [],
    });
  });

  it.each([
    [403, { 'hub.mode': 'subscribe', 'hub.verify_token': 'guessed', 'hub.challenge': '1' }],
    [403, { 'hub.mode': 'subscribe', 'hub.challenge': '1' }],
    [400, { 'hub.mode': 'unsubscribe', 'hub.verify_token': VERIFY_TOKEN, 'hub.challenge': '1' }],
    [400, { 'hub.mode': 'subscribe', 'hub.verify_token': VERIFY_TOKEN }],
    [400, {}],
  ])('answers %d to %j', async (status, query) => {
    const received = await ask(query);
    expect(received).toMatchObject({ reply: { status }, events: [] });
    expect(received?.reply.body).not.toBe('1');
  });
});

describe('hostile posts', () => {
  it('that are forged, unsigned, signed for something else or signed with something else are not let in', async () => {
    const body = hello();
    const other = signed(Buffer.from('{}'));
    const forged = [
      signed(body, 'another secret'),
      signed(body, ''),
      other,
      { 'content-type': 'application/json' },
      { ...other, 'x-hub-signature-256': '' },
      { ...other, 'x-hub-signature-256': 'sha256=' },
      { ...other, 'x-hub-signature-256': signed(body)['x-hub-signature-256']?.replace('sha256=', 'sha1=') ?? '' },
      { ...other, 'x-hub-signature-256': 'sha256=é' },
    ];
    for (const headers of forged) expect(await receive(post(body, headers))).toEqual({ status: 401, events: 0 });
    expect(await receive(post(Buffer.concat([body, Buffer.from(' ')]), signed(body)))).toEqual({ status: 401, events: 0 });
    expect(await receive(post(body))).toEqual({ status: 200, events: 1 });
  });

  it('that are replayed carry the id that is known already: Meta’s signatures hold no time', async () => {
    const request = post(hello());
    const [first, again] = [await open.channel.receive?.(request), await open.channel.receive?.(request)];
    expect(again?.events[0]?.eventId).toBe(first?.events[0]?.eventId);
  });

  it.each([
    ['larger than any webhook', Buffer.alloc(3 * 1024 * 1024 + 1, 'a'), 413],
    ['broken JSON', Buffer.from('{"object":'), 400],
    ['nothing', Buffer.alloc(0), 400],
    ['no UTF-8', Buffer.from([0xff, 0xfe, 0x00]), 400],
    ['JSON that is no webhook', Buffer.from('[]'), 400],
    ['another product', Buffer.from('{"object":"instagram","entry":[]}'), 200],
    ['nested deep', Buffer.from('['.repeat(500_000) + ']'.repeat(500_000)), 400],
    [
      'an entry nested deep',
      Buffer.from(`{"object":"whatsapp_business_account","entry":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`),
      200,
    ],
  ])('%s', async (_what, body, status) => {
    expect(await receive(post(body))).toEqual({ status, events: 0 });
  });

  it('of another type, or made in another way', async () => {
    const body = hello();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])
      expect(await receive(post(body, { ...signed(body), 'content-type': type }))).toEqual({ status: 415, events: 0 });
    for (const method of ['PUT', 'DELETE', 'HEAD'])
      expect(await receive(post(body, signed(body), method))).toEqual({ status: 405, events: 0 });
  });
});

describe('the webhook', () => {
  it('makes an event of each message of a batch, in order', async () => {
    await open.graph.deliver(SHEENA, textOf(SHEENA, 'uno'), textOf(SHEENA, 'dos'), textOf(SHEENA, 'tres'));
    const contents = open.received.at(-1)?.events.map((event) => ('content' in event ? event.content[0] : null));
    expect(contents).toEqual(['uno', 'dos', 'tres'].map((body) => ({ kind: 'text', text: body })));
  });

  it('tells operators what Meta says of the account, and logs nothing that customers said', async () => {
    await open.graph.post({
      object: 'whatsapp_business_account',
      entry: [{ id: '1', changes: [{ field: 'account_update', value: { event: 'DISABLED_UPDATE' } }] }],
    });
    await open.graph.deliver(SHEENA, textOf(SHEENA, 'algo muy privado'));
    expect(logged.join('')).toContain('field account_update');
    expect(logged.join('')).not.toContain('privado');
  });
});

describe('the 24 hours', () => {
  it('end for everything but templates, until the customer writes again', async () => {
    open.graph.advance(24 * HOUR_MS + 1000);
    await expect(send(text('¿Sigue ahí?'))).rejects.toMatchObject({ kind: 'window-closed', retry: 'never' });
    await send({ kind: 'template', name: 'reply_waiting', language: 'es', parameters: ['T-1'], markdown: 'Tenemos una respuesta.' });
    expect(await open.shown()).toMatchObject([{ text: 'Tenemos una respuesta para su caso T-1.', buttons: ['Leer'] }]);
    const context = { from: PHONE_NUMBER_ID, id: open.graph.state.sent.at(-1)?.id };
    await open.graph.deliver(SHEENA, messageOf(SHEENA, { type: 'button', button: { payload: 'Leer', text: 'Leer' }, context }));
    expect(open.received.at(-1)?.events[0]).toMatchObject({
      content: [{ kind: 'choice', id: 'Leer', label: 'Leer' }],
      quotedMessageId: context.id,
    });
    await send(text('Su panel está listo.'));
    expect((await open.shown()).at(-1)?.text).toBe('Su panel está listo.');
  });

  it.each([
    ['that does not exist', { name: 'no_such', parameters: [] }],
    ['that is not approved', { name: 'winter_sale', parameters: [] }],
    ['with too few parameters', { name: 'reply_waiting', parameters: [] }],
  ])('a template %s is refused for good', async (_what, { name, parameters }) => {
    const template = send({ kind: 'template', name, language: 'es', parameters, markdown: '' });
    await expect(template).rejects.toMatchObject({
      kind: 'payload-refused',
      retry: 'never',
      message: expect.stringMatching(/^messages: 132\d{3} /),
    });
  });
});

describe('statuses', () => {
  it('climb, each an event of its own that names our key', async () => {
    const { platformMessageId } = await send(text('Hola'));
    await open.graph.climb(platformMessageId ?? '', ['sent', 'delivered', 'read']);
    expect(open.received.slice(-3).flatMap(({ events }) => events)).toMatchObject(
      ['sent', 'delivered', 'read'].map((status) => ({
        kind: 'status',
        status,
        platformMessageId,
        key: 'out_1',
        eventId: `${platformMessageId}:${status}`,
      })),
    );
  });

  it('say why a message failed after all', async () => {
    const { platformMessageId } = await send(text('Hola'));
    await open.graph.climb(platformMessageId ?? '', ['failed'], { code: 131026, title: 'Message undeliverable' });
    await open.graph.climb(platformMessageId ?? '', ['failed'], { code: 131042, title: 'Business eligibility payment issue' });
    expect(open.received.slice(-2).flatMap(({ events }) => events)).toMatchObject([
      { status: 'failed', failure: { kind: 'recipient-unreachable', message: '131026 Message undeliverable' } },
      { status: 'failed', failure: { kind: 'credentials-rejected' } },
    ]);
    expect(logged.join('')).toContain('131042 Business eligibility payment issue');
  });

  it('tell what became of a send whose answer was lost', async () => {
    open.graph.failNext({ kind: 'cut', accepted: true });
    await expect(send(text('Hola'))).rejects.toMatchObject({ kind: 'unknown' });
    const wamid = open.graph.state.sent.at(-1)?.id ?? '';
    await open.graph.climb(wamid, ['sent']);
    expect(open.received.at(-1)?.events[0]).toMatchObject({ kind: 'status', platformMessageId: wamid, key: context.key });
  });
});

describe('failures', () => {
  const error = (code: number, status = 400): ScriptedFailure => ({ kind: 'error', status, code, message: `error ${code}` });
  const cases: [number, ChannelErrorKind, number?][] = [
    ...[0, 3, 10, 33, 190, 200, 299, 368, 131005, 131031, 131042, 131045, 133010].map((code): [number, ChannelErrorKind] => [
      code,
      'credentials-rejected',
    ]),
    ...[130472, 130497, 131021, 131026, 131030, 131049, 131050].map((code): [number, ChannelErrorKind] => [code, 'recipient-unreachable']),
    ...[100, 131008, 131009, 131051, 131052, 131053, 132000, 132012, 132069, 135000, 777777].map((code): [number, ChannelErrorKind] => [
      code,
      'payload-refused',
    ]),
    [131047, 'window-closed'],
    [4, 'rate-limited', 60_000],
    [80007, 'rate-limited', 60_000],
    [130429, 'rate-limited', 1000],
    [131048, 'rate-limited', 600_000],
    [131056, 'rate-limited', 6000],
    [133016, 'rate-limited', 0],
    ...[1, 2, 131000, 131016, 131057, 133004].map((code): [number, ChannelErrorKind, number] => [code, 'unavailable', 0]),
  ];

  it('each code as the decision it asks for', async () => {
    for (const [code, kind, afterMs] of cases) {
      open.graph.failNext(error(code, kind === 'unavailable' ? 500 : 400));
      await expect(send(text('Hola'))).rejects.toMatchObject({
        kind,
        retry: afterMs === undefined ? 'never' : { afterMs },
        message: `messages: ${code} error ${code}`,
      });
    }
    expect(await open.shown()).toEqual([]);
  });

  it.each([
    [401, 'credentials-rejected'],
    [404, 'payload-refused'],
    [408, 'unknown'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [502, 'unknown'],
    [503, 'unavailable'],
    [504, 'unknown'],
    [302, 'payload-refused'],
  ])('a gateway’s page with status %d is %s', async (status, kind) => {
    open.graph.failNext({ kind: 'answer', status, text: '<html>Sorry, something went wrong.</html>' });
    await expect(send(text('Hola'))).rejects.toMatchObject({ kind });
  });

  it('waits as long as Retry-After asks where that is longer', async () => {
    open.graph.failNext({ ...error(130429, 429), headers: { 'retry-after': '17' } } as ScriptedFailure);
    await expect(send(text('Hola'))).rejects.toMatchObject({ kind: 'rate-limited', retry: { afterMs: 17_000 } });
  });

  it('a connection that ends early is in doubt, one that was never made is not', async () => {
    open.graph.failNext({ kind: 'cut', accepted: false });
    await expect(send(text('Hola'))).rejects.toMatchObject({ kind: 'unknown' });
    await open.close();
    await expect(send(text('Hola'))).rejects.toMatchObject({ kind: 'unavailable' });
    await start();
  });

  it('a yes that cannot be read is in doubt', async () => {
    open.graph.failNext({ kind: 'answer', status: 200, text: 'OK' });
    await expect(send(text('Hola'))).rejects.toMatchObject({ kind: 'unknown' });
    open.graph.failNext({ kind: 'answer', status: 200, text: '{"messages":[]}' });
    await expect(send(text('Hola'))).rejects.toMatchObject({ kind: 'unknown' });
  });

  it('a number in the place of its id is a mistake of the operator’s', async () => {
    const settings = { ...whatsappSettings(open.graph), phoneNumberId: '+1 555 078 3881' };
    expect(() => createWhatsAppChannel(settings, createLogger({ level: 'silent' }))).toThrow(ConfigurationError);
  });
});

describe('recipients', () => {
  it('are numbers, hidden numbers, and groups, where answers quote', async () => {
    await send(text('Hola'));
    expect(lastSent()).toMatchObject({ recipient_type: 'individual', to: SHEENA.waId });
    expect(lastSent()).not.toHaveProperty('context');
    for (const threadKey of ['US.13491208655302741918', 'Y2FwaV9ncm91cDox']) open.graph.state.lastWrote.set(threadKey, Date.now());
    await send(text('Hola'), { ...open.to, threadKey: 'US.13491208655302741918' });
    expect(lastSent()).toMatchObject({ recipient_type: 'individual', recipient: 'US.13491208655302741918' });
    await send(text('Hola'), { ...open.to, threadKey: 'Y2FwaV9ncm91cDox', scope: 'group' });
    expect(lastSent()).toMatchObject({ recipient_type: 'group', to: 'Y2FwaV9ncm91cDox', context: { message_id: 'wamid.theirs' } });
  });
});

describe('typing and read marks', () => {
  const marks = () => open.graph.calls(`${PHONE_NUMBER_ID}/messages`).map(({ body }) => body);

  it('name the customer’s last message', async () => {
    const event = await open.say('¿Hay panel?');
    const messageId = 'platformMessageId' in event ? event.platformMessageId : '';
    await open.channel.showTyping?.(open.to, { kind: 'started' });
    await open.channel.markRead?.(open.to, messageId);
    const read = { messaging_product: 'whatsapp', status: 'read', message_id: messageId };
    expect(marks()).toEqual([{ ...read, typing_indicator: { type: 'text' } }, read]);
  });

  it('are not made where that is not known', async () => {
    await open.channel.showTyping?.({ ...open.to, threadKey: '5491155551234' }, { kind: 'started' });
    expect(marks()).toEqual([]);
  });
});
