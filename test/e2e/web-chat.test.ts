/** The conversation on the chat page, in a real browser on the real service: what a customer does, and what must not be lost on the way. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { DESKTOP, hasChromium } from '../fakes/browser.js';
import { answer, bubbles, createChatBrowser, say, sessionIdOf, START_TIMEOUT_MS } from '../fakes/chat-page.js';

const chat = createChatBrowser();
const inBrowser = hasChromium ? describe : describe.skip;
const PALLET = '¿Cuánto cuesta enviar un palé a Madrid?';
const ENGLISH: BrowserContextOptions = { ...DESKTOP, locale: 'en-GB' };
/** In the page: no WebSocket gets through. */
const REFUSED = 'window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({ code: 1006 }), 5); } close() {} send() {} }';
const NOTE = 'Notas de la obra\n\nEl código de acceso de la obra de la calle Olmo es ZK-4471. El encargado se llama Ramiro.\n';

inBrowser(
  'a conversation on the chat page (skipped where Chromium is missing: install it at /usr/bin/chromium or set CHROMIUM_PATH)',
  () => {
    beforeAll(chat.start, START_TIMEOUT_MS);
    afterAll(chat.stop);

    it.each([
      ['Spanish', DESKTOP, PALLET, /39 €/, 'Fuentes', 'Relevancia'],
      ['English', ENGLISH, 'How much is delivery of a pallet to Madrid?', /€39/, 'Sources', 'Relevance'],
    ])(
      'answers in %s and shows the source with title, place, passage and relevance',
      async (_name, options, question, fact, title, relevance) => {
        const page = await chat.visit(options);
        expect(await page.locator('#empty .choice').count()).toBe(4);
        await say(page, question);
        const first = await answer(page, 1);
        expect(await first.locator('.bubble').innerText()).toMatch(fact);
        expect(await page.locator('.message.user .state').innerText()).toMatch(/Enviado|Sent/);
        expect(await page.locator('#empty').isVisible()).toBe(false);
        await first.locator('.source').first().click();
        const panel = page.getByRole('dialog', { name: title });
        await panel.waitFor();
        const passage = panel.locator('.passage.asked');
        expect(await passage.locator('h3').innerText()).toMatch(/península|peninsula/);
        expect(await passage.locator('.place').innerText()).toMatch(/\.md$/);
        expect(await passage.locator('.relevance').innerText()).toMatch(new RegExp(`${relevance}: \\d+`));
        expect(await passage.locator('table').innerText()).toMatch(fact);
        await page.keyboard.press('Escape');
        await panel.waitFor({ state: 'hidden' });
        await first.locator('.citation').first().click();
        await panel.waitFor();
        expect(chat.errors()).toEqual([]);
      },
    );

    it('takes a quick reply by click and by its number', async () => {
      const page = await chat.visit();
      await say(page, 'hola');
      await answer(page, 1);
      await page.getByRole('group', { name: 'Respuestas rápidas' }).getByRole('button').nth(1).click();
      const clicked = await (await answer(page, 2)).locator('.bubble').innerText();
      await say(page, 'hola');
      await answer(page, 3);
      await say(page, '2');
      expect(await (await answer(page, 4)).locator('.bubble').innerText()).toBe(clicked);
      expect(await page.getByRole('group', { name: 'Respuestas rápidas' }).count()).toBeLessThanOrEqual(1);
    });

    it('passes to a person, keeps the ticket over a reload, and goes back to the bot', async () => {
      const page = await chat.visit();
      await page.getByRole('button', { name: 'Hablar con una persona' }).click();
      await page
        .locator('#status')
        .filter({ hasText: /caso T-[0-9A-Z]+/ })
        .waitFor();
      const status = await page.locator('#status').innerText();
      expect(await (await answer(page, 1)).innerText()).toContain(/T-[0-9A-Z]+/.exec(status)?.[0] ?? 'no ticket');
      await page.reload();
      await page.locator('#status').filter({ hasText: status }).waitFor();
      await page.getByRole('button', { name: 'Seguir con el asistente' }).click();
      await page.locator('#status').filter({ hasText: 'Asistente virtual' }).waitFor();
      expect(await page.getByRole('button', { name: 'Hablar con una persona' }).isVisible()).toBe(true);
    });

    it('keeps everything over a reload: messages, sources and quick replies', async () => {
      const page = await chat.visit();
      await say(page, PALLET);
      await answer(page, 1);
      await say(page, 'hola');
      await answer(page, 2);
      const before = await page.locator('#messages').innerText();
      await page.reload();
      await page.getByRole('group', { name: 'Respuestas rápidas' }).waitFor();
      expect(await page.locator('#messages').innerText()).toBe(before);
      expect(await page.locator('.source').count()).toBeGreaterThan(0);
      expect(await page.locator('#spoken').innerText()).toBe('');
    });

    it('shows the same in two tabs', async () => {
      const first = await chat.visit();
      await say(first, PALLET);
      await answer(first, 1);
      const second = await chat.openTab();
      await answer(second, 1);
      await say(second, 'hola');
      await Promise.all([answer(first, 2), answer(second, 2)]);
      await say(first, '¿Qué garantía tienen los paneles PIR?');
      await Promise.all([answer(first, 3), answer(second, 3)]);
      expect(await bubbles(second)).toEqual(await bubbles(first));
      expect(await bubbles(first)).toHaveLength(6);
    });

    it.each([
      ['refused', REFUSED],
      ['swallowed by a proxy', 'window.WebSocket = class { close() {} send() {} }'],
    ])('works by HTTP where the WebSocket is %s', async (_name, script) => {
      const page = await chat.visit(DESKTOP, (context) => context.addInitScript(script));
      await say(page, 'hola');
      await answer(page, 1);
      await page.getByRole('group', { name: 'Respuestas rápidas' }).getByRole('button').first().waitFor();
      await say(page, PALLET);
      expect(await (await answer(page, 2)).locator('.bubble').innerText()).toContain('39 €');
      await page.locator('#file-input').setInputFiles({ name: 'obra.txt', mimeType: 'text/plain', buffer: Buffer.from(NOTE) });
      await say(page, '¿Cuál es el código de acceso de la obra?');
      expect(await (await answer(page, 3)).locator('.bubble').innerText()).toContain('ZK-4471');
      expect(await bubbles(page)).toHaveLength(6);
      expect((await chat.logged(page)).map((message) => message.role)).toEqual([
        'user',
        'assistant',
        'user',
        'assistant',
        'user',
        'assistant',
      ]);
      expect(await page.locator('.message.user .state').allInnerTexts()).toEqual(['Enviado', 'Enviado', 'Enviado']);
    });

    it('sends once and gets one answer when the service is killed before, and while, the message goes out', async () => {
      const page = await chat.visit();
      await say(page, 'hola');
      await answer(page, 1);
      await page.fill('#message', PALLET);
      await chat.kill();
      await page.press('#message', 'Enter');
      await page.locator('#offline').filter({ hasText: 'Sin conexión' }).waitFor();
      expect(await page.locator('.message.user').last().innerText()).toContain('En espera de conexión');
      await page.fill('#message', 'a medio escribir');
      await chat.startAgain();
      await answer(page, 2);
      expect(await page.inputValue('#message')).toBe('a medio escribir');

      await say(page, '¿Qué garantía tienen los paneles PIR?');
      await chat.kill();
      await page.reload().catch(() => undefined); // nobody serves it: the browser shows its own error
      await chat.startAgain();
      await page.goto(chat.url());
      await answer(page, 3);
      await page.waitForTimeout(1000);
      expect((await chat.logged(page)).map((message) => message.role)).toEqual([
        'user',
        'assistant',
        'user',
        'assistant',
        'user',
        'assistant',
      ]);
      expect(await page.locator('.message').count()).toBe(6);
      expect(await page.locator('#offline').innerText()).toBe('');
    }, 120_000);

    it('keeps a message that was written offline over a reload', async () => {
      const page = await chat.visit();
      await say(page, 'hola');
      await answer(page, 1);
      await page.route('**/api/**', (route) => route.abort());
      await page.evaluate(`${REFUSED}; window.dispatchEvent(new Event('offline'));`);
      await page.locator('#offline').filter({ hasText: /./ }).waitFor();
      await say(page, PALLET);
      await page.locator('#file-input').setInputFiles({ name: 'obra.txt', mimeType: 'text/plain', buffer: Buffer.from(NOTE) });
      await say(page, 'con un adjunto');
      await page.locator('.message.user.waiting').nth(1).waitFor();
      await page.unroute('**/api/**');
      await page.reload();
      expect(await (await answer(page, 2)).innerText()).toContain('39 €');
      expect((await chat.logged(page)).filter((message) => message.content === PALLET)).toHaveLength(1);
      // The file itself is gone with the page, and nothing is sent as if it were there.
      await page.locator('.message.user.failed').filter({ hasText: 'con un adjunto' }).filter({ hasText: 'Adjúntalos de nuevo' }).waitFor();
      await page.getByRole('button', { name: 'Editar' }).click();
      expect(await page.inputValue('#message')).toBe('con un adjunto');
      expect(await page.evaluate<string[]>('Object.keys(localStorage)')).toEqual(['parley.session']);
    });

    it('reads an attached text and PDF, and says clearly what it cannot take', async () => {
      const page = await chat.visit();
      const input = page.locator('#file-input');
      await input.setInputFiles([
        { name: 'grande.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(11 * 1024 * 1024) },
        { name: 'programa.exe', mimeType: 'application/x-msdownload', buffer: Buffer.from('MZ') },
        { name: 'vacio.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
      ]);
      const problems = await page.getByRole('alert').innerText();
      expect(problems).toMatch(/grande\.pdf.+demasiado grande.+10 MB/);
      expect(problems).toMatch(/programa\.exe.+no se puede leer/);
      expect(problems).toMatch(/vacio\.txt.+vacío/);
      await input.setInputFiles({ name: 'obra.txt', mimeType: 'text/plain', buffer: Buffer.from(NOTE) });
      await say(page, '¿Cuál es el código de acceso de la obra?');
      const first = await answer(page, 1);
      expect(await first.locator('.bubble').innerText()).toContain('ZK-4471');
      expect(await first.locator('.source').first().innerText()).toContain('obra.txt');
      expect(await page.locator('.message.user .file').innerText()).toContain('obra.txt');

      await input.setInputFiles(join('sample', 'knowledge', 'es', 'ficha-tecnica-panel-pir-aluminio.pdf'));
      await page.getByRole('button', { name: 'Enviar' }).click();
      expect(await (await answer(page, 2)).innerText()).toContain('ficha-tecnica-panel-pir-aluminio.pdf');

      await input.setInputFiles({ name: 'roto.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 but no more') });
      await page.getByRole('button', { name: 'Enviar' }).click();
      await page.locator('.file .problem').filter({ hasText: 'No se pudo leer' }).waitFor();
      await answer(page, 3);
      expect(await bubbles(page)).toHaveLength(4);
    });

    it('shows the pictures of the conversation and links its files, for their session only', async () => {
      const page = await chat.visit();
      const pixel = Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
        'base64',
      );
      await page.locator('#file-input').setInputFiles([
        { name: 'foto.png', mimeType: 'image/png', buffer: pixel },
        { name: 'obra.txt', mimeType: 'text/plain', buffer: Buffer.from(NOTE) },
      ]);
      await say(page, 'Te mando una foto');
      await answer(page, 1);
      await page.reload();
      await page.locator('.message.user .picture img').waitFor();
      const width = `(async (picture) => { await picture.decode(); return picture.naturalWidth; })(document.querySelector('.picture img'))`;
      expect(await page.evaluate<number>(width)).toBe(1);
      const link = page.locator('.message.user .file a');
      await link.waitFor();
      const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
      expect(download.suggestedFilename()).toBe('obra.txt');
      expect(readFileSync(await download.path(), 'utf8')).toBe(NOTE);
      const file = (await link.getAttribute('href'))?.split('?')[0] ?? '';
      expect((await fetch(`${chat.url()}${file}?session_id=sess_${'0'.repeat(32)}`)).status).toBe(404);
      expect(chat.errors()).toEqual([]);
    });

    it('begins anew, honestly, when the session has ended: after a reload, and under way', async () => {
      const page = await chat.visit();
      const end = async () => fetch(`${chat.url()}/api/sessions/${await sessionIdOf(page)}/status?status=ended`, { method: 'PATCH' });
      await say(page, 'hola');
      await answer(page, 1);
      const old = await sessionIdOf(page);
      await end();
      await page.reload();
      await page.locator('.notice').filter({ hasText: 'ya no está abierta' }).waitFor();
      await say(page, PALLET);
      await answer(page, 1);
      expect(await sessionIdOf(page)).not.toBe(old);
      await end();
      await say(page, 'hola');
      await answer(page, 2);
      expect(await page.locator('.notice').count()).toBe(2);
      expect((await chat.logged(page)).map((message) => message.content)[0]).toBe('hola');
    });

    it('starts a new conversation when asked to', async () => {
      const page = await chat.visit();
      await say(page, 'hola');
      await answer(page, 1);
      const old = await sessionIdOf(page);
      await page.getByRole('button', { name: 'Nueva conversación' }).click();
      await page.getByRole('dialog', { name: 'Nueva conversación' }).getByRole('button', { name: 'Nueva conversación' }).click();
      await page.locator('#empty').waitFor();
      expect(await page.locator('.message').count()).toBe(0);
      await say(page, PALLET);
      await answer(page, 1);
      expect(await sessionIdOf(page)).not.toBe(old);
      expect(((await (await fetch(`${chat.url()}/api/sessions/${old}`)).json()) as { status: string }).status).toBe('ended');
    });
  },
);
