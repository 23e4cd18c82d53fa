/** The web inbox in a real browser on the real service: a customer in the web chat asks for a person, staff take the case and answer it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContextOptions } from 'playwright-core';
import { collectErrors, DESKTOP, faintTexts, hasChromium, namelessControls, PHONE, sidewaysScroll } from '../fakes/browser.js';
import { say, START_TIMEOUT_MS } from '../fakes/chat-page.js';
import { READING_MS } from '../fakes/desks/desk-staff.js';
import { entry, type InboxBrowser, inChat, inLog, openInboxBrowser, press } from '../fakes/inbox-browser.js';
import { memoryFolder } from '../fakes/memory-folder.js';
import { copySampleData } from '../fakes/sample-data.js';
import { startServiceProcess, type ServiceProcess } from '../fakes/service-process.js';

const inBrowser = hasChromium ? describe : describe.skip;
/** Longer than a busy machine takes to show a reply and to press what undoes it. */
const UNDO_SECONDS = 10;
const HOSTILE = '<img src=x onerror="window.hacked=1"> quiero hablar con una persona **ya**';

let folder: string;
let service: ServiceProcess;
let inbox: InboxBrowser;

const signIn = (name: string, options?: BrowserContextOptions) => inbox.signIn(service.url, name, options);
const customerWithCase = (text = HOSTILE) => inbox.customerWithCase(service.url, text);

inBrowser('the web inbox (skipped where Chromium is missing: install it at /usr/bin/chromium or set CHROMIUM_PATH)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(memoryFolder(), 'parley-inbox-'));
    const data = join(folder, 'data');
    await copySampleData(data);
    const environment = { DATA_DIR: data, PORT: '0', RATE_LIMIT_DEFAULT: '100000', DESK_UNDO_SECONDS: String(UNDO_SECONDS) };
    service = await startServiceProcess(environment);
    inbox = await openInboxBrowser(data);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await inbox.close();
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('takes a case from the customer’s wish to their rating, live on both sides', async () => {
    const marta = await signIn('Marta Ruiz');
    const errors = collectErrors(marta);
    const luis = await signIn('Luis Gil');
    const { customer, ticket } = await customerWithCase();
    await entry(marta, ticket).click();
    await entry(luis, ticket).click();
    await inLog(luis, 'quiero hablar con una persona').waitFor();
    expect(await marta.locator('.item.customer .plain').first().innerText()).toBe(HOSTILE);
    expect(await marta.locator('#case img, #list img').count()).toBe(0);

    await press(marta, 'Tomar');
    await inLog(luis, 'Marta Ruiz toma el caso').waitFor();
    await inChat(customer, 'Marta lleva ya tu caso').waitFor();

    await marta.keyboard.press('r');
    await marta.keyboard.type('Esto **no** sale');
    await marta.keyboard.press('Control+Enter');
    await marta.locator('.item.agent .undo').click();
    await marta.locator('.item.agent.undone').waitFor();

    await marta.keyboard.press('n');
    await marta.keyboard.type('secreto del equipo');
    await marta.keyboard.press('Control+Enter');
    await inLog(luis, 'secreto del equipo').waitFor();
    expect(await luis.locator('.item.note').innerText()).toContain('el cliente no la ve');

    await marta.fill('#reply-text', 'Hola, soy Marta: ¿qué **pedido** es?');
    await marta.locator('.box.reply .strong').click();
    await inChat(customer, 'soy Marta').waitFor();
    await inLog(luis, '¿qué pedido es?').waitFor();
    await say(customer, 'El 4711 ñandú');
    await inLog(marta, 'El 4711 ñandú').waitFor();
    expect(await customer.locator('#messages').innerText()).not.toMatch(/secreto del equipo|no sale/);

    await sleep(READING_MS);
    await press(marta, 'Resolver');
    await marta.locator('#question select').selectOption('answered');
    await marta.locator('#question-yes').click();
    await customer.getByRole('button', { name: '5 · Muy bien' }).click();
    await marta.locator('#case dd').filter({ hasText: '★ 5/5' }).waitFor();
    await entry(marta, ticket).waitFor({ state: 'detached' });
    await marta.locator('#which').selectOption('closed');
    await entry(marta, ticket).filter({ hasText: '★ 5/5' }).waitFor();
    expect(await marta.evaluate<boolean>("'hacked' in window")).toBe(false);
    expect(errors).toEqual([]);
  }, 120_000);

  it('tells the second who claims at the same instant who has it', async () => {
    const [marta, luis] = [await signIn('Marta Ruiz'), await signIn('Luis Gil')];
    const { ticket } = await customerWithCase();
    for (const page of [marta, luis]) {
      await entry(page, ticket).click();
      await page.locator('.tools .claim').waitFor();
    }
    const claim = "document.querySelector('.tools .claim').click()";
    await Promise.all([marta.evaluate(claim), luis.evaluate(claim)]);
    const loser = await Promise.race(
      [marta, luis].map(async (page) => {
        await page
          .locator('#problem')
          .filter({ hasText: /ya lo tiene/ })
          .waitFor();
        return page;
      }),
    );
    const winner = loser === marta ? 'Luis Gil' : 'Marta Ruiz';
    expect(await loser.locator('#problem').innerText()).toContain(winner);
    await loser.locator('#case dd').filter({ hasText: winner }).waitFor();
    expect(await loser.locator('.box.reply .strong').isDisabled()).toBe(true);
  }, 120_000);

  it('keeps what is not sent over a reload, and forgets the key when the agent signs out', async () => {
    const page = await signIn('Marta Ruiz');
    const { ticket } = await customerWithCase();
    await entry(page, ticket).click();
    await page.fill('#reply-text', 'a medias');
    await page.fill('#note-text', 'nota a medias');
    await page.reload();
    await page.locator('#reply-text').waitFor();
    expect(await page.inputValue('#reply-text')).toBe('a medias');
    expect(await page.inputValue('#note-text')).toBe('nota a medias');
    await page.getByRole('button', { name: 'Salir' }).click();
    await page.locator('#sign-in').waitFor();
    expect(await page.evaluate<string>('JSON.stringify(localStorage)')).not.toContain(inbox.key);
    await page.fill('#key', 'pk_wrong');
    await page.fill('#name', 'X');
    await page.locator('#sign-in button').click();
    await page.locator('#problem').filter({ hasText: 'no vale' }).waitFor();
  }, 120_000);

  it('names its controls, keeps contrast, and fits a phone of 360 px', async () => {
    const { ticket } = await customerWithCase(`${HOSTILE} ${'x'.repeat(200)}`);
    for (const options of [DESKTOP, PHONE]) {
      const page = await signIn('Marta Ruiz', options);
      await entry(page, ticket).click();
      await page.locator('.tools .claim').waitFor();
      await page.fill('#note-text', 'vista');
      await page.locator('.box.note .strong').click();
      await page.locator('.item.note').first().waitFor();
      await press(page, 'Sugerir');
      await page.locator('.suggested article, .suggested p').first().waitFor();
      expect(await namelessControls(page)).toEqual([]);
      expect(await faintTexts(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
    }
  }, 120_000);
});
