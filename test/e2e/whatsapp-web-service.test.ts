/** The whole service on WhatsApp Web, in real browsers: an operator links a phone on the page, a customer writes to it and is answered. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { collectErrors, DESKTOP, faintTexts, launchChromium, namelessControls, PHONE, sidewaysScroll } from '../fakes/browser.js';
import { startRunningService, type RunningService } from '../fakes/running-service.js';
import { until } from '../fakes/whatsapp-web/harness.js';
import { canShowPage, startWebPage, type WebPage } from '../fakes/whatsapp-web/web-page.js';

const inBrowser = canShowPage() ? describe : describe.skip;
const STEP_MS = 120_000;

inBrowser('the service on WhatsApp Web (skipped where Chromium or openssl is missing)', () => {
  let web: WebPage;
  let service: RunningService;
  let browser: Browser;
  /** What was started; where the start fails half way, only that is to be stopped. */
  const started: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    web = await startWebPage();
    started.push(() => web.close());
    service = await startRunningService(web.environment);
    started.push(() => service.stop());
    browser = await launchChromium();
    started.push(() => browser.close());
  }, STEP_MS);
  afterAll(async () => {
    for (const stop of started.reverse()) await stop();
  }, STEP_MS);

  it(
    'links a phone on the page, answers a customer from the documents, and says how it is',
    async () => {
      const page = await (await browser.newContext(DESKTOP)).newPage();
      const errors = collectErrors(page);
      await page.goto(`${service.url}/whatsapp-web`);
      expect(await page.locator('#panel').isVisible()).toBe(false);
      await page.locator('#key').fill(service.adminKey);
      await page.getByRole('button', { name: 'Show' }).click();
      await page.locator('#qr').waitFor({ state: 'visible' });
      expect(await page.locator('#qr').evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBeGreaterThan(
        50,
      );
      expect([await namelessControls(page), await faintTexts(page)]).toEqual([[], []]);
      web.order({ do: 'scan' });
      await page.getByText('linked and ready').waitFor();
      await page.getByText('Linked phone: 34911222333').waitFor();

      web.receive({ body: '¿Cuál es el plazo para devolver un panel?' });
      const answers = () => web.told.filter(({ kind }) => kind === 'sent').map(({ body }) => String(body));
      await until(() => answers().length > 0, STEP_MS);
      expect(answers()[0]).toMatch(/devol/i);
      const { body: ready } = await service.call('GET', '/health/ready');
      expect(ready['services']).toMatchObject({ 'channels.whatsapp-web': 'healthy' });
      // Neither the code nor what was written is in the log.
      expect(service.log.join('\n')).not.toMatch(/2@first|plazo para devolver/);
      expect(errors).toEqual([]);
    },
    STEP_MS,
  );

  it(
    'shows a wrong key what is wrong, on a phone without sideways scrolling',
    async () => {
      const page = await (await browser.newContext(PHONE)).newPage();
      await page.goto(`${service.url}/whatsapp-web`);
      await page.locator('#key').fill('pk_wrong');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.getByText('The API key is not valid.').waitFor();
      expect(await page.locator('#panel').isVisible()).toBe(false);
      expect(await sidewaysScroll(page)).toBe(0);
    },
    STEP_MS,
  );
});
