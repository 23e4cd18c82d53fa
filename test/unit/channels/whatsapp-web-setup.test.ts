/** What an operator is told before there is a browser: none there, one that would end at once, no way to WhatsApp; and how memory is told. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertChromium } from '../../../channels/whatsapp-web/chromium.js';
import { diagnose } from '../../../channels/whatsapp-web/diagnose.js';
import { createWhatsAppWebChannel } from '../../../channels/whatsapp-web/index.js';
import { memoryOfTree } from '../../../channels/whatsapp-web/memory.js';
import { missedIn, missedSince } from '../../../channels/whatsapp-web/missed.js';
import { ConfigurationError } from '../../../src/domain/errors.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { WEB_SETTINGS } from '../../fakes/whatsapp-web/harness.js';
import { FakeLines } from '../../fakes/whatsapp-web/lines.js';
import { messageModel } from '../../fakes/whatsapp-web/models.js';

let folder: string;
let program: string;
let server: Server;
let page: URL;
let status = 200;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-chromium-'));
  program = join(folder, 'chromium');
  await writeFile(program, '#!/bin/sh\necho Chromium 141.0\n', { mode: 0o755 });
  server = createServer((_request, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  page = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

describe('without a browser', () => {
  it('the service does not start, and says what to install', async () => {
    const channel = createWhatsAppWebChannel(WEB_SETTINGS, createLogger({ level: 'silent' }), new FakeLines().instance());
    const start = channel.start?.(
      async () => ({ inboxId: 'evt_1', duplicate: false }),
      async () => undefined,
    );
    await expect(start).rejects.toBeInstanceOf(ConfigurationError);
    await expect(start).rejects.toThrow(/there is none at \/nowhere\/chromium\. .*CHROMIUM_PATH/);
  });

  it('that may run as root, it says what to do', async () => {
    const settings = { chromiumPath: program, chromiumArgs: [] };
    await expect(assertChromium(settings, 0)).rejects.toThrow(/CHROMIUM_ARGS=--no-sandbox/);
    await expect(assertChromium(settings, 1000)).resolves.toBeUndefined();
    await expect(assertChromium({ ...settings, chromiumArgs: ['--no-sandbox'] }, 0)).resolves.toBeUndefined();
  });
});

describe('the doctor', () => {
  const stateOf = async (chromiumPath: string, at = page) =>
    Object.fromEntries((await diagnose({ chromiumPath }, at)).map((finding) => [finding.check, finding]));

  it('finds the browser and the way to WhatsApp, and says that this is unofficial', async () => {
    status = 200;
    expect(await stateOf(program)).toMatchObject({
      browser: { state: 'ok', detail: `Chromium 141.0, ${program}` },
      page: { state: 'ok' },
      terms: { state: 'unknown', remedy: expect.stringContaining('whatsapp-cloud') },
    });
  });

  it('says what is missing', async () => {
    status = 503;
    expect(await stateOf('/nowhere/chromium')).toMatchObject({
      browser: { state: 'wrong', detail: 'there is no Chromium at /nowhere/chromium', remedy: expect.stringContaining('CHROMIUM_PATH') },
      page: { state: 'wrong' },
    });
    expect(await stateOf(folder, new URL('http://127.0.0.1:9/'))).toMatchObject({
      browser: { state: 'wrong' },
      page: { state: 'wrong', remedy: expect.stringContaining('http://127.0.0.1:9') },
    });
  });
});

describe('memory', () => {
  it('is that of the process and all below it, where the system tells', async () => {
    const own = await memoryOfTree(process.pid);
    if (process.platform === 'linux') expect((own ?? 0) / 1024 ** 2).toBeGreaterThan(20);
    else expect(own).toBeNull();
    // No process has this number.
    expect(await memoryOfTree(2 ** 30)).toBeNull();
  });
});

describe('what was missed', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  it('is looked for from a minute before the last moment at which everything was stored, and no further back than a week', () => {
    expect(missedSince(new Date('2026-11-21T11:00:00Z'), now)).toBe(Date.parse('2026-11-21T10:59:00Z') / 1000);
    expect(missedSince(new Date('2026-01-01T00:00:00Z'), now)).toBe(Date.parse('2026-11-14T12:00:00Z') / 1000);
  });

  it('is what nobody answered by hand; our own last answers do not count', () => {
    const at = (time: string) => Date.parse(`2026-11-21T${time}Z`) / 1000;
    const theirs = messageModel({ body: 'hola', t: at('11:00:10') });
    const ours = messageModel({ body: 're: hola', t: at('11:00:30') }, { fromMe: true });
    const byHand = messageModel({ body: 'Le llamo', t: at('11:30:00') }, { fromMe: true });
    const later = messageModel({ body: 'gracias', t: at('11:40:00') });
    const seenUntil = new Date('2026-11-21T11:00:00Z');
    expect(missedIn([theirs, ours, later], seenUntil)).toEqual([theirs, ours, later]);
    expect(missedIn([theirs, byHand, later], seenUntil)).toEqual([later]);
    expect(missedIn(['junk', theirs], seenUntil)).toEqual(['junk', theirs]);
  });
});
