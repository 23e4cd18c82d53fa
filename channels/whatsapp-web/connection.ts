/** The life of one browser: started, linked or shown a code, fetching what was missed, listened to, looked after, ended. The next one is link.ts's business. */
import { asError } from '../../src/domain/errors.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { WHATSAPP_WEB, type WhatsAppWebSettings } from './config.js';
import { decodeEvent, LIBRARY_EVENTS, type Decoded } from './decode.js';
import { BROKEN, type LibraryClient } from './library.js';
import { missedIn, missedSince } from './missed.js';
import { after, withinTime } from './within-time.js';

/** How a browser ended. */
export interface Ending {
  /**
   * `stopped` and `lost`: nobody wants it any more; `logged-out`: the phone was unlinked; `unscanned`: nobody wanted its codes; `worn-out`: too old or
   * too large; `failed`: anything else.
   */
  readonly why: 'stopped' | 'lost' | 'logged-out' | 'unscanned' | 'worn-out' | 'failed';
  readonly detail: string;
}

/** How long each part may take. Tests shorten them. */
export interface ConnectionTimes {
  /** From the start to a code, or to a phone that was linked before. */
  readonly startMs: number;
  /** From linked to ready. */
  readonly loadMs: number;
  /** Codes are shown for as long. */
  readonly codesMs: number;
  /** A look at whether the page answers and how large the browser is. */
  readonly lookMs: number;
  /** The browser is asked to end; then it is ended. */
  readonly endMs: number;
}

export const CONNECTION_TIMES: ConnectionTimes = { startMs: 120_000, loadMs: 120_000, codesMs: 300_000, lookMs: 30_000, endMs: 20_000 };

export type ConnectionNews =
  | { readonly kind: 'qr'; readonly qr: string }
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly own: readonly string[] }
  | { readonly kind: 'state'; readonly state: string | null }
  /** From here on nothing is received, and nothing new is to be sent. */
  | { readonly kind: 'ending'; readonly detail: string };

export interface ConnectionDeps {
  readonly settings: Pick<WhatsAppWebSettings, 'maxMemoryBytes' | 'maxAgeMs'>;
  readonly times: ConnectionTimes;
  readonly logger: Logger;
  readonly take: (decoded: Decoded) => void;
  /** Resolves when all that was taken is stored. */
  readonly stored: () => Promise<void>;
  /** Null: nothing is to be fetched; the phone is a new one. */
  readonly seenUntil: () => Date | null;
  readonly onNews: (news: ConnectionNews) => void;
  /** Sends that are under way are let finish. */
  readonly sent: () => Promise<void>;
  /** Aborted when the service stops. */
  readonly stopping: AbortSignal;
  /** Aborted when the line may be another's: the browser is killed within the same turn. */
  readonly lost: AbortSignal;
}

/** Never rejects. The browser has ended when it resolves. */
export async function runConnection(client: LibraryClient, deps: ConnectionDeps): Promise<Ending> {
  const { times, stopping, lost } = deps;
  const over = new AbortController();
  const ended = new Promise<Ending>((resolve) => {
    const end = (ending: Ending) => {
      if (!over.signal.aborted) deps.onNews({ kind: 'ending', detail: ending.detail });
      over.abort();
      resolve(ending);
    };
    const stop = () => end({ why: 'stopped', detail: 'the service stops' });
    const lose = () => {
      client.kill();
      end({ why: 'lost', detail: 'another instance may have the line' });
    };
    stopping.addEventListener('abort', stop, { once: true, signal: over.signal });
    lost.addEventListener('abort', lose, { once: true, signal: over.signal });
    if (stopping.aborted) return stop();
    if (lost.aborted) return lose();
    listen(client, deps, end, over.signal);
    withinTime(client.initialize(), times.startMs, 'WhatsApp Web did not come up').catch((thrown: unknown) => {
      end({ why: 'failed', detail: reasonOf(thrown) });
    });
  });
  const ending = await ended;
  await finish(client, deps, ending);
  return ending;
}

/** Ends the browser: asked to where it may still be heard, killed where it does not listen. */
async function finish(client: LibraryClient, deps: ConnectionDeps, { why }: Ending): Promise<void> {
  try {
    if (why === 'lost') return;
    if (why === 'worn-out' || why === 'stopped') await withinTime(deps.sent(), deps.times.endMs, 'sends took too long');
    await withinTime(client.destroy(), deps.times.endMs, 'the browser did not end');
    if (why === 'worn-out' || why === 'stopped') await withinTime(client.saveProfile(), deps.times.endMs, 'the profile took too long');
  } catch (thrown) {
    deps.logger.warn({ channel: WHATSAPP_WEB, error: reasonOf(thrown) }, 'the browser is ended by force');
  } finally {
    client.kill();
  }
}

type End = (ending: Ending) => void;

