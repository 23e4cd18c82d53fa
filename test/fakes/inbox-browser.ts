/** The web inbox in a real Chromium, for the tests in a browser: agents who sign in, customers in the web chat who ask for a person, and what both see. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { DESKTOP, launchChromium } from './browser.js';
import { say } from './chat-page.js';

const WAIT_MS = 60_000;

export interface InboxBrowser {
  /** The API key that agents sign in with. */
  readonly key: string;
  visit(url: string, options?: BrowserContextOptions): Promise<Page>;
  signIn(url: string, name: string, options?: BrowserContextOptions): Promise<Page>;
  /** A customer who asked for a person, and the number of their case. */
  customerWithCase(url: string, text?: string): Promise<{ customer: Page; ticket: string }>;
  /** Closes all pages. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

/** @param dataDir of the service, where its first key lies */
export async function openInboxBrowser(dataDir: string): Promise<InboxBrowser> {
  const key = (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();
  const browser: Browser = await launchChromium();
  const contexts: BrowserContext[] = [];
  const inbox: InboxBrowser = {
    key,
    async visit(url, options = DESKTOP) {
      const context = await browser.newContext({ acceptDownloads: true, ...options });
      context.setDefaultTimeout(WAIT_MS);
      contexts.push(context);
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
    async signIn(url, name, options) {
      const page = await inbox.visit(`${url}/inbox`, options);
      await page.fill('#key', key);
      await page.fill('#name', name);
      await page.locator('#sign-in button').click();
      await page.locator('#desk').waitFor();
      return page;
    },
    async customerWithCase(url, text = 'Quiero hablar con una persona') {
      const customer = await inbox.visit(`${url}/`);
      await say(customer, text);
      const status = customer.locator('#status').filter({ hasText: /T-[0-9A-Z]{8}/ });
      await status.waitFor();
      return { customer, ticket: /T-[0-9A-Z]{8}/.exec(await status.innerText())?.[0] ?? '' };
    },
    async closePages() {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
    },
    close: () => browser.close(),
  };
  return inbox;
}

export const entry = (page: Page, ticket: string): Locator => page.locator(`[data-case="${ticket}"]`);
/** Of the open case, by the words on the button. */
export const press = (page: Page, name: string): Promise<void> => page.locator('.tools').getByRole('button', { name, exact: true }).click();
export const inLog = (page: Page, text: string): Locator => page.locator('#case .log .item').filter({ hasText: text }).first();
export const inChat = (page: Page, text: string | RegExp): Locator => page.locator('#messages').getByText(text).first();

/** Opens the case and claims it. */
export async function take(page: Page, ticket: string): Promise<void> {
  await entry(page, ticket).click();
  await page.locator('.tools .claim').click();
  await page.locator('.tools .resolve').waitFor();
}

export async function reply(page: Page, text: string): Promise<void> {
  await page.fill('#reply-text', text);
  await page.locator('.box.reply .strong').click();
}
