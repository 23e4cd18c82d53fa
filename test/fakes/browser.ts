/** A real Chromium for the tests of pages, and what the tests ask of any page: names for controls, contrast, no sideways scrolling. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Frame, type LaunchOptions, type Page } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Where it is missing, tests in a browser are skipped and say so. */
export const hasChromium = existsSync(CHROMIUM);

export const CHROMIUM_OPTIONS: LaunchOptions = {
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
};
export const launchChromium = (): Promise<Browser> => chromium.launch(CHROMIUM_OPTIONS);

export const DESKTOP: BrowserContextOptions = { locale: 'es-ES', viewport: { width: 1280, height: 800 } };
export const PHONE: BrowserContextOptions = {
  locale: 'es-ES',
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

/** Errors of the page's scripts and of its content security policy, as they come. */
export function collectErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return errors;
}

const NAMED_ROLES = ['button', 'textbox', 'link', 'dialog', 'log', 'article', 'meter', 'group', 'checkbox', 'combobox'];

/** Roles of what assistive technology is shown without a name: should be empty. */
export async function namelessControls(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  const shown = nodes.filter((node) => !node.ignored && NAMED_ROLES.includes(String(node.role?.value)));
  return shown.filter((node) => String(node.name?.value ?? '').trim() === '').map((node) => String(node.role?.value));
}

const IN_PAGE = readFileSync(join(import.meta.dirname, 'in-page-checks.js'), 'utf8')
  .trim()
  .replace(/;$/, '');

/** Visible texts with too little contrast: should be empty. */
export const faintTexts = (page: Page | Frame): Promise<string[]> => page.evaluate<string[]>(`${IN_PAGE}; inPage.faintTexts()`);

/** Pixels that the page is wider than its window: should be 0. */
export const sidewaysScroll = (page: Page | Frame): Promise<number> => page.evaluate<number>(`${IN_PAGE}; inPage.sidewaysScroll()`);