function listen(client: LibraryClient, deps: ConnectionDeps, end: End, over: AbortSignal): void {
  const { times, onNews } = deps;
  let own: readonly string[] = [];
  /** What came before it was known who we are, and behind what was missed. */
  const early: { readonly name: string; readonly args: readonly unknown[] }[] = [];
  let linked = false;
  let codes: NodeJS.Timeout | null = null;
  const late = (ms: number, ending: Ending) => after(ms, over, () => end(ending));
  const failed = (detail: string): Ending => ({ why: 'failed', detail });

  client.on('qr', (qr) => {
    if (over.aborted || typeof qr !== 'string') return;
    codes ??= late(times.codesMs, { why: 'unscanned', detail: 'nobody scanned the code' });
    onNews({ kind: 'qr', qr });
  });
  client.on('code', (code) => {
    if (!over.aborted && typeof code === 'string') onNews({ kind: 'code', code });
  });
  client.on('authenticated', () => {
    if (linked || over.aborted) return;
    linked = true;
    if (codes !== null) clearTimeout(codes);
    onNews({ kind: 'loading' });
    const loading = late(times.loadMs, failed('linked, but WhatsApp Web did not load its messages in time'));
    client.on('ready', () => clearTimeout(loading));
  });
  client.on('ready', () => {
    if (over.aborted) return;
    // Also after a break of the connection: the library tells it again.
    void becomeReady(client, deps).then(
      (ids) => {
        if (over.aborted) return;
        if (own.length === 0) lookAfter(client, deps, end, over);
        own = ids;
        for (const { name, args } of early.splice(0)) deps.take(decodeEvent(name, args, own));
        onNews({ kind: 'ready', own });
      },
      (thrown: unknown) => end(failed(`what was missed could not be fetched: ${reasonOf(thrown)}`)),
    );
  });
  client.on('change_state', (state) => {
    if (!over.aborted && own.length > 0) onNews({ kind: 'state', state: typeof state === 'string' ? state : null });
  });
  client.on('auth_failure', () => end(failed('WhatsApp refuses the kept profile')));
  client.on('disconnected', (reason) => {
    end(reason === 'LOGOUT' ? { why: 'logged-out', detail: 'the phone was unlinked' } : failed(`disconnected: ${String(reason)}`));
  });
  client.on(BROKEN, (reason) => end(failed(reasonOf(reason))));
  for (const name of LIBRARY_EVENTS) {
    client.on(name, (...args) => {
      if (over.aborted) return;
      const event = { name, args: args.map(rawOf) };
      if (own.length === 0) early.push(event);
      else deps.take(decodeEvent(name, event.args, own));
    });
  }
}

/** What was missed goes first; nothing is sent before it is stored, since a sent message marks its chat as read. */
async function becomeReady(client: LibraryClient, deps: ConnectionDeps): Promise<readonly string[]> {
  const own = await withinTime(client.ownIds(), deps.times.loadMs, 'the page does not answer');
  const seenUntil = deps.seenUntil();
  if (seenUntil !== null) {
    const fetching = client.messagesSince(missedSince(seenUntil, new Date()));
    const chats = await withinTime(fetching, deps.times.loadMs, 'the messages took too long');
    for (const chat of chats) {
      for (const message of missedIn(chat, seenUntil)) deps.take(decodeEvent('message_create', [message], own));
    }
    await deps.stored();
  }
  return own;
}

/** A page that does not answer, or a browser that has grown too large or too old, is of no use. */
function lookAfter(client: LibraryClient, { settings, times, onNews }: ConnectionDeps, end: End, over: AbortSignal): void {
  const startedAt = performance.now();
  const look = async () => {
    try {
      const state = await withinTime(client.getState(), times.lookMs, 'the page does not answer');
      const memory = await withinTime(client.memoryBytes(), times.lookMs, 'the size of the browser cannot be told');
      if (over.aborted) return;
      onNews({ kind: 'state', state });
      if (memory !== null && memory > settings.maxMemoryBytes)
        return end({ why: 'worn-out', detail: `it holds ${Math.round(memory / 1024 / 1024)} MB` });
      if (performance.now() - startedAt > settings.maxAgeMs) return end({ why: 'worn-out', detail: 'it is as old as it may become' });
      after(times.lookMs, over, () => void look());
    } catch (thrown) {
      end({ why: 'failed', detail: reasonOf(thrown) });
    }
  };
  after(times.lookMs, over, () => void look());
}

/** The library's own classes hold the page's model as `rawData`; a notification is read as it is. */
const rawOf = (value: unknown): unknown => {
  const raw = typeof value === 'object' && value !== null && 'rawData' in value ? value.rawData : undefined;
  return raw ?? value;
};

/** The library throws texts too. For the operator: first line only, without the stack of the page. */
export const reasonOf = (thrown: unknown): string =>
  (typeof thrown === 'string' ? thrown : asError(thrown).message).split('\n')[0]?.slice(0, 300) ?? '';
