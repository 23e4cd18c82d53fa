/**
 * The real client of whatsapp-web.js in a real Chromium, on a local page that offers what the library takes from WhatsApp Web's: the code, the link and its
 * profile in the database, messages both ways, files, breaks, and how the browser ends.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createWhatsAppWebChannel } from '../../channels/whatsapp-web/index.js';
import { memoryOfTree } from '../../channels/whatsapp-web/memory.js';
import type { Channel, Recipient, SendContext } from '../../src/domain/channel.js';
import type { InboundEvent } from '../../src/domain/message.js';
import { createChannelLineStore } from '../../src/storage/channel-line-store.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { startTestDatabase, type TestDatabase } from '../fakes/database.js';
import { linkOf, until } from '../fakes/whatsapp-web/harness.js';
import { CUSTOMER } from '../fakes/whatsapp-web/models.js';
import { canShowPage, CHROMIUM, startWebPage, type WebPage } from '../fakes/whatsapp-web/web-page.js';

const inBrowser = canShowPage() ? describe : describe.skip;
const STEP_MS = 60_000;
const TO: Recipient = { conversationId: 'conv_1', threadKey: CUSTOMER, userId: CUSTOMER };

let sends = 0;
const context = (): SendContext => {
  sends += 1;
  return { key: `out_${sends}`, messageId: `msg_${sends}`, replyTo: null, part: 0, last: true, answer: null };
};

inBrowser(
  'WhatsApp Web in Chromium (skipped where it, or openssl, is missing: install it at /usr/bin/chromium or set CHROMIUM_PATH)',
  () => {
    let database: TestDatabase;
    let page: WebPage;
    let folder: string;
    let running: { channel: Channel; stop: () => Promise<void> } | null = null;
    const events: InboundEvent[] = [];

    beforeAll(async () => {
      database = await startTestDatabase();
      page = await startWebPage();
    }, STEP_MS);
    afterAll(async () => {
      await running?.stop();
      await page.close();
      await database.close();
    }, STEP_MS);

    /** As another process would: with an empty folder, and nothing in common but the database. */
    async function start(): Promise<Channel> {
      folder = await mkdtemp(join(tmpdir(), 'parley-browser-'));
      const own = folder;
      const lines = createChannelLineStore(database.models, { soleInstance: true });
      const channel = createWhatsAppWebChannel(
        {
          chromiumPath: CHROMIUM,
          chromiumArgs: page.chromiumArgs,
          profileFolder: folder,
          maxMemoryBytes: 4 * 1024 ** 3,
          maxAgeMs: 3_600_000,
          leaseMs: 15_000,
          soleInstance: true,
          loadFile: async () => ({ bytes: Buffer.from('%PDF-1.7'), contentType: 'application/pdf' }),
        },
        createLogger({ level: 'silent' }),
        lines,
        { showCode: () => undefined },
      );
      const stopChannel = await channel.start?.(
        async (event) => {
          events.push(event);
          return { inboxId: 'evt_1', duplicate: false };
        },
        async () => undefined,
      );
      const stop = async () => {
        running = null;
        await stopChannel?.();
        await rm(own, { recursive: true, force: true });
      };
      running = { channel, stop };
      return channel;
    }

    const channel = () => {
      if (running === null) throw new Error('it does not run');
      return running.channel;
    };
    const state = () => linkOf(channel()).status().state;
    const come = (wanted: string) => until(() => state() === wanted, STEP_MS);
    const received = () => events.flatMap((event) => (event.kind === 'message' ? event.content : []));
    const told = (kind: string) => page.told.filter((entry) => entry.kind === kind);

    it(
      'shows the code of the page, a new one when it changes, and a pairing code for a number',
      async () => {
        await start();
        await come('unlinked');
        expect(linkOf(channel()).status().qr).toBe('2@first,AQID,BAUG,adv,1');
        page.order({ do: 'newCode' });
        await until(() => linkOf(channel()).status().qr?.startsWith('2@second') === true);
        await linkOf(channel()).start('34911222333');
        expect(linkOf(channel()).status().pairingCode).toBe('ABCD2345');
        expect(told('pairing')).toEqual([{ kind: 'pairing', phone: '34911222333' }]);
      },
      STEP_MS,
    );

    it(
      'is ready once it is linked, takes messages in and sends them, with files both ways',
      async () => {
        page.order({ do: 'scan' });
        await come('ready');
        expect(linkOf(channel()).status().linkedAs).toBe('34911222333@c.us');

        page.receive({ body: '¿Cuánto cuesta el panel de 50 mm? 👷' });
        await until(() => received().length === 1, STEP_MS);
        expect(events[0]).toMatchObject({
          threadKey: CUSTOMER,
          addressed: true,
          content: [{ text: '¿Cuánto cuesta el panel de 50 mm? 👷' }],
        });
        const directPath = page.addFile(Buffer.from([0, 255, 13, 10, 26, 128]));
        page.receive({ type: 'image', directPath, mimetype: 'image/png', caption: 'Mira' });
        await until(() => received().length === 2, STEP_MS);
        const part = received()[1];
        if (part?.kind !== 'media') throw new Error('no file came');
        expect((await channel().fetchMedia?.(part.file))?.bytes).toEqual(Buffer.from([0, 255, 13, 10, 26, 128]));

        const receipt = await channel().send(TO, { kind: 'text', markdown: 'Cuesta **12,50 €**' }, context());
        expect(told('sent')).toMatchObject([{ chatId: CUSTOMER, id: receipt.platformMessageId, body: 'Cuesta *12,50 €*', type: 'chat' }]);
        const file = { id: 'att_1', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 8 };
        await channel().send(TO, { kind: 'file', file, caption: 'El plano' }, context());
        expect(told('sent')[1]).toMatchObject({
          type: 'document',
          caption: 'El plano',
          filename: 'plano.pdf',
          mimetype: 'application/pdf',
        });
        await until(() => events.some((event) => event.kind === 'status' && event.status === 'sent'));
      },
      STEP_MS,
    );

    it(
      'types, reacts, marks as read, changes what it sent, and tells who cannot be reached',
      async () => {
        await channel().showTyping?.(TO, { kind: 'started' });
        await until(() => told('typing').length === 1);
        const { eventId } = events.find((event) => event.kind === 'message') ?? { eventId: '' };
        await channel().react?.(TO, eventId, '👍');
        expect(told('reaction')).toEqual([{ kind: 'reaction', id: eventId, emoji: '👍' }]);
        await channel().markRead?.(TO, eventId);
        expect(told('seen').length).toBeGreaterThan(0);
        const { platformMessageId } = await channel().send(TO, { kind: 'text', markdown: 'antes' }, context());
        await channel().edit?.(TO, platformMessageId ?? '', { kind: 'text', markdown: '**después**' });
        expect(told('edited')).toEqual([{ kind: 'edited', id: platformMessageId, text: '*después*' }]);
        const nobody = { ...TO, threadKey: '000111@c.us' };
        await expect(channel().send(nobody, { kind: 'text', markdown: 'Hola' }, context())).rejects.toMatchObject({
          kind: 'recipient-unreachable',
        });
        await expect(channel().checkHealth()).resolves.toBeUndefined();
      },
      STEP_MS,
    );

    it(
      'is linked still after a stop, with the profile from the database alone, and has what was written meanwhile',
      async () => {
        await running?.stop();
        expect(await database.db.collection('channel_line_parts').countDocuments()).toBeGreaterThan(0);
        page.write({ body: 'mientras no estaba' });
        await start();
        await come('ready');
        expect(received().at(-1)).toEqual({ kind: 'text', text: 'mientras no estaba' });
        expect(told('pairing')).toHaveLength(1);
      },
      2 * STEP_MS,
    );

    it(
      'starts another browser when that one crashes, and never has two',
      async () => {
        const [browser] = browsersOf(process.pid);
        if (browser === undefined) throw new Error('there is no browser');
        process.kill(browser, 'SIGKILL');
        await until(() => page.loads() === 3, STEP_MS);
        await come('ready');
        expect(browsersOf(process.pid)).toHaveLength(1);
      },
      2 * STEP_MS,
    );

    it(
      'says how much memory the browser holds, all of its processes together',
      async () => {
        const [browser] = browsersOf(process.pid);
        const megabytes = ((await memoryOfTree(browser ?? 0)) ?? 0) / 1024 ** 2;
        expect(megabytes).toBeGreaterThan(50);
        expect(megabytes).toBeLessThan(1500);
      },
      STEP_MS,
    );

    it(
      'shows a code again when the phone unlinks it',
      async () => {
        page.order({ do: 'unlink' });
        await come('unlinked');
        expect(await database.db.collection('channel_lines').findOne({})).toMatchObject({ profile: null });
        page.order({ do: 'scan' });
        await come('ready');
      },
      2 * STEP_MS,
    );

    it(
      'forgets the link when it is logged out here, and shows a code again',
      async () => {
        await linkOf(channel()).logOut();
        await come('unlinked');
        expect(told('logged-out')).toHaveLength(2);
        expect(await database.db.collection('channel_lines').findOne({})).toMatchObject({ profile: null });
      },
      2 * STEP_MS,
    );

    it(
      'ends with the process that started it, even when that is killed',
      async () => {
        await running?.stop();
        folder = await mkdtemp(join(tmpdir(), 'parley-browser-'));
        const loads = page.loads();
        const args = [
          '--import',
          './test/typescript.mjs',
          'test/fakes/whatsapp-web/start-browser.ts',
          folder,
          CHROMIUM,
          ...page.chromiumArgs,
        ];
        const child = spawn(process.execPath, args, { stdio: 'inherit' });
        await until(() => page.loads() > loads, STEP_MS);
        const [browser] = browsersOf(child.pid ?? 0);
        if (browser === undefined) throw new Error('there is no browser');
        child.kill('SIGKILL');
        await until(() => !isAlive(browser), STEP_MS);
        await rm(folder, { recursive: true, force: true });
      },
      2 * STEP_MS,
    );
  },
);

/** Browsers that this process started: `ps` is on every Unix. */
const browsersOf = (pid: number): number[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='])
    .toString()
    .split('\n')
    .flatMap((line) => {
      const [, own, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return Number(parent) === pid && args.includes('--remote-debugging-pipe') ? [Number(own)] : [];
    });

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw thrown;
  }
}
