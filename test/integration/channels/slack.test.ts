/** What is Slack's own, against the emulator: signatures, answers, homes, threads, uploads, sends in doubt, and what the doctor is told. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { verifySlackRequest } from '@slack/bolt';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SlackSettings } from '../../../channels/slack/config.js';
import { createSlackChannel } from '../../../channels/slack/index.js';
import { isFromSlack } from '../../../channels/slack/verify.js';
import type { Channel, ChannelRequest, Recipient, SendContext } from '../../../src/domain/channel.js';
import type { OutboundContent } from '../../../src/domain/content.js';
import { ChannelError, type ChannelErrorKind } from '../../../src/domain/errors.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { startSlackEmulator, type ScriptedFailure, type SlackEmulator } from '../../fakes/slack/emulator.js';
import { uploadAsCustomer } from '../../fakes/slack/harness.js';
import { recorded, requestOf } from '../../fakes/slack/recorded.js';
import {
  APP_TOKEN,
  BOT_TOKEN,
  CUSTOMER,
  directMessage,
  eventEnvelope,
  SIGNING_SECRET,
  signedRequest,
} from '../../fakes/slack/workspace.js';

const to: Recipient = { conversationId: 'conv_1', threadKey: CUSTOMER, userId: CUSTOMER };
const context = (key = 'out_1'): SendContext => ({ key, messageId: 'msg_1', replyTo: null, part: 0, last: true, answer: null });
const text = (markdown: string): OutboundContent => ({ kind: 'text', markdown });
const ourFile = { id: 'att_1', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 8 };

let slack: SlackEmulator;
let logged: string[] = [];
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  logged = [];
  slack = await startSlackEmulator();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await slack.close();
  expect(logged.join('')).not.toMatch(/xoxb-|xapp-|secret-ticket|hola/);
});

function createChannel(settings: Partial<SlackSettings> = {}): Channel {
  const logger = createLogger({ level: 'trace', write: (line) => logged.push(line) });
  const loadFile = () => Promise.resolve({ bytes: Buffer.from('%PDF-1.7'), contentType: 'application/pdf' });
  const usual = { botToken: BOT_TOKEN, apiUrl: slack.apiUrl, signingSecret: SIGNING_SECRET, appToken: null, loadFile };
  return createSlackChannel({ ...usual, ...settings }, logger);
}

/** Waits until it is so; jest's own time limit ends it where it never is. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const failureOf = async (call: Promise<unknown> | undefined): Promise<ChannelError> => {
  const thrown: unknown = await call?.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ChannelError);
  return thrown as ChannelError;
};

describe('webhooks', () => {
  const body = Buffer.from(JSON.stringify(eventEnvelope(directMessage('D024BE91L', '1763740800.000100', 'hola'))));
  const minutes = (count: number) => Date.now() + count * 60_000;
  const request = (change: Partial<ChannelRequest> = {}) => ({ ...signedRequest('/events', body), ...change });
  const withHeaders = (headers: Record<string, string>) => ({ ...request(), headers: { ...request().headers, ...headers } });

  it.each([
    ['as it is', signedRequest('/events', body), 200],
    ['signed with another secret', signedRequest('/events', body, { secret: 'other' }), 401],
    ['without a signature', request({ headers: { 'content-type': 'application/json' } }), 401],
    ['with a signature of another version', withHeaders({ 'x-slack-signature': 'v1=00' }), 401],
    ['with another body than was signed', request({ body: Buffer.from(`${body.toString()} `) }), 401],
    ['six minutes old', signedRequest('/events', body, { atMs: minutes(-6) }), 401],
    ['six minutes ahead', signedRequest('/events', body, { atMs: minutes(6) }), 401],
    ['with a time that is no number', withHeaders({ 'x-slack-request-timestamp': '1e9' }), 401],
    ['a retry', withHeaders({ 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' }), 200],
    ['to another path', request({ url: '/other' }), 404],
    ['to a path of every object', request({ url: '/constructor' }), 404],
    ['fetched', request({ method: 'GET' }), 405],
    ['as a form', withHeaders({ 'content-type': 'application/x-www-form-urlencoded' }), 415],
    ['with a charset', withHeaders({ 'content-type': 'application/json; charset=utf-8' }), 200],
    ['JSON where a form is due', { ...signedRequest('/interactions', body), headers: request().headers }, 415],
    ['a form without its payload', signedRequest('/interactions', Buffer.from('a=1')), 400],
    ['a command without its fields', signedRequest('/commands', Buffer.from('command=%2Fparley')), 400],
    ['broken JSON', signedRequest('/events', Buffer.from('{"type":')), 400],
    ['bytes that are no text', signedRequest('/events', Buffer.from([255, 254, 0])), 400],
    ['nothing', signedRequest('/events', Buffer.alloc(0)), 400],
    ['more than anything Slack sends', signedRequest('/events', Buffer.alloc(1024 * 1024 + 1, 32)), 413],
  ])('%s', async (_what, given, status) => {
    const received = await createChannel().receive?.(given);
    expect(received?.reply.status).toBe(status);
    expect(received?.events).toHaveLength(status === 200 ? 1 : 0);
  });

  it('are verified as bolt does it', () => {
    for (const [given, secret] of [
      [signedRequest('/events', body), SIGNING_SECRET],
      [signedRequest('/events', body), 'other'],
      [signedRequest('/events', body, { atMs: minutes(-6) }), SIGNING_SECRET],
    ] as const) {
      const bolts = () =>
        verifySlackRequest({
          signingSecret: secret,
          body: given.body.toString(),
          headers: {
            'x-slack-signature': given.headers['x-slack-signature'] ?? '',
            'x-slack-request-timestamp': Number(given.headers['x-slack-request-timestamp']),
          },
        });
      if (isFromSlack(given, secret, Date.now())) expect(bolts).not.toThrow();
      else expect(bolts).toThrow();
    }
  });

  it('answer the challenge, and a command at once to who gave it', async () => {
    const channel = createChannel();
    const challenge = await channel.receive?.(requestOf(recorded('url-verification')));
    expect(challenge?.reply).toMatchObject({ status: 200, body: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P' });
    const command = await channel.receive?.(requestOf(recorded('command')));
    expect(JSON.parse(command?.reply.body ?? '')).toMatchObject({ response_type: 'ephemeral' });
    expect(slack.calls()).toEqual([]);
  });

  it('show the home of who opens it, once the channel was started', async () => {
    const channel = createChannel();
    const opened = requestOf({
      path: '/events',
      payload: eventEnvelope({ type: 'app_home_opened', user: CUSTOMER, tab: 'home', channel: 'D1' }),
    });
    expect(await channel.receive?.(opened)).toMatchObject({ reply: { status: 200 }, events: [], ignored: [{ reason: 'home opened' }] });
    expect(slack.calls('views.publish')).toEqual([]);
    const stop = await channel.start?.(
      (event) => Promise.resolve({ inboxId: event.eventId, duplicate: false }),
      () => Promise.resolve(),
    );
    stops.push(stop ?? (() => Promise.resolve()));
    await channel.receive?.(opened);
    await until(() => slack.calls('views.publish').length > 0);
    expect(slack.calls('views.publish')[0]?.fields).toMatchObject({ user_id: CUSTOMER, view: { type: 'home' } });
  });
});

describe('sending', () => {
  it('goes to the person, to their thread, and to the thread of a channel', async () => {
    const channel = createChannel();
    await channel.send(to, text('hola'), context());
    await channel.send({ ...to, threadKey: `${CUSTOMER}:1763740800.000100` }, text('hola'), context());
    await channel.send({ ...to, threadKey: 'C000000001:1763740800.000300' }, text('hola'), context());
    const places = slack.calls('chat.postMessage').map(({ fields }) => [fields['channel'], fields['thread_ts']]);
    expect(places).toEqual([
      [slack.directChannel, undefined],
      [slack.directChannel, '1763740800.000100'],
      ['C000000001', '1763740800.000300'],
    ]);
    expect(slack.calls('conversations.open')).toHaveLength(1);
  });

  it('shows a card with a picture of ours in one message', async () => {
    const card = { kind: 'card', title: 'Panel', markdown: 'PIR', image: ourFile, facts: [], link: null, choices: [] } as const;
    await createChannel().send(to, card, context());
    const [sent] = slack.calls('chat.postMessage');
    expect(sent?.fields['blocks']).toMatchObject([
      { type: 'image', slack_file: { id: expect.any(String) } },
      { type: 'header' },
      { type: 'section' },
    ]);
  });

  it('takes 👍 on what has one already as done, and refuses what is no reaction', async () => {
    const channel = createChannel();
    const { platformMessageId } = await channel.send(to, text('hola'), context());
    await channel.react?.(to, platformMessageId ?? '', '👍');
    await channel.react?.(to, platformMessageId ?? '', '👍🏽');
    expect((await failureOf(channel.react?.(to, platformMessageId ?? '', '🦖'))).kind).toBe('payload-refused');
    expect((await failureOf(channel.react?.(to, 'command:1.2', '👍'))).kind).toBe('payload-refused');
  });
});

describe('failures', () => {
  const error = (name: string, more: object = {}) =>
    ({ method: 'chat.postMessage', kind: 'error', error: name, ...more }) as ScriptedFailure;
  const status = (code: number, headers = {}) => ({ method: 'chat.postMessage', kind: 'status', status: code, headers }) as ScriptedFailure;
  it.each<[string, ScriptedFailure, ChannelErrorKind, number | 'never']>([
    ['429', status(429, { 'retry-after': '7' }), 'rate-limited', 7000],
    ['429 that does not say how long', status(429), 'rate-limited', 1000],
    ['ratelimited', error('ratelimited', { headers: { 'retry-after': '2' } }), 'rate-limited', 2000],
    ['channel_not_found', error('channel_not_found'), 'recipient-unreachable', 'never'],
    ['not_in_channel', error('not_in_channel'), 'recipient-unreachable', 'never'],
    ['user_disabled', error('user_disabled'), 'recipient-unreachable', 'never'],
    ['restricted_action_read_only_channel', error('restricted_action_read_only_channel'), 'recipient-unreachable', 'never'],
    ['invalid_auth', error('invalid_auth'), 'credentials-rejected', 'never'],
    ['account_inactive', error('account_inactive'), 'credentials-rejected', 'never'],
    ['missing_scope', error('missing_scope'), 'credentials-rejected', 'never'],
    ['msg_too_long', error('msg_too_long'), 'payload-refused', 'never'],
    ['an error of the future', error('toString'), 'payload-refused', 'never'],
    ['service_unavailable', error('service_unavailable'), 'unavailable', 0],
    ['503', status(503), 'unavailable', 0],
    ['500', status(500), 'unknown', 0],
    ['fatal_error', error('fatal_error'), 'unknown', 0],
    ['a cut', { method: 'chat.postMessage', kind: 'cut' }, 'unknown', 0],
    ['a cut before anything was sent', { method: 'conversations.open', kind: 'cut' }, 'unavailable', 0],
  ])('%s', async (_what, failure, kind, afterMs) => {
    slack.fail(failure);
    const thrown = await failureOf(createChannel().send(to, text('hola'), context()));
    expect([thrown.kind, thrown.retry === 'never' ? 'never' : thrown.retry.afterMs]).toEqual([kind, afterMs]);
    expect(thrown.message).not.toMatch(/xoxb|hola/);
  });

  it('a file that cannot be uploaded was not sent', async () => {
    for (const method of ['files.getUploadURLExternal', 'files.completeUploadExternal']) {
      slack.fail({ method, kind: 'cut' });
      const thrown = await failureOf(createChannel().send(to, { kind: 'file', file: ourFile, caption: '' }, context()));
      expect(thrown.kind).toBe(method === 'files.getUploadURLExternal' ? 'unavailable' : 'unknown');
    }
  });

  it('nobody listening is not the same as no answer', async () => {
    const channel = createChannel({ apiUrl: 'http://127.0.0.1:9/api/' });
    expect((await failureOf(channel.send(to, text('hola'), context()))).kind).toBe('unavailable');
  });
});

describe('a send in doubt', () => {
  const threadOf = async () => {
    const { ts } = await slack.call('chat.postMessage', { channel: 'C000000001', text: 'hola' });
    return { ...to, threadKey: `C000000001:${String(ts)}` };
  };

  it.each(['in private', 'in a thread'])('%s is found where it got through, and only then', async (place) => {
    const channel = createChannel();
    const at = place === 'in private' ? to : await threadOf();
    await channel.send(at, text('otra'), context('out_0'));
    slack.fail({ method: 'chat.postMessage', kind: 'cut', done: true });
    expect((await failureOf(channel.send(at, text('hola'), context('out_1')))).kind).toBe('unknown');
    slack.fail({ method: 'chat.postMessage', kind: 'cut' });
    expect((await failureOf(channel.send(at, text('hola'), context('out_2')))).kind).toBe('unknown');
    expect(await channel.findSent?.(at, 'out_1')).toEqual({ platformMessageId: expect.stringMatching(/^[CD]\w+:\d+\.\d+$/) });
    expect(await channel.findSent?.(at, 'out_2')).toBeNull();
  });

  it.each(['El plano', ''])('of a file, with the text %j, is found too', async (caption) => {
    const channel = createChannel();
    slack.fail({ method: 'files.completeUploadExternal', kind: 'cut', done: true });
    await failureOf(channel.send(to, { kind: 'file', file: ourFile, caption }, context('out_1')));
    expect(await channel.findSent?.(to, 'out_1')).toEqual({ platformMessageId: expect.any(String) });
    expect(await channel.findSent?.(to, 'out_2')).toBeNull();
  });

  it('of which Slack cannot tell is asked again later', async () => {
    slack.fail({ method: 'conversations.history', kind: 'error', error: 'ratelimited', status: 429, headers: { 'retry-after': '60' } });
    expect((await failureOf(createChannel().findSent?.(to, 'out_1'))).retry).toEqual({ afterMs: 60_000 });
  });
});

describe('media', () => {
  it('goes with the token to the hosts of files only', async () => {
    const elsewhere: string[] = [];
    const thief = createServer((request, response) => {
      elsewhere.push(String(request.headers.authorization));
      response.end();
    });
    await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/x`;
    const id = await uploadAsCustomer(slack, 'foto.png', Buffer.from('x'));
    slack.pretendFile({ url_private: address, url_private_download: address });
    expect((await failureOf(createChannel().fetchMedia?.({ id, filename: null, contentType: null, sizeBytes: null }))).kind).toBe(
      'payload-refused',
    );
    thief.close();
    expect(elsewhere).toEqual([]);
  });

  it('that is not there is refused', async () => {
    const file = { id: 'F0NOSUCH', filename: null, contentType: null, sizeBytes: null };
    expect((await failureOf(createChannel().fetchMedia?.(file))).kind).toBe('payload-refused');
  });
});

describe('the doctor', () => {
  const findings = async (channel: Channel, publicUrl: string | null = null) =>
    Object.fromEntries((await channel.diagnose(publicUrl)).map((finding) => [finding.check, finding]));

  it('hears of a token that works, its scopes, and of what is missing', async () => {
    expect(await findings(createChannel())).toMatchObject({
      token: { state: 'ok', detail: 'parley in Emulate' },
      permissions: { state: 'ok' },
      events: { state: 'unknown', remedy: expect.stringContaining('SLACK_APP_TOKEN') },
    });
    slack.setScopes(['chat:write']);
    const { permissions } = await findings(createChannel());
    expect(permissions).toMatchObject({
      state: 'wrong',
      detail: expect.stringContaining('files:read'),
      remedy: expect.stringContaining('manifest'),
    });
    const revoked = await findings(createChannel({ botToken: 'xoxb-revoked' }));
    expect(revoked['token']).toMatchObject({ state: 'wrong', remedy: expect.stringContaining('SLACK_BOT_TOKEN') });
  });

  it('hears whether sockets open', async () => {
    expect((await findings(createChannel({ appToken: APP_TOKEN })))['events']).toMatchObject({ state: 'ok' });
    expect((await findings(createChannel({ appToken: 'xapp-revoked' })))['events']).toMatchObject({ state: 'wrong' });
  });

  it('hears whether the address answers with the same secret', async () => {
    const service = createChannel();
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
        void service
          .receive?.({ method: 'POST', url: '/events', headers, body: Buffer.concat(chunks) })
          .then(({ reply }) => response.writeHead(reply.status, reply.headers).end(reply.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await findings(createChannel(), publicUrl))['events']).toMatchObject({ state: 'ok' });
    expect((await findings(createChannel({ signingSecret: 'other' }), publicUrl))['events']).toMatchObject({
      state: 'wrong',
      remedy: expect.stringContaining('SLACK_SIGNING_SECRET'),
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect((await findings(createChannel(), publicUrl))['events']).toMatchObject({ state: 'wrong' });
  });
});
