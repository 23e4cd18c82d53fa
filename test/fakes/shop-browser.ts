/** A visitor of a shop's page with the chat's widget on it, in a real Chromium: the service, a page that it allows, and one that it does not. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Frame,
  type FrameLocator,
  type Locator,
  type Page,
} from 'playwright-core';
import { CHROMIUM_OPTIONS, DESKTOP, launchChromium } from './browser.js';
import { memoryFolder } from './memory-folder.js';
import { copySampleData } from './sample-data.js';
import { startServiceProcess, type ServiceProcess } from './service-process.js';
import { startShopPage, type ShopPage } from './shop-page.js';

const WAIT_MS = 60_000;

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What pages and policies complained of, and what the widget told the shop's developer. */
  readonly told: readonly string[];
  /** Resolves once it told something with these words. */
  hears(words: string): Promise<void>;
  readonly button: Locator;
  readonly panel: Locator;
  readonly chat: FrameLocator;
  /** The same as a frame, for what is asked of a whole document. */
  frame(): Frame;
  open(): Promise<void>;
  say(text: string): Promise<void>;
  /** The answer number `count`, from 1, once it is complete. */
  answer(count: number): Promise<Locator>;
  /** As the browser has it, or had it before. */
  sessionId(): Promise<string>;
  /** What the service has of the conversation. */
  logged(): Promise<{ id: string; role: string; content: string; metadata?: object }[]>;
}

export interface ShopBrowser {
  readonly shop: () => ShopPage;
  readonly stranger: () => ShopPage;
  readonly serviceUrl: () => string;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** A visitor with an empty browser, as in a private window: it keeps nothing for frames from elsewhere. */
  visit(
    attributes?: Readonly<Record<string, string>>,
    options?: BrowserContextOptions,
    prepare?: (context: BrowserContext) => Promise<unknown>,
  ): Promise<Visit>;
  /** A visitor whose browser keeps what frames from elsewhere store, by site. */
  visitWithStorage(): Promise<Visit>;
}

export function createShopBrowser(): ShopBrowser {
  let folder = '';
  let service: ServiceProcess;
  let browser: Browser;
  let shop: ShopPage;
  let stranger: ShopPage;
  let context: BrowserContext | null = null;

  async function visitIn(opened: BrowserContext, attributes: Readonly<Record<string, string>>): Promise<Visit> {
    context = opened;
    context.setDefaultTimeout(WAIT_MS);
    const page = await context.newPage();
    const told: string[] = [];
    const hears = async (words: string): Promise<void> => {
      while (!told.some((text) => text.includes(words))) await page.waitForEvent('console');
    };
    page.on('pageerror', (error) => told.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) told.push(message.text());
    });
    const chat = page.frameLocator('parley-chat iframe');
    const isThere = () => page.locator('parley-chat .panel.ready').waitFor();
    let known = '';
    const sessionId = async (): Promise<string> => {
      if (page.url().startsWith(shop.origin)) known = (await sessionIdIn(page, `${service.url}/embed`)) || known;
      return known;
    };
    await page.goto(shop.address(attributes));
    return {
      page,
      context,
      told,
      hears,
      chat,
      button: page.locator('parley-chat .launcher'),
      panel: page.locator('parley-chat .panel'),
      frame() {
        const found = page.frames().find((frame) => frame.url() === `${service.url}/embed`);
        if (found === undefined) throw new Error('the chat is not loaded');
        return found;
      },
      async open() {
        await page.locator('parley-chat .launcher').click();
        await isThere();
      },
      async say(text) {
        await isThere();
        await chat.locator('#message').fill(text);
        await chat.locator('#message').press('Enter');
      },
      async answer(count) {
        const found = chat.locator('.message.assistant.complete').nth(count - 1);
        await found.waitFor();
        return found;
      },
      sessionId,
      async logged() {
        const id = await sessionId();
        const response = await fetch(`${service.url}/api/chat/sessions/${id}/messages`);
        return ((await response.json()) as { messages: { id: string; role: string; content: string; metadata?: object }[] }).messages;
      },
    };
  }

  return {
    shop: () => shop,
    stranger: () => stranger,
    serviceUrl: () => service.url,
    async start() {
      folder = await mkdtemp(join(memoryFolder(), 'parley-widget-'));
      await copySampleData(join(folder, 'data'));
      [shop, stranger] = await Promise.all([startShopPage(), startShopPage()]);
      const environment = { DATA_DIR: join(folder, 'data'), RATE_LIMIT_DEFAULT: '100000', ALLOWED_ORIGINS: shop.origin };
      [service, browser] = await Promise.all([startServiceProcess(environment), launchChromium()]);
      for (const page of [shop, stranger]) page.useService(service.url);
    },
    async stop() {
      await context?.close();
      await browser.close();
      await service.stop();
      await Promise.all([shop.close(), stranger.close()]);
      await rm(folder, { recursive: true, force: true });
    },
    async visit(attributes = {}, options = DESKTOP, prepare) {
      await context?.close();
      const opened = await browser.newContext(options);
      await prepare?.(opened);
      return visitIn(opened, attributes);
    },
    async visitWithStorage() {
      await context?.close();
      const profile = await mkdtemp(join(folder, 'profile-'));
      await mkdir(join(profile, 'Default'));
      await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify({ profile: { cookie_controls_mode: 0 } }));
      return visitIn(await chromium.launchPersistentContext(profile, { ...CHROMIUM_OPTIONS, ...DESKTOP }), {});
    },
  };
}

/** Wherever the browser lets the chat keep it: in its own storage, or in the shop's. */
async function sessionIdIn(page: Page, address: string): Promise<string> {
  const outside = await page.evaluate<string | null>(`localStorage.getItem('parley.widget.chat.parley.session')`);
  const inside =
    outside ??
    (await page
      .frames()
      .find((frame) => frame.url() === address)
      ?.evaluate<string | null>(`localStorage.getItem('parley.session')`));
  return (JSON.parse(inside ?? '{}') as { id?: string }).id ?? '';
}
