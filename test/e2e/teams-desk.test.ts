/**
 * A case worked on in Teams with the whole service: the customer in the web chat, the person of the staff in a channel on the page of Microsoft's own
 * client, the agents playground, in a real browser.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { deskWords } from '../../channels/shared/desk-words.js';
import { DESKTOP, hasChromium, launchChromium } from '../fakes/browser.js';
import { startRunningService, type RunningService } from '../fakes/running-service.js';
import { DESK_CHANNEL } from '../fakes/teams/desk-harness.js';
import { APP_ID, APP_PASSWORD, startTeamsPlatform, TENANT_ID, type TeamsPlatform } from '../fakes/teams/platform.js';
import { PLAYGROUND_AGENT, startPlayground, type Playground } from '../fakes/teams/playground.js';

const START_TIMEOUT_MS = 120_000;
const words = deskWords('es');
const inBrowser = hasChromium ? describe : describe.skip;

inBrowser(
  'the desk in Teams, in a browser (skipped where Chromium is missing: install it at /usr/bin/chromium or set CHROMIUM_PATH)',
  () => {
    let platform: TeamsPlatform;
    let playground: Playground;
    let service: RunningService;
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      platform = await startTeamsPlatform();
      playground = await startPlayground(platform, DESK_CHANNEL);
      service = await startRunningService({
        MICROSOFT_APP_ID: APP_ID,
        MICROSOFT_APP_PASSWORD: APP_PASSWORD,
        MICROSOFT_APP_TENANT_ID: TENANT_ID,
        TEAMS_SERVICE_URLS: platform.globalUrl,
        TEAMS_OPENID_METADATA: platform.openIdMetadata,
        TEAMS_LOGIN_URL: platform.url,
        TEAMS_DESK_CONVERSATION: DESK_CHANNEL,
        DESK_UNDO_SECONDS: '1',
      });
      playground.setBot(`${service.url}/api/messages`);
      browser = await launchChromium();
      page = await (await browser.newContext({ ...DESKTOP, viewport: { width: 1280, height: 1600 } })).newPage();
      await page.goto(playground.url);
    }, START_TIMEOUT_MS);
    afterAll(async () => {
      await browser.close();
      await playground.stop();
      await service.stop();
      await platform.close();
    });

    const shown = async (text: string | RegExp) => page.getByText(text).first().waitFor({ timeout: 30_000 });
    const press = async (name: string) => page.getByRole('button', { name, exact: true }).last().click({ timeout: 30_000 });
    /** With the bot mentioned: the playground, as Teams without the permission to hear all, delivers nothing else. */
    const write = async (text: string) => {
      await page.getByRole('textbox').last().click();
      await page.keyboard.type('@');
      await page.getByRole('menuitem', { name: /^Parley/ }).click();
      await page.keyboard.type(` ${text}`);
      await page.keyboard.press('Enter');
    };
    const replies = async (sessionId: string): Promise<string[]> => {
      const { body } = await service.call('GET', `/api/chat/sessions/${sessionId}/messages`);
      const messages = body['messages'] as { role: string; content: string }[];
      return messages.filter(({ role }) => role === 'agent').map(({ content }) => content);
    };

    /** Jest's own time limit ends it where nothing comes. */
    const repliedTimes = async (sessionId: string, times: number) => {
      while ((await replies(sessionId)).length < times) await sleep(100);
    };

    it('goes from the customer to a person, who claims it, answers and resolves it', async () => {
      const session = await service.session();
      await service.send(session, 'Quiero hablar con una persona sobre mi pedido');
      await page.getByText('General').first().click();
      await shown(words.escalation['asked-for-person']);

      await press(words.button.claim);
      await shown(words.status.claimed);
      await shown(PLAYGROUND_AGENT.name);
      await press(words.button.reply);
      await page.getByRole('textbox', { name: words.form.replyText }).fill('Buenos días, lo miro **ahora**');
      await press(words.form.send);
      await shown(words.reply.sent);
      expect(await replies(session)).toEqual(['Buenos días, lo miro **ahora**']);

      await service.send(session, 'Gracias, es el pedido 7');
      await shown('Gracias, es el pedido 7');
      await write('Ojo: es cliente desde 2019');
      await write('/r Llega mañana');
      await repliedTimes(session, 2);
      expect((await replies(session))[1]).toBe('Llega mañana');

      await press(words.button.suggest);
      await shown(words.form.cancel);
      await press(words.form.cancel);

      await press(words.button.resolve);
      await page.getByRole('textbox', { name: words.form.reasonText }).fill('pedido 7');
      await press(words.form.save);
      await shown(words.status.resolved);
      await page.getByRole('button', { name: words.button.reopen }).waitFor();
      expect((await replies(session)).join()).not.toContain('2019');
    }, 120_000);
  },
);
