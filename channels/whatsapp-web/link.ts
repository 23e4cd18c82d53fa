/**
 * Keeps one browser running while the line is ours: the next one after each that ended, later and later while they fail. What the operator is told of it,
 * and may ask for, is here too.
 */
import type { AccountLink, LinkStatus } from '../../src/domain/account-link.js';
import type { Emit, Ignore } from '../../src/domain/channel.js';
import type { ChannelLines } from '../../src/domain/channel-line.js';
import { RequestError } from '../../src/domain/errors.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { WHATSAPP_WEB, type WhatsAppWebSettings } from './config.js';
import { CONNECTION_TIMES, reasonOf, runConnection, type ConnectionNews, type ConnectionTimes, type Ending } from './connection.js';
import { holdLine, LINE, pause, type HeldLine } from './hold.js';
import { createIntake, type Intake } from './intake.js';
import type { LibraryClient } from './library.js';

/** Where the browser of a held line keeps its profile. */
export interface BrowserLine {
  readonly lines: ChannelLines;
  readonly fence: number;
}

export interface LinkDeps {
  readonly settings: WhatsAppWebSettings;
  readonly createClient: (line: BrowserLine) => Promise<LibraryClient>;
  /** Shows a code to whoever started the service in a terminal. */
  readonly showCode: (code: { readonly qr: string } | { readonly pairingCode: string }) => void;
  readonly times?: ConnectionTimes;
  readonly backoff?: Backoff;
  readonly logger: Logger;
}

export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
  /** A browser that was ready for longer than this did not fail at once. */
  readonly steadyMs: number;
}

const BACKOFF: Backoff = { firstMs: 1000, longestMs: 300_000, steadyMs: 60_000 };

export interface Link extends AccountLink {
  /** Goes on until the returned function is called. */
  run(lines: ChannelLines, emit: Emit, ignore: Ignore): () => Promise<void>;
  /** The browser that can send now; null where there is none. */
  client(): LibraryClient | null;
  /** A send begins; the returned function tells that it ended. */
  sending(): () => void;
}

