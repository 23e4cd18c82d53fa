/**
 * One person on WhatsApp and on Telegram, with the whole service between the two emulators: a reply for which WhatsApp's 24 hours are over goes out on
 * Telegram, once, where the two are linked; and nowhere else where they are not.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageUpdate, TOKEN as TELEGRAM_TOKEN, WEBHOOK_SECRET } from '../../fakes/telegram/customer.js';
import { startTelegramEmulator, type TelegramEmulator } from '../../fakes/telegram/process.js';
import {
  APP_SECRET,
  PHONE_NUMBER_ID,
  textOf,
  TOKEN as WHATSAPP_TOKEN,
  VERIFY_TOKEN,
  type Customer,
} from '../../fakes/whatsapp/customer.js';
import { startGraphApi, type GraphApi } from '../../fakes/whatsapp/graph-api.js';
import { startRunningService, type RunningService } from '../../fakes/running-service.js';

const QUESTION = '¿Cuál es el plazo para devolver un panel?';
const OPENING = 'Nos preguntaste por WhatsApp, donde ya no podemos contestarte. Esta es la respuesta:';

let graph: GraphApi;
let telegram: TelegramEmulator;
let service: RunningService;
const started: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  graph = await startGraphApi();
  started.push(() => graph.close());
  telegram = await startTelegramEmulator();
  started.push(() => telegram.stop());
  service = await startRunningService({
    WHATSAPP_TOKEN,
    WHATSAPP_PHONE_NUMBER_ID: PHONE_NUMBER_ID,
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
    WHATSAPP_TEMPLATES: 'reply_waiting:en_US',
    WHATSAPP_API_ROOT: graph.url,
    TELEGRAM_BOT_TOKEN: TELEGRAM_TOKEN,
    TELEGRAM_WEBHOOK_SECRET: WEBHOOK_SECRET,
    TELEGRAM_API_ROOT: telegram.url,
  });
  started.push(() => service.stop());
  await graph.setWebhook(`${service.url}/webhooks/whatsapp`);
  await fetch(`${telegram.url}/bot${TELEGRAM_TOKEN}/setWebhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url: `${service.url}/webhooks/telegram`, secret_token: WEBHOOK_SECRET }),
  });
}, 120_000);
afterAll(async () => {
  for (const stop of started.reverse()) await stop();
});

const CHAT = 7;
let messages = 0;
const sayOnTelegram = (text: string) => telegram.deliver(TELEGRAM_TOKEN, messageUpdate((messages += 1), CHAT, text));
const onTelegram = async () => (await telegram.shown()).map(({ text }) => text);
const onWhatsApp = ({ waId }: Customer) => graph.shown(waId).map(({ text }) => text);

async function until<Value>(look: () => Value | Promise<Value>, enough: (value: Value) => boolean): Promise<Value> {
  for (const deadline = Date.now() + 60_000; ; await sleep(20)) {
    const value = await look();
    if (enough(value) || Date.now() > deadline) return value;
  }
}
const waiting = async () =>
  (await service.call('GET', '/api/deliveries?state=waiting,dead,pending', { headers: { 'X-API-Key': service.adminKey } })).text;
const windowIsOver = () => graph.failNext({ kind: 'error', status: 400, code: 131047, message: 'Re-engagement message' });

describe('a reply for which WhatsApp’s time is over', () => {
  const ana: Customer = { waId: '16505550001', name: 'Ana' };

  it('goes out on Telegram, saying where it was asked, once, where the person has linked the two', async () => {
    await sayOnTelegram('/vincular');
    const [offer = ''] = await until(onTelegram, (shown) => shown.length === 1);
    const code = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(offer)?.[0] ?? '';
    await graph.deliver(ana, textOf(ana, `/vincular ${code}`));
    expect(
      (
        await until(
          () => onWhatsApp(ana),
          (shown) => shown.length === 1,
        )
      )[0],
    ).toContain('telegram');

    windowIsOver();
    await graph.deliver(ana, textOf(ana, QUESTION));
    const shown = await until(onTelegram, (texts) => texts.length >= 2);
    expect(shown[1]?.startsWith(OPENING)).toBe(true);
    expect(shown[1]).toMatch(/devol/i);
    // No template, nothing that waits, nothing for people to look at.
    expect(onWhatsApp(ana)).toHaveLength(1);
    expect(await until(waiting, (text) => text === '[]')).toBe('[]');

    // Writing again brings an answer to that, and not the kept one once more.
    await graph.deliver(ana, textOf(ana, 'gracias'));
    await until(
      () => onWhatsApp(ana),
      (texts) => texts.length >= 2,
    );
    expect([...onWhatsApp(ana), ...(await onTelegram())].filter((text) => /devolver|devoluci/i.test(text))).toHaveLength(1);
  }, 60_000);

  it('waits for the customer, whom a template asks, where there is no other channel', async () => {
    const other: Customer = { waId: '16505550002', name: 'Eva' };
    const before = (await onTelegram()).length;
    windowIsOver();
    await graph.deliver(other, textOf(other, QUESTION));
    expect(
      await until(
        () => onWhatsApp(other),
        (texts) => texts.length >= 1,
      ),
    ).toEqual(['We have an answer for you. Tap to read it.']);
    expect(await onTelegram()).toHaveLength(before);
  }, 60_000);

  it('does so again where the link was undone', async () => {
    await sayOnTelegram('/desvincular');
    await until(onTelegram, (shown) => /vinculada/.test(shown.at(-1) ?? ''));
    const before = await onTelegram();
    windowIsOver();
    await graph.deliver(ana, textOf(ana, QUESTION));
    await until(
      () => onWhatsApp(ana),
      (texts) => texts.some((text) => text.startsWith('We have an answer')),
    );
    expect(onWhatsApp(ana).at(-1)).toBe('We have an answer for you. Tap to read it.');
    expect(await onTelegram()).toEqual(before);
  }, 60_000);
});
