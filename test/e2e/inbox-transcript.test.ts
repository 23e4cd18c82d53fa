/** Copies of a conversation, in a real browser on the real service: staff get them in the inbox, and the customer who asks for one in the chat. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { createTextExtractor } from '../../src/knowledge/loaders/extract-text.js';
import { hasChromium } from '../fakes/browser.js';
import { say, START_TIMEOUT_MS } from '../fakes/chat-page.js';
import { type InboxBrowser, inChat, openInboxBrowser, press, reply, take } from '../fakes/inbox-browser.js';
import { memoryFolder } from '../fakes/memory-folder.js';
import { copySampleData } from '../fakes/sample-data.js';
import { type ServiceProcess, startServiceProcess } from '../fakes/service-process.js';

const inBrowser = hasChromium ? describe : describe.skip;

let folder: string;
let service: ServiceProcess;
let inbox: InboxBrowser;

/** What a press downloads: its name and its bytes. */
async function downloaded(page: Page, presses: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), presses()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

async function wordsOf(bytes: Buffer): Promise<string> {
  const extractor = createTextExtractor();
  const read = await extractor.extractText({ bytes, filename: 'copy.pdf' });
  await extractor.close();
  if (!read.ok) throw new Error(read.message);
  return read.text.replace(/\s+/g, ' ');
}

const link = (page: Page): Locator => page.locator('#messages a[download$=".pdf"]').last();

inBrowser('copies of a conversation (skipped where Chromium is missing: install it at /usr/bin/chromium or set CHROMIUM_PATH)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(memoryFolder(), 'parley-transcript-'));
    const data = join(folder, 'data');
    await copySampleData(data);
    service = await startServiceProcess({ DATA_DIR: data, RATE_LIMIT_DEFAULT: '100000', DESK_UNDO_SECONDS: '0' });
    inbox = await openInboxBrowser(data);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await inbox.close();
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('are had by staff as PDF and as text, and by the customer with the button under the closing message', async () => {
    const marta = await inbox.signIn(service.url, 'Marta Ruiz');
    const { customer, ticket } = await inbox.customerWithCase(service.url, 'Quiero hablar con una persona: soy Íñigo');
    await take(marta, ticket);
    await marta.fill('#note-text', 'esto es interno');
    await marta.locator('.box.note .strong').click();
    await reply(marta, 'Hola, Íñigo: el señor Núñez te llama mañana');
    await inChat(customer, 'te llama mañana').waitFor();

    const text = await downloaded(marta, () => press(marta, 'Copia en texto'));
    expect(text.name).toBe(`${ticket}.txt`);
    expect(text.bytes.toString('utf8')).toContain('Marta: Hola, Íñigo: el señor Núñez te llama mañana');
    const pdf = await downloaded(marta, () => press(marta, 'Copia en PDF'));
    expect(await wordsOf(pdf.bytes)).toContain('el señor Núñez te llama mañana');

    await press(marta, 'Resolver');
    await marta.locator('#question-yes').click();
    await customer.getByRole('button', { name: 'Copia de la conversación' }).click();
    await link(customer).waitFor();
    const own = await downloaded(customer, () => link(customer).click());
    expect(own.name).toBe(`conversacion-${ticket}.pdf`);
    const words = await wordsOf(own.bytes);
    expect(words).toContain('Cliente: Quiero hablar con una persona: soy Íñigo');
    expect(words).toContain('Marta: Hola, Íñigo: el señor Núñez te llama mañana');
    expect(words).not.toContain('esto es interno');
    // The question how it went is still open.
    await customer.getByRole('button', { name: '5 · Muy bien' }).click();
    await marta.locator('#case dd').filter({ hasText: '★ 5/5' }).waitFor();
  }, 120_000);

  it('are had by the customer at any time, by command or in words, as a file or as a message', async () => {
    const customer = await inbox.visit(`${service.url}/`);
    await say(customer, '¿Hacéis envíos a Canarias?');
    await customer.locator('.message.assistant.complete').first().waitFor();
    await say(customer, '¿Me mandas una copia de la conversación?');
    await link(customer).waitFor();
    await say(customer, '/transcripción texto');
    await inChat(customer, /Copia de nuestra conversación \(horas de/).waitFor();
    expect(await customer.locator('#messages').innerText()).toContain('Cliente: ¿Hacéis envíos a Canarias?');
  }, 120_000);
});
