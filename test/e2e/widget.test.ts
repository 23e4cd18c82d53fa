/** The widget on a shop's page of another site, under a strict content security policy, in a real browser on the real service. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { DESKTOP, faintTexts, hasChromium, namelessControls, PHONE, sidewaysScroll } from '../fakes/browser.js';
import { START_TIMEOUT_MS } from '../fakes/chat-page.js';
import { createShopBrowser, type Visit } from '../fakes/shop-browser.js';

const shops = createShopBrowser();
const inBrowser = hasChromium ? describe : describe.skip;
const PALLET = '¿Cuánto cuesta enviar un palé a Madrid?';
const MAX_LOADER_BYTES = 6 * 1024;

/** Another client of the same session writes and is answered: for the widget, an answer that comes by itself. */
async function answerFromElsewhere(visit: Visit): Promise<void> {
  const response = await fetch(`${shops.serviceUrl()}/api/chat/sessions/${await visit.sessionId()}/messages`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ message: 'hola' }),
  });
  expect(response.status).toBe(200);
}

const call = (visit: Visit, ...call: unknown[]) => visit.page.evaluate(`Parley(...${JSON.stringify(call)})`);
const buttonNamed = (visit: Visit, name: string) => visit.page.getByRole('button', { name, exact: true }).waitFor();
const focused = (visit: Visit) =>
  visit.page.evaluate<string>(`document.activeElement.shadowRoot?.activeElement?.className ?? document.activeElement.id`);
const LAYOUT = `JSON.stringify([document.documentElement, ...document.querySelectorAll('h1, p, input')].map((node) => [node.scrollHeight, node.getBoundingClientRect()]))`;
const texts = async (visit: Visit) => (await visit.logged()).filter(({ role }) => role === 'user').map(({ content }) => content);