export function createLink(deps: LinkDeps): Link {
  const { settings, logger, times = CONNECTION_TIMES, backoff = BACKOFF } = deps;
  let status: LinkStatus = idle('stopped', null);
  let client: LibraryClient | null = null;
  let seenUntil: Date | null = null;
  let intake: Intake | null = null;
  /** A phone that wants a pairing code as soon as codes are shown. */
  let wanted: string | null = null;
  let wake: (() => void) | null = null;
  let held: BrowserLine | null = null;
  const sends = new Set<symbol>();
  let whenSent: (() => void) | null = null;

  const tell = (change: Partial<LinkStatus>) => {
    if (change.state !== undefined && change.state !== status.state) {
      logger.info({ channel: WHATSAPP_WEB, state: change.state, detail: change.detail ?? null }, 'the link to WhatsApp Web');
    }
    status = change.state === undefined ? { ...status, ...change } : { ...idle(change.state, null), ...change };
  };
  const storedUntil = () => {
    if (status.state === 'ready' && intake !== null) seenUntil = intake.storedUntil();
    return seenUntil;
  };

  /** A new phone: from here on nothing of it is missed, whichever instance comes next. */
  function beginSeeing(): void {
    seenUntil = new Date();
    // Where that fails, the next renewal says it.
    void held?.lines.renew(LINE, held.fence, seenUntil).catch(() => undefined);
  }

  function onNews(news: ConnectionNews): void {
    switch (news.kind) {
      case 'qr':
        // Whatever phone comes now, it is a new one: nothing was missed.
        seenUntil = null;
        tell({ state: 'unlinked', qr: news.qr, pairingCode: status.pairingCode });
        if (wanted !== null)
          void askForPairingCode().catch(() => undefined); // told in the status
        else deps.showCode({ qr: news.qr });
        return;
      case 'code':
        tell({ state: 'unlinked', pairingCode: news.code, detail: 'type the code in on the phone' });
        deps.showCode({ pairingCode: news.code });
        return;
      case 'loading':
        return tell({ state: 'loading' });
      case 'ready':
        if (seenUntil === null) beginSeeing();
        return tell({ state: 'ready', linkedAs: news.own[0] ?? null });
      case 'ending':
        storedUntil();
        return tell({ state: 'starting', detail: news.detail });
      case 'state': {
        const connected = news.state === 'CONNECTED';
        if (connected === (status.state === 'ready')) return;
        storedUntil();
        const detail = connected ? null : `WhatsApp says ${news.state ?? 'nothing'}: is this machine offline?`;
        return tell({ state: connected ? 'ready' : 'away', detail, linkedAs: status.linkedAs });
      }
    }
  }

  async function askForPairingCode(): Promise<void> {
    const phone = wanted;
    wanted = null;
    if (client === null || phone === null) return;
    try {
      await client.requestPairingCode(phone);
    } catch (thrown) {
      const detail = `WhatsApp gives no pairing code: ${reasonOf(thrown)}`;
      tell({ detail });
      throw new RequestError('ConflictError', `${detail}. Check the number, or scan the QR code.`, { cause: thrown });
    }
  }

  /** One browser after the other, until the line is lost or it is stopped. */
  async function keepConnected(lines: ChannelLines, line: HeldLine, taking: Intake, stopping: AbortSignal): Promise<void> {
    const over = AbortSignal.any([line.lost, stopping]);
    const browserLine = { lines, fence: line.fence };
    held = browserLine;
    seenUntil = line.seenUntil;
    for (let failures = 0; !over.aborted;) {
      tell({ state: 'starting' });
      const startedAt = performance.now();
      const ending = await connect(browserLine, line.lost, taking, stopping);
      storedUntil();
      client = null;
      const steady = performance.now() - startedAt > backoff.steadyMs;
      if (ending.why === 'lost') tell({ state: 'elsewhere', detail: ending.detail });
      if (ending.why === 'stopped' || ending.why === 'lost') break;
      logger.warn({ channel: WHATSAPP_WEB, why: ending.why, detail: ending.detail }, 'the browser has ended');
      if (ending.why === 'unscanned') await untilWoken(over);
      failures = ending.why === 'failed' ? (steady ? 1 : failures + 1) : 0;
      if (failures > 0) await waitBefore(failures, ending, over);
    }
    held = null;
  }

  async function connect(line: BrowserLine, lost: AbortSignal, taking: Intake, stopping: AbortSignal): Promise<Ending> {
    try {
      client = await deps.createClient(line);
    } catch (thrown) {
      return { why: 'failed', detail: reasonOf(thrown) };
    }
    const stored = () => taking.idle();
    const seen = () => seenUntil;
    const connection = { settings, times, logger, stored, onNews, sent, stopping, lost };
    return runConnection(client, { ...connection, take: (decoded) => taking.take(decoded), seenUntil: seen });
  }

  async function waitBefore(failures: number, { detail }: Ending, over: AbortSignal): Promise<void> {
    const ceiling = Math.min(backoff.longestMs, backoff.firstMs * 2 ** (failures - 1));
    // Not all of it by chance: a browser that fails at once would be started in a loop.
    const waitMs = ceiling / 2 + Math.random() * (ceiling / 2);
    tell({ state: 'away', detail: `${detail}; trying again in ${Math.ceil(waitMs / 1000)} s` });
    await pause(waitMs, over);
  }

  async function untilWoken(over: AbortSignal): Promise<void> {
    tell({ state: 'paused', detail: 'nobody scanned the code; ask for a new one' });
    await new Promise<void>((resolve) => {
      wake = resolve;
      over.addEventListener('abort', () => resolve(), { once: true });
    });
    wake = null;
  }

  async function sent(): Promise<void> {
    if (sends.size > 0) await new Promise<void>((resolve) => (whenSent = resolve));
  }

  function assertHeld(): void {
    if (status.state === 'elsewhere')
      throw new RequestError('ConflictError', 'Another instance of this service has the browser: ask that one, or stop it.');
    if (held === null) throw new RequestError('ConflictError', 'The channel is not running.');
  }

  return {
    status: () => status,
    client: () => (status.state === 'ready' ? client : null),
    sending() {
      const send = Symbol('send');
      sends.add(send);
      return () => {
        sends.delete(send);
        if (sends.size === 0) whenSent?.();
      };
    },

    async start(phoneNumber) {
      assertHeld();
      if (status.state === 'ready' || status.state === 'loading')
        throw new RequestError('ConflictError', 'A phone is linked already: log out first to link another one.');
      wanted = phoneNumber;
      if (status.state === 'unlinked') await askForPairingCode();
      else wake?.();
    },

    async logOut() {
      assertHeld();
      const line = held;
      if (client !== null && status.linkedAs !== null) await client.logout();
      else if (line !== null) await line.lines.deleteProfile(LINE, line.fence);
      seenUntil = null;
    },

    run(lines, emit, ignore) {
      const stopping = new AbortController();
      const taking = createIntake({ emit, ignore, logger });
      intake = taking;
      tell({ state: 'starting' });
      const { leaseMs, soleInstance } = settings;
      const lease = { lines, leaseMs, soleInstance, logger, stopping: stopping.signal };
      const onElsewhere = () => tell({ state: 'elsewhere', detail: 'another instance has the browser' });
      const running = holdLine({ ...lease, seenUntil: storedUntil, onElsewhere }, (line) =>
        keepConnected(lines, line, taking, stopping.signal),
      );
      return async () => {
        stopping.abort();
        await running;
        taking.stop();
        await taking.idle();
        tell({ state: 'stopped' });
      };
    },
  };
}

const idle = (state: LinkStatus['state'], detail: string | null): LinkStatus => ({
  state,
  detail,
  since: new Date(),
  qr: null,
  pairingCode: null,
  linkedAs: null,
});
