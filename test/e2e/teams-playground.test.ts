/**
 * The whole service with Teams switched on, talked to from Microsoft's own web client: the agents playground's page in a real browser. Its requests come
 * to /api/messages, signed; its picture of our answers is what Teams would draw.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { TEXTS } from '../../src/pipeline/texts.js';
import { hasChromium, launchChromium } from '../fakes/browser.js';
import { startRunningService, type RunningService } from '../fakes/running-service.js';
import { APP_ID, APP_PASSWORD, startTeamsPlatform, TENANT_ID, type TeamsPlatform } from '../fakes/teams/platform.js';
import { startPlayground, type Playground } from '../fakes/teams/playground.js';

const START_TIMEOUT_MS = 120_000;
const inBrowser = hasChromium ? describe : describe.skip;

inBrowser('Teams in a browser (skipped where Chromium is missing: install it at /usr/bin/chromium or set CHROMIUM_PATH)', () => {
  let platform: TeamsPlatform;
  let playground: Playground;
  let service: RunningService;
  let browser: Browser;

  beforeAll(async () => {
    platform = await startTeamsPlatform();
    service = await startRunningService({
      MICROSOFT_APP_ID: APP_ID,
      MICROSOFT_APP_PASSWORD: APP_PASSWORD,
      MICROSOFT_APP_TENANT_ID: TENANT_ID,
      TEAMS_SERVICE_URLS: platform.globalUrl,
      TEAMS_OPENID_METADATA: platform.openIdMetadata,
      TEAMS_LOGIN_URL: platform.url,
    });
    playground = await startPlayground(platform);
    playground.setBot(`${service.url}/api/messages`);
    browser = await launchChromium();
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await browser.close();
    await playground.stop();
    await service.stop();
    await platform.close();
  });

  it('answers a question that is typed there with what its knowledge says, and takes the press of a button', async () => {
    const page = await browser.newPage();
    await page.goto(playground.url);
    await page.getByRole('textbox').first().click();
    await page.keyboard.type('¿Cuánto cuesta enviar un palé a Madrid?');
    await page.keyboard.press('Enter');
    await page
      .getByText(/\d\s*€/)
      .first()
      .waitFor({ timeout: 60_000 });
    expect((await playground.shown()).map(({ text }) => text).join('\n')).toMatch(/palé[^]*€/i);

    // A person is asked for: the way back to the bot is a button of an Adaptive Card, pressed here as people press it.
    await page.getByRole('textbox').first().click();
    await page.keyboard.type('Quiero hablar con una persona');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: TEXTS.es.backToBotLabel }).last().click({ timeout: 60_000 });
    await page.getByText(TEXTS.es.backWithBot).first().waitFor({ timeout: 60_000 });
    await page.close();
  }, 150_000);

  it('is ready as a channel, and takes nothing at its address that is not signed', async () => {
    const ready = (await (await fetch(`${service.url}/health/ready`)).json()) as { services: Record<string, unknown> };
    expect(JSON.stringify(ready.services['channels.teams'])).toContain('healthy');
    for (const path of ['/api/messages', '/webhooks/teams']) {
      const unsigned = await fetch(`${service.url}${path}`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json' },
      });
      expect(unsigned.status).toBe(401);
    }
  });
});