inBrowser('the widget (skipped where Chromium is missing: install it at /usr/bin/chromium or set CHROMIUM_PATH)', () => {
  beforeAll(shops.start, START_TIMEOUT_MS);
  afterAll(shops.stop);

  it('is one small script under a strict policy; it moves nothing of the page, and the chat comes when it is asked for', async () => {
    const requested: string[] = [];
    const visit = await shops.visit({}, DESKTOP, async (context) => context.on('request', (request) => requested.push(request.url())));
    const { page, button, panel, chat } = visit;
    await button.waitFor();
    const ofService = () => requested.filter((url) => url.startsWith(shops.serviceUrl())).map((url) => new URL(url).pathname);
    expect(ofService()).toEqual(['/widget.js', '/chat/widget/start.js']);
    const files = await Promise.all(ofService().map(async (path) => (await fetch(shops.serviceUrl() + path)).text()));
    const bytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
    console.log(`the widget's loader: ${bytes} bytes compressed`);
    expect(bytes).toBeLessThan(MAX_LOADER_BYTES);

    await visit.open();
    const withWidget = await page.evaluate<string>(LAYOUT);
    expect((await panel.boundingBox())?.width).toBe(400);
    await page.keyboard.type(PALLET); // the focus is where it is written
    await page.keyboard.press('Enter');
    expect(await (await visit.answer(1)).innerText()).toContain('39 €');

    await chat.locator('.source').first().click();
    await chat.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape'); // closes the sources only
    await chat.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await panel.isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
    expect(await focused(visit)).toBe('launcher');
    await page.keyboard.press('Enter');
    await chat.locator('#message').fill('');
    await chat.getByRole('button', { name: 'Cerrar el chat' }).click();
    await panel.waitFor({ state: 'hidden' });
    expect(visit.told).toEqual([]);
    await page.goto(shops.stranger().address());
    expect(await page.evaluate<string>(LAYOUT)).toBe(withWidget);
  });

  it('comes to pages of allowed origins only, and says so to the others', async () => {
    const visit = await shops.visit();
    await visit.page.goto(shops.stranger().address());
    await visit.hears('one of its ALLOWED_ORIGINS');
    expect(await visit.page.locator('parley-chat').count()).toBe(0);

    const policyOf = async (path: string) => (await fetch(shops.serviceUrl() + path)).headers.get('content-security-policy');
    expect(await policyOf('/embed')).toContain(`frame-ancestors 'self' ${shops.shop().origin}`);
    for (const path of ['/', '/docs', '/widget-demo', '/api/sessions/x']) expect(await policyOf(path)).toContain("frame-ancestors 'none'");
    await visit.page.evaluate(
      `document.body.append(Object.assign(document.createElement('iframe'), { src: '${shops.serviceUrl()}/embed' }))`,
    );
    await visit.hears('frame-ancestors');
  });

  it.each(['#e4b400', '#ffffff'])('takes the colour %s, texts, language and side, and can be read in light and dark', async (colour) => {
    const texts = {
      'data-name': 'Aislantes Norte',
      'data-assistant': 'Nora',
      'data-greeting': 'Any question?',
      'data-examples': 'One?| Two? |',
    };
    const looks = { 'data-color': colour, 'data-language': 'en', 'data-position': 'left', 'data-label': 'Need help?', ...texts };
    for (const colorScheme of ['light', 'dark'] as const) {
      const visit = await shops.visit(looks, { ...DESKTOP, colorScheme, reducedMotion: 'reduce' });
      await buttonNamed(visit, 'Need help?');
      expect((await visit.button.boundingBox())?.x).toBe(20);
      await visit.open();
      expect(await visit.chat.locator('#shop').innerText()).toBe('Aislantes Norte');
      expect(await visit.chat.locator('#empty h2').innerText()).toBe('Any question?');
      expect(await visit.chat.locator('#examples button').allInnerTexts()).toEqual(['One?', 'Two?']);
      await visit.say(PALLET);
      await visit.answer(1);
      expect(await faintTexts(visit.frame())).toEqual([]);
      expect(await namelessControls(visit.page)).toEqual([]);
      expect(visit.told).toEqual([]);
    }
  });

  it('follows the language of the page, can stay light, and names settings that make no sense', async () => {
    const visit = await shops.visit({ lang: 'en-GB', 'data-theme': 'light' }, { ...DESKTOP, colorScheme: 'dark' });
    await buttonNamed(visit, 'Open the chat');
    await visit.open();
    expect(await visit.frame().evaluate<string>(`getComputedStyle(document.body).backgroundColor`)).toBe('rgb(244, 246, 245)');
    const wrong = await shops.visit({ 'data-color': 'red;}', 'data-position': 'top', 'data-language': 'fr', 'data-start': 'ajar' });
    await buttonNamed(wrong, 'Abrir el chat');
    for (const name of ['data-color', 'data-position', 'data-language', 'data-start']) expect(wrong.told.join()).toContain(name);
  });

  it('starts hidden or open, does what the page asks of it, and is on the next page as it was left', async () => {
    const hidden = await shops.visit({ 'data-start': 'hidden' }, DESKTOP, (context) =>
      context.addInitScript(`window.Parley = Object.assign(() => {}, { q: [['context', { early: true }]] })`),
    );
    await hidden.page.locator('parley-chat').waitFor({ state: 'attached' });
    expect(await hidden.button.isVisible()).toBe(false);
    await call(hidden, 'show');
    expect(await hidden.button.isVisible()).toBe(true);
    await call(hidden, 'open');
    await hidden.say('hola');
    await hidden.answer(1);
    expect((await hidden.logged())[0]?.metadata).toMatchObject({ early: true });
    await hidden.page.goto(shops.shop().address({ 'data-start': 'hidden' }, '/otra'));
    await hidden.answer(1);
    expect(await hidden.panel.isVisible()).toBe(true);
    await call(hidden, 'hide');
    expect(await hidden.panel.isVisible()).toBe(false);
    await call(hidden, 'dance');
    expect(hidden.told.join()).toContain("there is no 'dance'");

    const open = await shops.visit({ 'data-start': 'open' });
    await open.chat.locator('#empty').waitFor();
    expect(await focused(open)).toBe(''); // it opened by itself: whoever reads or writes on the page is not disturbed
    await call(open, 'close');
    await open.page.reload();
    await buttonNamed(open, 'Abrir el chat');
    expect(await open.panel.isVisible()).toBe(false);
  });

  it('counts what was answered while it was closed, also on the next page', async () => {
    const visit = await shops.visit();
    await visit.open();
    await visit.say('hola');
    await visit.answer(1);
    await visit.page.keyboard.press('Escape');
    await answerFromElsewhere(visit);
    await buttonNamed(visit, 'Abrir el chat, 1 mensaje nuevo');
    await visit.page.goto('about:blank');
    await answerFromElsewhere(visit);
    await visit.page.goto(shops.shop().address({}, '/otra'));
    await buttonNamed(visit, 'Abrir el chat, 2 mensajes nuevos');
    expect(await visit.page.locator('parley-chat .badge').innerText()).toBe('2');
    await visit.button.click();
    await buttonNamed(visit, 'Cerrar el chat');
    expect(await visit.chat.locator('.message.assistant.complete').last().isVisible()).toBe(true);
    await visit.page.reload();
    await visit.answer(3);
    await buttonNamed(visit, 'Cerrar el chat');
  });

  it('tells with each message where it was written: address, title and what the page adds', async () => {
    const visit = await shops.visit();
    await call(visit, 'context', { sku: 'PIR-50', stock: 12, cart: true, list: [1], long: 'x'.repeat(600), 'a.b': 1 });
    await visit.open();
    await visit.say('hola');
    await visit.answer(1);
    await visit.page.locator('#search').click();
    await call(visit, 'context', { sku: null });
    await visit.page.evaluate(`history.pushState({}, '', '/carrito?token=otro'), document.title = 'Carrito'`); // nobody tells the widget
    await visit.say(PALLET);
    await visit.answer(2);
    expect((await visit.logged()).map(({ metadata }) => metadata)).toEqual([
      { url: `${shops.shop().origin}/producto`, title: 'Panel PIR de 50 mm', sku: 'PIR-50', stock: 12, cart: true, long: 'x'.repeat(500) },
      undefined,
      { url: `${shops.shop().origin}/carrito`, title: 'Carrito', sku: null },
      undefined,
    ]);
  });

  it('takes the whole of a phone of 360 px, and leaves the page behind it alone', async () => {
    const visit = await shops.visit({ 'data-start': 'open' }, PHONE);
    await buttonNamed(visit, 'Abrir el chat');
    expect(await visit.panel.isVisible()).toBe(false); // it does not cover a page by itself
    await visit.open();
    expect(await visit.panel.boundingBox()).toEqual({ x: 0, y: 0, width: 360, height: 740 });
    await visit.say(PALLET);
    await visit.answer(1);
    expect(await sidewaysScroll(visit.frame())).toBe(0);
    for (const button of await visit.chat.locator('header button:visible, .composer button:visible').all()) {
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    }
    await visit.page.evaluate(`document.getElementById('search').focus()`);
    expect(await focused(visit)).not.toBe('search'); // behind a modal dialog nothing takes the focus
    expect(await visit.page.evaluate<string>(`getComputedStyle(document.documentElement).overflow`)).toBe('hidden');
    await visit.chat.getByRole('button', { name: 'Cerrar el chat' }).click();
    await visit.panel.waitFor({ state: 'hidden' });
    expect(await visit.page.evaluate<string>(`getComputedStyle(document.documentElement).overflow`)).toBe('visible');
    expect(await visit.page.evaluate<number>(`document.documentElement.scrollWidth`)).toBe(360);
  });

  it.each([
    ['the browser blocks the storage of frames from elsewhere', () => shops.visit(), true],
    ['the browser keeps it by site', () => shops.visitWithStorage(), false],
  ])('sends what was written offline once and in order, after a reload too, where %s', async (_case, begin, outside) => {
    const visit = await begin();
    await visit.open();
    await visit.say('hola');
    await visit.answer(1);
    expect(await visit.page.evaluate<boolean>(`localStorage.getItem('parley.widget.chat.parley.session') !== null`)).toBe(outside);
    await visit.context.setOffline(true);
    await visit.chat.locator('#offline').filter({ hasText: 'Sin conexión' }).waitFor();
    await visit.say('primero: gracias');
    await visit.say('segundo: gracias');
    await visit.chat.locator('.message.user.waiting').nth(1).waitFor();
    expect(await visit.chat.locator('.message.user .state').allInnerTexts()).toEqual([
      'Enviado',
      'En espera de conexión',
      'En espera de conexión',
    ]);
    await visit.page.reload().catch(() => undefined); // the browser's own error page
    await visit.context.setOffline(false);
    await visit.page.goto(shops.shop().address());
    await visit.answer(3);
    expect(await texts(visit)).toEqual(['hola', 'primero: gracias', 'segundo: gracias']);

    await visit.context.setOffline(true);
    await visit.chat.locator('#offline').filter({ hasText: 'Sin conexión' }).waitFor();
    await visit.say('tercero: gracias');
    await visit.context.setOffline(false);
    await visit.answer(4);
    expect(await texts(visit)).toEqual(['hola', 'primero: gracias', 'segundo: gracias', 'tercero: gracias']);
    expect(await visit.chat.locator('.message.user .bubble').allInnerTexts()).toEqual(await texts(visit));
    expect(await visit.chat.locator('.message').count()).toBe(8);
  });

  it('says that it cannot be loaded while the browser is offline, and loads once it is back', async () => {
    const visit = await shops.visit();
    await visit.button.waitFor();
    await visit.context.setOffline(true);
    await visit.button.click();
    await visit.page.getByText('El chat no se puede cargar ahora mismo').waitFor();
    await visit.context.setOffline(false);
    await visit.chat.locator('#empty').waitFor();
    await visit.say('hola');
    await visit.answer(1);
  });

  it('works as long as the page where all storage is blocked', async () => {
    const blocked = `for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } })`;
    const visit = await shops.visit({}, DESKTOP, (context) => context.addInitScript(blocked));
    await visit.open();
    await visit.say('hola');
    await visit.answer(1);
    await visit.say(PALLET);
    await visit.answer(2);
    expect(visit.told).toEqual([]);
  });
});
