/** The life of the link with a fake browser: codes, what was missed, breaks, limits, and never two browsers on one phone whatever happens. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeText } from '../../../channels/whatsapp-web/terminal.js';
import { FakeBrowser, FakePhone } from '../../fakes/whatsapp-web/client.js';
import { linkOf, openWhatsAppWeb, SHORT_TIMES, until, type OpenOptions, type OpenWhatsAppWeb } from '../../fakes/whatsapp-web/harness.js';
import { FakeLines } from '../../fakes/whatsapp-web/lines.js';

const opened: OpenWhatsAppWeb[] = [];
const open = async (options: OpenOptions = {}) => {
  const channel = await openWhatsAppWeb(options);
  opened.push(channel);
  return channel;
};
afterEach(() => Promise.all(opened.splice(0).map((channel) => channel.close())));

const unlinked = (): FakePhone => Object.assign(new FakePhone(), { linked: false });
const stateOf = ({ channel }: OpenWhatsAppWeb) => linkOf(channel).status().state;
const textsOf = ({ events }: OpenWhatsAppWeb) =>
  events.flatMap((event) => (event.kind === 'message' ? event.content.map((part) => (part.kind === 'text' ? part.text : part.kind)) : []));
const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;

describe('linking a phone', () => {
  it('shows a code, in the terminal too, a new one when the first has run out, and is ready once it is scanned', async () => {
    const shown: object[] = [];
    const web = await open({ phone: unlinked(), untilReady: false, parts: { showCode: (code) => shown.push(code) } });
    await until(() => stateOf(web) === 'unlinked');
    expect(linkOf(web.channel).status()).toMatchObject({ qr: expect.stringMatching(/^2@fake1/), pairingCode: null, linkedAs: null });
    await expect(web.channel.checkHealth()).rejects.toMatchObject({ kind: 'credentials-rejected' });
    await expect(web.channel.send(web.to, { kind: 'text', markdown: 'Hola' }, sendContext)).rejects.toMatchObject({
      kind: 'credentials-rejected',
      retry: { afterMs: 5000 },
    });
    web.phone.browser?.showCode();
    expect(linkOf(web.channel).status().qr).toMatch(/^2@fake2/);
    web.phone.browser?.scan();
    await until(() => stateOf(web) === 'ready');
    expect(linkOf(web.channel).status()).toMatchObject({ qr: null, linkedAs: '34911222333@c.us' });
    expect(shown).toEqual([{ qr: expect.stringMatching(/^2@fake1/) }, { qr: expect.stringMatching(/^2@fake2/) }]);
  });

  it('draws the code for the terminal, and spells a pairing code', async () => {
    const drawn = await codeText({ qr: '2@fake,a2V5,aWQ=,YWR2,1' });
    expect(drawn).toContain('Linked devices');
    expect(drawn).toMatch(/[▀▄█]/);
    expect(await codeText({ pairingCode: 'ABCD2345' })).toContain('ABCD2345');
  });

  it('gives a pairing code to a number, and says so when WhatsApp gives none', async () => {
    const web = await open({ phone: unlinked(), untilReady: false });
    await until(() => stateOf(web) === 'unlinked');
    await linkOf(web.channel).start('34911222333');
    expect(linkOf(web.channel).status()).toMatchObject({ state: 'unlinked', pairingCode: 'ABCD2345' });
    await expect(linkOf(web.channel).start('1')).rejects.toMatchObject({
      name: 'ConflictError',
      message: expect.stringContaining('bad-request'),
    });
  });

  it('ends the browser when nobody scans, and starts another one when somebody asks, for a number too', async () => {
    const web = await open({ phone: unlinked(), untilReady: false, parts: { times: { ...SHORT_TIMES, codesMs: 50 } } });
    await until(() => stateOf(web) === 'paused');
    expect(web.phone.running).toBe(0);
    await linkOf(web.channel).start('34911222333');
    await until(() => linkOf(web.channel).status().pairingCode === 'ABCD2345');
    web.phone.browser?.scan();
    await until(() => stateOf(web) === 'ready');
    await expect(linkOf(web.channel).start(null)).rejects.toMatchObject({ name: 'ConflictError' });
  });

  it('does not answer what was written before the phone was linked', async () => {
    const phone = unlinked();
    phone.write({ body: 'hace un mes' });
    const web = await open({ phone, untilReady: false });
    await until(() => stateOf(web) === 'unlinked');
    phone.browser?.scan();
    await until(() => stateOf(web) === 'ready');
    expect(textsOf(web)).toEqual([]);
  });

  it('shows a code again after it was unlinked, on the phone or here', async () => {
    const web = await open();
    web.phone.linked = false;
    web.phone.browser?.emit('disconnected', 'LOGOUT');
    await until(() => stateOf(web) === 'unlinked');
    web.phone.browser?.scan();
    await until(() => stateOf(web) === 'ready');
    await linkOf(web.channel).logOut();
    await until(() => stateOf(web) === 'unlinked');
    expect(web.phone.mostRunning).toBe(1);
  });
});

const sendContext = {
  key: 'out_1',
  messageId: 'msg_1',
  replyTo: null,
  part: 0,
  last: true,
  place: { order: 1, after: 0, answers: [] },
  answer: null,
};

describe('what was written while there was no browser', () => {
  it('is stored when there is one again, before anything is sent, and once', async () => {
    const [phone, lines] = [new FakePhone(), new FakeLines()];
    const first = await open({ phone, lines });
    await first.say('uno');
    await first.close();
    phone.write({ body: 'dos' });
    phone.write({ body: 'tres' }, { chat: '34600999888@c.us' });
    phone.write({ body: 'Novedades' }, { chat: '120363000000000001@newsletter' });
    const second = await open({ phone, lines });
    // What is known already comes again under its id, and is stored once by the inbox.
    expect(new Set(textsOf(second))).toEqual(new Set(['uno', 'dos', 'tres']));
    const ids = second.events.map((event) => event.eventId);
    expect(ids).toContain(first.events[0]?.eventId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is left to the person who answered it by hand', async () => {
    const lines = Object.assign(new FakeLines(), { seenUntil: new Date(Date.now() - 600_000) });
    const phone = new FakePhone();
    phone.write({ body: 'sin respuesta', t: secondsAgo(300) });
    phone.write({ body: 'respondida', t: secondsAgo(300) }, { chat: '34600999888@c.us' });
    phone.write({ body: 'Le llamo', t: secondsAgo(200) }, { chat: '34600999888@c.us', fromMe: true });
    phone.write({ body: 'y otra cosa', t: secondsAgo(100) }, { chat: '34600999888@c.us' });
    const web = await open({ phone, lines });
    expect(textsOf(web).sort()).toEqual(['sin respuesta', 'y otra cosa']);
  });

  it('is looked for from the moment on at which a phone was linked, should the instance die at the next one', async () => {
    const lines = new FakeLines();
    const before = Date.now();
    // Its first renewal would come after minutes.
    await open({ lines, settings: { leaseMs: 600_000 } });
    await until(() => lines.seenUntil !== null);
    expect(lines.seenUntil?.getTime()).toBeGreaterThanOrEqual(before);
  });

  it('is looked for from the first message on that could not be stored', async () => {
    const [phone, lines] = [new FakePhone(), new FakeLines()];
    let away = false;
    const emit = async () => {
      if (away) throw new Error('the database is away');
      return { inboxId: 'evt_1', duplicate: false };
    };
    const first = await open({ phone, lines, emit });
    await first.say('uno');
    away = true;
    phone.write({ body: 'dos' });
    const written = Date.now();
    await sleep(50);
    await first.close();
    expect(lines.seenUntil?.getTime()).toBeLessThanOrEqual(written);
    const second = await open({ phone, lines });
    expect(textsOf(second)).toContain('dos');
  });

  it('waits for the store, and goes on in its order', async () => {
    let failures = 2;
    const emit = async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('the database is away');
      return { inboxId: 'evt_1', duplicate: false };
    };
    const web = await open({ emit });
    for (const text of ['uno', 'dos', 'tres']) web.phone.write({ body: text });
    await until(() => textsOf(web).length === 3);
    expect(textsOf(web)).toEqual(['uno', 'dos', 'tres']);
  });
});

describe('a browser that fails', () => {
  it('is started again, later and later, with the reason told, and what was written meanwhile is stored', async () => {
    const phone = new FakePhone();
    const reasons = ['net::ERR_NAME_NOT_RESOLVED at https://web.whatsapp.com/', 'net::ERR_INTERNET_DISCONNECTED', null];
    const lines = Object.assign(new FakeLines(), { seenUntil: new Date(Date.now() - 1000) });
    const web = await open({
      phone,
      lines,
      untilReady: false,
      parts: {
        createClient: async () => {
          const browser = new FakeBrowser(phone);
          browser.fails = reasons.shift() ?? null;
          phone.write({ body: 'mientras tanto' });
          return browser;
        },
      },
    });
    await until(() => stateOf(web) === 'away');
    expect(linkOf(web.channel).status().detail).toMatch(/^net::ERR_NAME_NOT_RESOLVED .*; trying again in \d+ s$/);
    await expect(web.channel.checkHealth()).rejects.toMatchObject({ kind: 'unavailable' });
    await until(() => stateOf(web) === 'ready');
    expect(phone.started).toBe(3);
    expect(textsOf(web)).toHaveLength(3);
  });

  it.each([
    ['crashes', (browser: FakeBrowser) => void browser.emit('broken', new Error('the page has crashed'))],
    ['is disconnected by another one', (browser: FakeBrowser) => void browser.emit('disconnected', 'CONFLICT')],
    ['does not answer', (browser: FakeBrowser) => void (browser.hangs = true)],
  ])('that %s is replaced', async (_what, fail) => {
    const web = await open();
    const { browser } = web.phone;
    if (browser === null) throw new Error('no browser');
    fail(browser);
    await until(() => web.phone.started === 2 && stateOf(web) === 'ready');
    expect(web.phone.mostRunning).toBe(1);
    await web.say('sigo aquí');
  });

  it('is offline as long as WhatsApp says so, and sends nothing meanwhile', async () => {
    const web = await open();
    web.phone.browser?.emit('change_state', 'TIMEOUT');
    expect(linkOf(web.channel).status()).toMatchObject({ state: 'away', linkedAs: '34911222333@c.us' });
    await expect(web.channel.send(web.to, { kind: 'text', markdown: 'Hola' }, sendContext)).rejects.toMatchObject({ kind: 'unavailable' });
    web.phone.browser?.emit('change_state', 'CONNECTED');
    await web.channel.send(web.to, { kind: 'text', markdown: 'Hola' }, sendContext);
    expect(web.phone.started).toBe(1);
  });
});

describe('a browser that was ready for long', () => {
  it('is started anew when it holds too much memory, after the sends that are under way', async () => {
    const web = await open();
    const { browser } = web.phone;
    if (browser === null) throw new Error('no browser');
    let finish: () => void = () => undefined;
    const sendMessage = browser.sendMessage.bind(browser);
    browser.sendMessage = async (...args) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return sendMessage(...args);
    };
    const sending = web.channel.send(web.to, { kind: 'text', markdown: 'Hola' }, sendContext);
    web.phone.memoryBytes = 2 * 1024 * 1024 * 1024;
    await until(() => stateOf(web) === 'starting');
    // What is under way is let finish; nothing else is begun in a browser that ends.
    await expect(web.channel.send(web.to, { kind: 'text', markdown: 'Adiós' }, sendContext)).rejects.toMatchObject({ kind: 'unavailable' });
    finish();
    await expect(sending).resolves.toMatchObject({ platformMessageId: expect.any(String) });
    await until(() => web.phone.started === 2);
    web.phone.memoryBytes = 1024;
    await until(() => stateOf(web) === 'ready');
    expect(web.phone.mostRunning).toBe(1);
  });

  it('is started anew when it is too old', async () => {
    const web = await open({ settings: { maxAgeMs: 10 } });
    await until(() => web.phone.started >= 2);
    expect(web.phone.mostRunning).toBe(1);
  });
});

describe('two instances', () => {
  const leaseMs = 300;

  it('have one browser between them; the other takes over when the first stops', async () => {
    const [phone, lines] = [new FakePhone(), new FakeLines()];
    const first = await open({ phone, lines, settings: { leaseMs } });
    const second = await open({ phone, lines, settings: { leaseMs }, untilReady: false });
    await until(() => stateOf(second) === 'elsewhere');
    await expect(second.channel.checkHealth()).resolves.toBeUndefined();
    expect([first.channel.servedHere?.(), second.channel.servedHere?.()]).toEqual([true, false]);
    await expect(linkOf(second.channel).logOut()).rejects.toMatchObject({ name: 'ConflictError' });
    await expect(second.channel.send(second.to, { kind: 'text', markdown: 'Hola' }, sendContext)).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await sleep(2 * leaseMs);
    expect(stateOf(second)).toBe('elsewhere');
    await first.close();
    await until(() => stateOf(second) === 'ready');
    expect(phone.mostRunning).toBe(1);
  });

  it('never have two: one that cannot renew its lease ends its browser before the other starts one', async () => {
    const [phone, lines] = [new FakePhone(), new FakeLines()];
    const first = await open({ phone, lines, settings: { leaseMs } });
    lines.away = true;
    await until(() => phone.running === 0);
    lines.away = false;
    const second = await open({ phone, lines, settings: { leaseMs }, untilReady: false });
    await until(() => stateOf(second) === 'ready' || stateOf(first) === 'ready');
    await sleep(leaseMs);
    expect([stateOf(first), stateOf(second)].filter((state) => state === 'ready')).toHaveLength(1);
    expect(phone.mostRunning).toBe(1);
  });

  it('that finds its line taken ends its browser at once', async () => {
    const [phone, lines] = [new FakePhone(), new FakeLines()];
    const web = await open({ phone, lines, settings: { leaseMs } });
    lines.fence += 1;
    await until(() => phone.running === 0);
    expect(stateOf(web)).not.toBe('ready');
  });
});
