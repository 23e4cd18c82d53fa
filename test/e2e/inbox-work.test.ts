/** What agents do in the web inbox beside answering, in a real browser on the real service: give cases on and back, send files, mend what failed, look up why. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { collectErrors, DESKTOP, faintTexts, hasChromium, namelessControls, PHONE, sidewaysScroll } from '../fakes/browser.js';
import { say, START_TIMEOUT_MS } from '../fakes/chat-page.js';
import { type FakeTelegramApi, startFakeTelegramApi } from '../fakes/fake-telegram-api.js';
import { entry, type InboxBrowser, inChat, inLog, openInboxBrowser, press, reply, take } from '../fakes/inbox-browser.js';
import { memoryFolder } from '../fakes/memory-folder.js';
import { copySampleData } from '../fakes/sample-data.js';
import { type ServiceProcess, startServiceProcess } from '../fakes/service-process.js';
import { until } from '../integration/delivery/setup.js';
import { textUpdate, WEBHOOK_SECRET } from './crash-customers.js';

const inBrowser = hasChromium ? describe : describe.skip;
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const TOLD = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET };
const BLOCKED = { kind: 'error', status: 403, description: 'Forbidden: bot was blocked by the user' } as const;

let folder: string;
let telegram: FakeTelegramApi;
let service: ServiceProcess;
let inbox: InboxBrowser;

inBrowser('work in the web inbox (skipped where Chromium is missing: install it at /usr/bin/chromium or set CHROMIUM_PATH)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(memoryFolder(), 'parley-inbox-work-'));
    const data = join(folder, 'data');
    await copySampleData(data);
    telegram = await startFakeTelegramApi();
    service = await startServiceProcess({
      DATA_DIR: data,
      RATE_LIMIT_DEFAULT: '100000',
      DESK_UNDO_SECONDS: '0',
      TELEGRAM_BOT_TOKEN: '700700:AAFakeTokenForTestsOnly_0123456789abc',
      TELEGRAM_WEBHOOK_SECRET: WEBHOOK_SECRET,
      TELEGRAM_API_ROOT: telegram.url,
    });
    inbox = await openInboxBrowser(data);
  }, START_TIMEOUT_MS);
  afterEach(() => inbox.closePages());
  afterAll(async () => {
    await inbox.close();
    await service.stop();
    await telegram.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('assigns a case to a colleague, who lets go of it, and tells both sides', async () => {
    const [marta, luis] = [await inbox.signIn(service.url, 'Marta Ruiz'), await inbox.signIn(service.url, 'Luis Gil')];
    const { customer, ticket } = await inbox.customerWithCase(service.url);
    await take(marta, ticket);
    await press(marta, 'Asignar');
    await marta.locator('#question input[name=name]').fill('Luis Gil');
    await marta.locator('#question-yes').click();
    await inLog(marta, 'Marta Ruiz asigna el caso a Luis Gil').waitFor();
    expect(await marta.locator('.box.reply .strong').isDisabled()).toBe(true);
    await inChat(customer, 'Luis lleva ya tu caso').waitFor();
    await luis.locator('#which').selectOption('mine');
    await entry(luis, ticket).filter({ hasText: 'tú' }).click();
    await press(luis, 'Soltar');
    await inLog(marta, 'Luis Gil suelta el caso').waitFor();
    await entry(luis, ticket).waitFor({ state: 'detached' });
    // Who has done something is known by now.
    await press(marta, 'Asignar');
    await marta.locator('#question select').selectOption({ label: 'Luis Gil' });
    await marta.locator('#question-yes').click();
    await entry(luis, ticket).waitFor();
  }, 120_000);

  it('gives a case back with a note that the bot answers by, and opens one again', async () => {
    const marta = await inbox.signIn(service.url, 'Marta Ruiz');
    const { customer, ticket } = await inbox.customerWithCase(service.url);
    await take(marta, ticket);
    await press(marta, 'Devolver al asistente');
    await marta.locator('#question textarea').fill('El pedido 4711 del cliente llega el jueves por SEUR.');
    await marta.locator('#question-yes').click();
    await inLog(marta, 'El pedido 4711 del cliente llega el jueves').waitFor();
    await inChat(customer, 'te deja de nuevo con el asistente').waitFor();
    await say(customer, '¿Cuándo llega mi pedido 4711?');
    await inChat(customer, 'jueves').waitFor();
    await press(marta, 'Reabrir');
    await inLog(marta, 'Marta Ruiz reabre el caso').waitFor();
    await inChat(customer, 'Hemos reabierto tu caso').waitFor();
    await marta.locator('#case dd').filter({ hasText: 'Marta Ruiz' }).waitFor();
    await reply(marta, 'Aquí sigo yo');
    await inChat(customer, 'Aquí sigo yo').waitFor();
  }, 120_000);

  it('sends files and shows pictures of both sides in place', async () => {
    const marta = await inbox.signIn(service.url, 'Marta Ruiz');
    const errors = collectErrors(marta);
    const { customer, ticket } = await inbox.customerWithCase(service.url);
    await take(marta, ticket);
    const picture = { name: 'azulejo.png', mimeType: 'image/png', buffer: PICTURE };
    await marta.locator('.box.reply input[type=file]').setInputFiles([picture]);
    await marta.locator('.picked li').filter({ hasText: 'azulejo.png' }).waitFor();
    await reply(marta, 'Así queda');
    await customer.locator('#messages img').waitFor();
    await customer.locator('#file-input').setInputFiles([{ ...picture, name: 'mi-obra.png' }]);
    await say(customer, 'y así está mi obra');
    const shown = marta.locator('.item.customer img.preview');
    await shown.waitFor();
    expect(await marta.locator('.item.agent img.preview').count()).toBe(1);
    expect(await marta.evaluate<number>("document.querySelector('.item.customer img.preview').naturalWidth")).toBe(1);
    expect(errors).toEqual([]);
  }, 120_000);

  it('shows that a reply failed, and sends it when it is tried again', async () => {
    const marta = await inbox.signIn(service.url, 'Marta Ruiz');
    const chat = '880001';
    await fetch(`${service.url}/webhooks/telegram`, {
      method: 'POST',
      headers: TOLD,
      body: textUpdate(chat, 'Quiero hablar con una persona'),
    });
    const row = marta.locator('[data-case]').filter({ hasText: 'telegram' });
    await row.click();
    await marta.locator('.tools .claim').click();
    await inLog(marta, 'Marta lleva ya tu caso').waitFor();
    await until('the customer is told', () => telegram.sends.some(({ text }) => text.includes('lleva ya tu caso')), 20_000);
    telegram.answerNext(BLOCKED);
    await reply(marta, 'No te llega');
    await marta.locator('.item.agent.failed').filter({ hasText: 'no se puede llegar al cliente' }).waitFor();
    expect(telegram.sends.some(({ text }) => text.includes('No te llega'))).toBe(false);
    await marta.locator('.item.agent.failed .retry').click();
    await marta.locator('.item.agent').filter({ hasText: 'Enviada al cliente' }).waitFor();
    expect(telegram.sends.filter(({ text }) => text.includes('No te llega'))).toHaveLength(1);
  }, 120_000);

  it('sends customers on other channels their copy as a document', async () => {
    const chat = '880002';
    const writes = (text: string) =>
      fetch(`${service.url}/webhooks/telegram`, { method: 'POST', headers: TOLD, body: textUpdate(chat, text) });
    const texts = () => telegram.sends.filter(({ chatId }) => chatId === chat).map(({ text }) => text);
    await writes('¿Hacéis envíos a Canarias?');
    await until('the question is answered', () => texts().length > 0);
    await writes('/transcripcion');
    // Whom a form with a file is for the emulator does not read.
    await until('the copy is sent', () => telegram.sends.some(({ method }) => method === 'sendDocument'));
    expect(texts().some((text) => text.includes('copia de nuestra conversación'))).toBe(true);
  }, 120_000);

  it('marks what is unread, finds cases, tells who is typing, and explains the bot', async () => {
    const marta = await inbox.signIn(service.url, 'Marta Ruiz');
    const { customer, ticket } = await inbox.customerWithCase(service.url, 'Quiero hablar con una persona por el azulejo ñandú');
    const other = await inbox.customerWithCase(service.url);
    await marta.locator(`[data-case="${ticket}"].unread`).waitFor();
    await take(marta, ticket);
    await marta.locator(`[data-case="${ticket}"]:not(.unread)`).waitFor();
    await entry(marta, other.ticket).click();
    await say(customer, '¿Sigue usted ahí?');
    await marta.locator(`[data-case="${ticket}"].unread`).waitFor();
    await marta.reload();
    await marta.locator(`[data-case="${ticket}"].unread`).waitFor();

    await marta.keyboard.press('/');
    await marta.keyboard.type('NANDU');
    await entry(marta, other.ticket).waitFor({ state: 'detached' });
    await marta.keyboard.press('Enter');
    await marta.locator('#case h2').filter({ hasText: ticket }).waitFor();
    await marta.fill('#number', 'nada de esto');
    await marta.locator('#no-cases').filter({ hasText: 'Ningún caso' }).waitFor();
    await marta.fill('#number', other.ticket.slice(2));
    await marta.press('#number', 'Enter');
    await marta.locator('#case h2').filter({ hasText: other.ticket }).waitFor();
    await marta.fill('#number', '');

    await entry(marta, ticket).click();
    await marta.locator('.tools .resolve').waitFor();
    // As slowly as people write: it is told again while it lasts.
    const slowly = { delay: 300 };
    await Promise.all([
      marta.locator('.typing').filter({ hasText: 'escribiendo' }).waitFor(),
      customer.locator('#message').pressSequentially('un momento, que lo estoy buscando', slowly),
    ]);
    await Promise.all([
      customer.locator('#typing-text').filter({ hasText: 'Marta está escribiendo' }).waitFor(),
      marta.locator('#reply-text').pressSequentially('Sí, dime cuando lo tengas', slowly),
    ]);
    await marta.locator('.box.reply .strong').click();
    await inChat(customer, 'Sí, dime').waitFor();
    await customer.locator('#typing').waitFor({ state: 'hidden' });

    await marta.locator('.item.assistant .why').first().click();
    await marta.locator('#trace tr').filter({ hasText: 'understanding' }).waitFor();
    await marta.locator('#trace dd').filter({ hasText: 'pide una persona' }).waitFor();
    expect(await namelessControls(marta)).toEqual([]);
    expect(await faintTexts(marta)).toEqual([]);
    await marta.locator('#trace button').click();
    await marta.goto(`${service.url}/inbox#${ticket}/trace`);
    await marta.reload();
    await marta.locator('#trace tr').first().waitFor();
  }, 120_000);

  it('says that the service is away, keeps what it shows, and goes on when it is back', async () => {
    const marta = await inbox.signIn(service.url, 'Marta Ruiz');
    const { customer, ticket } = await inbox.customerWithCase(service.url);
    await take(marta, ticket);
    await marta.context().setOffline(true);
    await marta.fill('#reply-text', 'mientras no hay red');
    await marta.locator('.box.reply .strong').click();
    await marta.locator('#problem').filter({ hasText: 'Sin conexión' }).waitFor();
    expect(await marta.inputValue('#reply-text')).toBe('mientras no hay red');
    await entry(marta, ticket).waitFor();
    await marta.context().setOffline(false);
    await marta.locator('.box.reply .strong').click();
    await inChat(customer, 'mientras no hay red').waitFor();
    expect(await customer.locator('#messages').getByText('mientras no hay red').count()).toBe(1);
  }, 120_000);

  it('speaks English, and fits a phone', async () => {
    const english = { ...DESKTOP, locale: 'en-GB' };
    const marta = await inbox.signIn(service.url, 'Marta Ruiz', english);
    expect(await marta.locator('h1').innerText()).toBe('Cases');
    const { ticket } = await inbox.customerWithCase(service.url);
    await entry(marta, ticket).click();
    await press(marta, 'Claim');
    await inLog(marta, 'Marta Ruiz claims the case').waitFor();
    await press(marta, 'Assign');
    await marta.getByText('Somebody else (their name on this page)').waitFor();
    await marta.keyboard.press('Escape');
    const phone = await inbox.signIn(service.url, 'Luis Gil', { ...PHONE, viewport: { width: 390, height: 780 } });
    await entry(phone, ticket).click();
    await phone.locator('.tools .assign').waitFor();
    expect(await sidewaysScroll(phone)).toBe(0);
    expect(await namelessControls(phone)).toEqual([]);
    await phone.getByRole('button', { name: 'Volver a la lista' }).click();
    await entry(phone, ticket).waitFor();
  }, 120_000);
});
