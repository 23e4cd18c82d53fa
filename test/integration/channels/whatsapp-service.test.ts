/** A conversation on WhatsApp with the whole service: Meta's webhook in, through inbox, pipeline and outbox, and out to the emulated Graph API. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  APP_SECRET,
  DISPLAY_PHONE_NUMBER,
  messageOf,
  messagesWebhook,
  PHONE_NUMBER_ID,
  signed,
  textOf,
  TOKEN,
  VERIFY_TOKEN,
  type Customer,
} from '../../fakes/whatsapp/customer.js';
import { startGraphApi, type GraphApi } from '../../fakes/whatsapp/graph-api.js';
import { startRunningService, type RunningService } from '../../fakes/running-service.js';

let graph: GraphApi;
let service: RunningService;
/** What was started; where the start fails half way, only that is to be stopped. */
const started: (() => Promise<unknown>)[] = [];
let webhook: string;
beforeAll(async () => {
  graph = await startGraphApi({ ladder: ['sent', 'delivered', 'read'] });
  started.push(() => graph.close());
  service = await startRunningService({
    WHATSAPP_TOKEN: TOKEN,
    WHATSAPP_PHONE_NUMBER_ID: PHONE_NUMBER_ID,
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
    WHATSAPP_TEMPLATES: 'reply_waiting:en_US',
    WHATSAPP_API_ROOT: graph.url,
  });
  started.push(() => service.stop());
  webhook = `${service.url}/webhooks/whatsapp`;
  await graph.setWebhook(webhook);
}, 120_000);
afterAll(async () => {
  for (const stop of started.reverse()) await stop();
});

let customers = 0;
let customer: Customer;
beforeEach(() => {
  customers += 1;
  customer = { waId: `1650555${1000 + customers}`, name: 'Ana' };
});

/** What the customer has been shown, once that is at least so much. */
async function shown(count: number): Promise<readonly string[]> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(20)) {
    if (graph.shown(customer.waId).length >= count) break;
  }
  return graph.shown(customer.waId).map(({ text }) => text);
}

describe('a conversation on WhatsApp', () => {
  it('is answered once, however often Meta sends the webhook', async () => {
    const body = messagesWebhook(customer, textOf(customer, '¿Cuál es el plazo para devolver un panel?'));
    graph.state.lastWrote.set(customer.waId, Date.now());
    expect(await graph.post(body)).toBe(200);
    const [answer] = await shown(1);
    expect(answer).toMatch(/devol/i);
    const before = graph.shown(customer.waId).length;
    for (let time = 0; time < 3; time += 1) expect(await graph.post(body)).toBe(200);
    await graph.deliver(customer, textOf(customer, 'gracias'));
    expect((await shown(before + 1)).filter((text) => text === answer)).toHaveLength(1);
    const { body: ready } = await service.call('GET', '/health/ready');
    expect(ready['services']).toMatchObject({ 'channels.whatsapp': 'healthy' });
  });

  it('asks by a template, where Meta says that the 24 hours are over, and keeps the answer until the customer taps it', async () => {
    graph.failNext({ kind: 'error', status: 400, code: 131047, message: 'Re-engagement message' });
    await graph.deliver(customer, textOf(customer, '¿Cuál es el plazo para devolver un panel?'));
    expect(await shown(1)).toEqual(['We have an answer for you. Tap to read it.']);
    const headers = { 'X-API-Key': service.adminKey };
    const { body: kept } = await service.call('GET', '/api/deliveries?state=waiting', { headers });
    expect(JSON.stringify(kept)).toContain('window-closed');

    // The tap opens the window: the answer comes, and nothing else.
    const context = { from: DISPLAY_PHONE_NUMBER, id: 'wamid.of-the-template' };
    await graph.deliver(customer, messageOf(customer, { type: 'button', button: { payload: 'Read it', text: 'Read it' }, context }));
    expect((await shown(2))[1]).toMatch(/devol/i);
    await graph.deliver(customer, textOf(customer, 'gracias'));
    expect((await shown(3)).filter((text) => /devol/i.test(text))).toHaveLength(1);
  });

  it('sends nothing twice where an answer of Meta’s was lost: the status of the message tells', async () => {
    graph.failNext({ kind: 'cut', accepted: true });
    await graph.deliver(customer, textOf(customer, '¿Qué horario tienen?'));
    await shown(1);
    const pending = async () =>
      (await service.call('GET', '/api/deliveries?state=pending', { headers: { 'X-API-Key': service.adminKey } })).text;
    for (const deadline = Date.now() + 60_000; Date.now() < deadline && (await pending()) !== '[]'; await sleep(100));
    expect(await pending()).toBe('[]');
    expect(graph.shown(customer.waId)).toHaveLength(1);
  });

  it('lets nobody in who is not Meta', async () => {
    const body = Buffer.from(JSON.stringify(messagesWebhook(customer, textOf(customer, 'hola'))));
    const post = (bytes: Buffer, headers: Record<string, string>) => service.call('POST', '/webhooks/whatsapp', { body: bytes, headers });
    expect((await post(body, signed(body, 'guessed'))).status).toBe(401);
    expect((await post(body, { 'content-type': 'application/json' })).status).toBe(401);
    const huge = Buffer.alloc(5 * 1024 * 1024, 'a');
    expect((await post(huge, signed(huge))).status).toBe(413);
    expect((await service.call('GET', '/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=guessed&hub.challenge=1')).status).toBe(403);
    expect(graph.shown(customer.waId)).toEqual([]);
    expect(service.log.join('')).not.toMatch(new RegExp(`${TOKEN}|${APP_SECRET}|${VERIFY_TOKEN}`));
  });
});
