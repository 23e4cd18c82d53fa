/** The chat page in a real Chromium on the real service, for the tests in a browser: starts both, opens pages, writes and waits for answers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { collectErrors, DESKTOP, launchChromium } from './browser.js';
import { memoryFolder } from './memory-folder.js';
import { copySampleData } from './sample-data.js';
import { startServiceProcess, type ServiceProcess } from './service-process.js';

export const START_TIMEOUT_MS = 120_000;
const WAIT_MS = 60_000;

export interface ChatBrowser {
  readonly url: () => string;
  readonly browser: () => Browser;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** As a power cut does. */
  readonly kill: () => Promise<void>;
  /** At the same address, on the same data. */
  readonly startAgain: () => Promise<void>;
  /** A visitor with an empty browser; the last one's is closed. */
  visit(options?: BrowserContextOptions, prepare?: (context: BrowserContext) => Promise<unknown>): Promise<Page>;
  /** Another tab of the same visitor's. */
  openTab(): Promise<Page>;
  /** Of the newest tab. */
  errors(): readonly string[];
  /** What the service has of the visitor's conversation. */
  logged(page: Page): Promise<{ role: string; content: string }[]>;
}

export function createChatBrowser(): ChatBrowser {
  let folder = '';
  let service: ServiceProcess;
  let browser: Browser;
  let context: BrowserContext | null = null;
  let errors: string[] = [];
  const startOn = (port: string) => startServiceProcess({ DATA_DIR: join(folder, 'data'), PORT: port, RATE_LIMIT_DEFAULT: '100000' });

  async function openTab(): Promise<Page> {
    if (context === null) throw new Error('visit first');
    const page = await context.newPage();
    errors = collectErrors(page);
    await page.goto(service.url);
    await page.locator('#status').filter({ hasText: /./ }).waitFor();
    return page;
  }

  return {
    url: () => service.url,
    browser: () => browser,
    async start() {
      folder = await mkdtemp(join(memoryFolder(), 'parley-chat-'));
      await copySampleData(join(folder, 'data'));
      [service, browser] = await Promise.all([startOn('0'), launchChromium()]);
    },
    async stop() {
      await browser.close();
      await service.stop();
      await rm(folder, { recursive: true, force: true });
    },
    kill: async () => void (await service.stop('SIGKILL')),
    async startAgain() {
      service = await startOn(new URL(service.url).port);
    },
    async visit(options = DESKTOP, prepare) {
      await context?.close();
      context = await browser.newContext(options);
      context.setDefaultTimeout(WAIT_MS);
      await prepare?.(context);
      return openTab();
    },
    openTab,
    errors: () => errors,
    async logged(page) {
      const response = await fetch(`${service.url}/api/chat/sessions/${await sessionIdOf(page)}/messages`);
      return ((await response.json()) as { messages: { role: string; content: string }[] }).messages;
    },
  };
}

/** Writes and sends as a customer with a keyboard does. */
export async function say(page: Page, text: string): Promise<void> {
  await page.fill('#message', text);
  await page.press('#message', 'Enter');
}

/** The answer number `count`, from 1, once it is complete. */
export async function answer(page: Page, count: number): Promise<Locator> {
  const found = page.locator('.message.assistant.complete').nth(count - 1);
  await found.waitFor();
  return found;
}

export const bubbles = (page: Page): Promise<string[]> => page.locator('.bubble').allInnerTexts();

export const sessionIdOf = (page: Page): Promise<string> =>
  page.evaluate<string>(`JSON.parse(localStorage.getItem('parley.session') ?? '{}').id ?? ''`);
