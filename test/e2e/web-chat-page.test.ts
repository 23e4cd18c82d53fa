/** The chat page itself, in a real browser: harmless whatever is written, usable by everybody, fit for a phone, small. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DESKTOP, faintTexts, hasChromium, namelessControls, PHONE, sidewaysScroll } from '../fakes/browser.js';
import { answer, createChatBrowser, say, START_TIMEOUT_MS } from '../fakes/chat-page.js';

const chat = createChatBrowser();
const inBrowser = hasChromium ? describe : describe.skip;
const PALLET = '¿Cuánto cuesta enviar un palé a Madrid?';

/** Markdown, and the only HTML that may come of it. */
const HOSTILE: readonly (readonly [markdown: string, html: string])[] = [
  ['<img src=x onerror=hacked()>', '<p>&lt;img src=x onerror=hacked()&gt;</p>'],
  ['<script>hacked()</script>', '<p>&lt;script&gt;hacked()&lt;/script&gt;</p>'],
  ['[a](javascript:hacked())', '<p>a</p>'],
  ['[a](JaVaScRiPt:hacked())', '<p>a</p>'],
  ['[a](data:text/html,x) [b](vbscript:x) [c](/relative)', '<p>a b c</p>'],
  ['![a](https://x.example/a.png)', '<p><a href="https://x.example/a.png" target="_blank" rel="noopener noreferrer">a</a></p>'],
  ['<javascript:hacked()>', '<p>&lt;javascript:hacked()&gt;</p>'],
  [
    '[a"onclick="b](https://x.example/"onmouseover="c)',
    '<p><a href="https://x.example/&quot;onmouseover=&quot;c" target="_blank" rel="noopener noreferrer">a"onclick="b</a></p>',
  ],
  ['**a *b* `c<d`** ~~e~~ \\*f\\*', '<p><strong>a <em>b</em> <code>c&lt;d</code></strong> <s>e</s> *f*</p>'],
  ['- a\n- b\n  - c', '<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>'],
  [
    '| a | b |\n|---|---|\n| 1 | <b> |',
    '<div class="table" tabindex="0"><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>&lt;b&gt;</td></tr></tbody></table></div>',
  ],
];

inBrowser('the chat page (skipped where Chromium is missing: install it at /usr/bin/chromium or set CHROMIUM_PATH)', () => {
  beforeAll(chat.start, START_TIMEOUT_MS);
  afterAll(chat.stop);

  it('shows hostile text as text', async () => {
    const page = await chat.visit();
    const hostile = '<img src=x onerror="window.hacked=1"> [a](javascript:window.hacked=1) **b**';
    await page
      .locator('#file-input')
      .setInputFiles({ name: '<img src=x onerror=window.hacked=1>.txt', mimeType: 'text/plain', buffer: Buffer.from('Nota') });
    await say(page, hostile);
    await answer(page, 1);
    expect(await page.locator('.message.user .bubble').innerText()).toBe(hostile);
    const lines = JSON.stringify(HOSTILE.map(([markdown]) => markdown));
    const drawn = await page.evaluate<string[]>(
      `import('/chat/markdown.js').then(({ renderMarkdown }) => ${lines}.map((line) => renderMarkdown(line).map((node) => node.outerHTML).join('')))`,
    );
    expect(drawn).toEqual(HOSTILE.map(([, html]) => html));
    expect(await page.locator('#messages img, #messages script').count()).toBe(0);
    expect(await page.evaluate<boolean>("'hacked' in window")).toBe(false);
  });

  it('fits a phone of 360 px, its dialog too', async () => {
    const page = await chat.visit(PHONE);
    expect(await sidewaysScroll(page)).toBe(0);
    await say(page, `${PALLET} ${'x'.repeat(200)}`);
    await answer(page, 1);
    await say(page, PALLET);
    await (await answer(page, 2)).locator('.source').first().click();
    await page.getByRole('dialog', { name: 'Fuentes' }).waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
    await page.keyboard.press('Escape');
    for (const button of await page.locator('header button:visible, .composer button:visible').all()) {
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    }
  });

  it('can be used with the keyboard alone, and reads an answer out once', async () => {
    const page = await chat.visit();
    await page.evaluate(
      `window.timesSpoken = 0;
       new MutationObserver((changes) => (window.timesSpoken += changes.length)).observe(document.getElementById('spoken'), { childList: true });`,
    );
    await page.keyboard.type(PALLET);
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('Gracias');
    await page.keyboard.press('Enter');
    await answer(page, 1);
    expect(await page.locator('.message.user .bubble').innerText()).toBe(`${PALLET}\nGracias`);
    expect(await page.locator('#spoken').innerText()).toContain('39 €');
    expect(await page.evaluate<number>('window.timesSpoken')).toBe(1);
    const focused = () => page.evaluate<string>('document.activeElement.className');
    for (let presses = 0; presses < 30 && (await focused()) !== 'source'; presses += 1) await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('dialog', { name: 'Fuentes' });
    await panel.waitFor();
    expect(await page.evaluate<boolean>("document.activeElement.closest('dialog') !== null")).toBe(true);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
    expect(await focused()).toBe('source');
    expect(await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  });

  it.each(['light', 'dark'] as const)('names its controls and keeps contrast, %s', async (colorScheme) => {
    const page = await chat.visit({ ...DESKTOP, colorScheme, reducedMotion: 'reduce' });
    const check = async () => {
      expect(await namelessControls(page)).toEqual([]);
      expect(await faintTexts(page)).toEqual([]);
    };
    await check();
    await say(page, PALLET);
    await (await answer(page, 1)).locator('.source').first().click();
    await page.getByRole('dialog', { name: 'Fuentes' }).waitFor();
    await check();
    await page.keyboard.press('Escape');
    await say(page, 'quiero hablar con una persona');
    await answer(page, 2);
    await check();
    expect(await page.getAttribute('html', 'lang')).toBe('es');
    await page.getByRole('button', { name: 'Switch to English' }).click();
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    expect(await page.getByRole('button', { name: 'New conversation' }).isVisible()).toBe(true);
  });

  it('loads less than 40 kB, all of it from the service', async () => {
    const page = await chat.visit();
    // The files of the first visit are asked for again, whole.
    const caches = await page.context().newCDPSession(page);
    await caches.send('Network.clearBrowserCache');
    const requests: { url: string; bytes: Promise<number> }[] = [];
    page.on('requestfinished', (request) =>
      requests.push({ url: request.url(), bytes: request.sizes().then((sizes) => sizes.responseBodySize) }),
    );
    await page.goto('about:blank');
    await page.goto(chat.url(), { waitUntil: 'networkidle' });
    const bytes = (await Promise.all(requests.map((request) => request.bytes))).reduce((sum, size) => sum + size, 0);
    expect(requests.filter(({ url }) => !url.startsWith(chat.url()))).toEqual([]);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(40_000);
  });
});
