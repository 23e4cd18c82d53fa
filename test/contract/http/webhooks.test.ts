/** CONTRACT.md, "Webhooks", with a channel that records what it was given. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Channel, ChannelRequest } from '../../../src/domain/channel.js';
import { inboxIdOf } from '../../../src/domain/ids.js';
import { capabilities } from '../../../channels/web/capabilities.js';
import { unknownPayloadsExtension } from '../../../src/http/routes/unknown-payloads.js';
import type { HttpServices } from '../../../src/http/services.js';
import { createIgnoredEvents } from '../../../src/ignored-events.js';
import { createUnknownPayloadStore } from '../../../src/storage/unknown-payload-store.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';
import { inboundMessage } from '../../fixtures/turns.js';
import { closeTestServices, startTestService, type TestService } from './service.js';

const received: { account: string; request: ChannelRequest }[] = [];

const silent = { logger: createLogger({ level: 'silent' }), metrics: createMetrics() };
const UNKNOWN = { eventId: null, reason: 'event of kind hologram', unknown: '{"hologram":"hola"}' };

function recording(name: string, account: string): Channel {
  return {
    name,
    account,
    capabilities: { ...capabilities, typing: null },
    receive: async (request) => {
      received.push({ account, request });
      if (request.headers['x-secret'] !== 'right') return { reply: { status: 401, body: 'no' }, events: [], ignored: [] };
      const ids = request.body.toString('utf8').split(',').filter(Boolean);
      return {
        reply: { status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'taken' },
        events: ids.map((eventId) => inboundMessage({ channel: name, account, eventId, content: [{ kind: 'text', text: eventId }] })),
        ignored: [{ eventId: null, reason: 'a bot wrote it' }, ...(ids.includes('hologram') ? [UNKNOWN] : [])],
      };
    },
    send: async () => ({ platformMessageId: null }),
    checkHealth: async () => undefined,
    diagnose: async () => [],
  };
}
const channels = [recording('telegram', '4242'), recording('slack', 'one'), recording('slack', 'two')];
const right = { 'X-Secret': 'right', 'Content-Type': 'application/json' };

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ channels, config: { rateLimits: { default: 3, process: 1 } } });
});
afterAll(closeTestServices);

describe('/webhooks', () => {
  it('gives the channel the raw bytes, lower-case headers, method and the rest of the path', async () => {
    const body = Buffer.from([0, 255, 123, 34]);
    await service.call('POST', '/webhooks/telegram?x=1&y=%20', {
      body,
      headers: { 'X-Secret': 'wrong', 'Content-Type': 'application/json' },
    });
    const { request } = received.at(-1) ?? { request: null };
    expect(request).toMatchObject({
      method: 'POST',
      url: '/?x=1&y=%20',
      headers: { 'x-secret': 'wrong', 'content-type': 'application/json' },
    });
    expect(request?.body).toEqual(body);
  });

  it('answers as the channel says, for GET handshakes too', async () => {
    expect(await service.call('POST', '/webhooks/telegram', { headers: { 'X-Secret': 'wrong' } })).toMatchObject({
      status: 401,
      text: 'no',
    });
    expect(await service.call('GET', '/webhooks/telegram?hub.challenge=1', { headers: right })).toMatchObject({
      status: 200,
      text: 'taken',
    });
  });

  it('finds the account in the path', async () => {
    await service.call('POST', '/webhooks/telegram/4242', { headers: right });
    expect(received.at(-1)).toMatchObject({ account: '4242', request: { url: '/' } });
    await service.call('POST', '/webhooks/slack/two/events', { headers: right });
    expect(received.at(-1)).toMatchObject({ account: 'two', request: { url: '/events' } });
  });

  it('an unknown channel, one without webhook, or an account that is not clear: 404', async () => {
    for (const path of ['fax', 'web', 'slack', 'slack/three', 'constructor', '__proto__', '']) {
      expect((await service.call('POST', `/webhooks/${path}`, { headers: right })).status).toBe(404);
    }
  });

  it('stores every event of a batch before it answers, in order, each once', async () => {
    const body = 'b1,b2,b3';
    for (let time = 0; time < 3; time += 1) {
      expect((await service.call('POST', '/webhooks/telegram', { body, headers: right })).text).toBe('taken');
      const stored = await service.database.models.inbox.collection.find({ 'event.eventId': /^b\d$/ }).sort({ order: 1 }).toArray();
      expect(stored.map((document) => (document['event'] as { eventId: string }).eventId)).toEqual(['b1', 'b2', 'b3']);
    }
  });

  it('503 when storing fails, even of one event in a batch, and the platform sends it again', async () => {
    let failures = 1;
    const emit = async (event: Parameters<typeof inboxIdOf>[0]) => {
      if (event.eventId === 'second' && failures-- > 0) throw new Error('disk full');
      return { inboxId: inboxIdOf(event), duplicate: false };
    };
    const failing = await startTestService({ channels, services: { emit }, database: service.database });
    const post = () => failing.call('POST', '/webhooks/telegram', { body: 'first,second', headers: right });
    const refused = await post();
    expect(refused).toMatchObject({ status: 503, body: { error: 'ServiceUnavailableError' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await post()).status).toBe(200);
    await failing.close();
  });

  it('is not limited by address', async () => {
    for (let count = 0; count < 10; count += 1) {
      const { status, headers } = await service.call('POST', '/webhooks/telegram', { headers: right });
      expect({ status, limit: headers.get('ratelimit-limit') }).toEqual({ status: 200, limit: null });
    }
  });

  it('counts and logs what is ignored, with the reason', async () => {
    expect((await service.call('GET', '/metrics')).text).toMatch(/parley_events_received_total\{channel="telegram",result="ignored"\} \d+/);
    expect(service.log.some((line) => line.includes('a bot wrote it'))).toBe(true);
  });

  it('keeps what nobody understood, or answers 503 so that it comes again', async () => {
    let away = true;
    const ignore: HttpServices['ignore'] = async (channel, event) => {
      if (away && event.unknown !== undefined) throw new Error('the database is away');
      await createIgnoredEvents({ store: createUnknownPayloadStore(service.database.models), ...silent })(channel, event);
    };
    const keeping = await startTestService({ channels, services: { ignore }, database: service.database });
    const post = async () => (await keeping.call('POST', '/webhooks/telegram', { body: 'hologram', headers: right })).status;
    expect(await post()).toBe(503);
    away = false;
    expect(await post()).toBe(200);
    const kept = await service.database.db.collection('unknown_payloads').find({}).toArray();
    expect(kept).toMatchObject([{ channel: 'telegram', account: '4242', reason: UNKNOWN.reason, payload: UNKNOWN.unknown, times: 1 }]);
    await keeping.close();
  });

  it('shows it to operators with a key of scope deliveries, what was sent only when asked for', async () => {
    const store = createUnknownPayloadStore(service.database.models);
    await store.keep({ channel: 'slack', account: 'one', reason: 'event of kind y', payload: '{"y":1}' });
    const shown = await startTestService({ services: { extensions: [unknownPayloadsExtension(store)] }, database: service.database });
    const get = async (query: string, scope: 'deliveries' | 'analytics') =>
      shown.call('GET', `/api/unknown-payloads?limit=1${query}`, { headers: { 'X-API-Key': await shown.key(scope) } });
    const listed = { id: expect.stringMatching(/^unk_/), channel: 'slack', reason: 'event of kind y', times: 1 };
    expect(await get('', 'deliveries')).toMatchObject({ status: 200, body: [{ ...listed, payload: null }] });
    expect(await get('&payload=1', 'deliveries')).toMatchObject({ body: [{ ...listed, payload: '{"y":1}' }] });
    expect((await get('', 'analytics')).status).toBe(403);
    await shown.close();
  });

  it('a body over 4 MB: 413', async () => {
    expect((await service.call('POST', '/webhooks/telegram', { body: Buffer.alloc(4 * 1024 * 1024 + 1), headers: right })).status).toBe(
      413,
    );
  });
});
