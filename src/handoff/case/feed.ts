/**
 * Shows the events of cases to one desk, or to the customer's side: in order within a case, several cases at a time, each held by one instance. What
 * cannot be shown now is tried again, later and later; what the platform refuses for good is left out, so that it does not hold up the case.
 */
import pLimit from 'p-limit';
import type { DeskMemory } from '../../domain/desk.js';
import type { DeskFeedStore } from '../../domain/desk-feed.js';
import { asError, ChannelError } from '../../domain/errors.js';
import type { TicketEvent } from '../../domain/ticket.js';
import type { Logger } from '../../telemetry/logger.js';

export type Shown = { readonly memory: DeskMemory } | { readonly notBefore: Date };

export interface CaseFeed {
  /** There is something new in the case. */
  wake(ticketId: string): void;
  /** Takes up nothing new, and resolves when what is being shown is shown. */
  stop(): Promise<void>;
}

export interface CaseFeedDeps {
  readonly name: string;
  readonly store: DeskFeedStore;
  /** Throws ChannelError where the platform fails or refuses. */
  readonly show: (event: TicketEvent, memory: DeskMemory) => Promise<Shown>;
  readonly logger: Logger;
  /** How often it looks for what other instances, or a process that ended, have left. */
  readonly sweepMs: number;
}

/** Longer than showing one event takes; each that was shown begins it anew. */
const LEASE_MS = 120_000;
const CASES_AT_ONCE = 16;
const EVENTS_AT_ONCE = 50;
const LOOK_AT = 1_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 60_000;

export function createCaseFeed({ name, store, show, logger, sweepMs }: CaseFeedDeps): CaseFeed {
  const limit = pLimit(CASES_AT_ONCE);
  /** Cases that are being shown, or wait for their place; true: look once more at the end. */
  const running = new Map<string, { again: boolean }>();
  const timers = new Map<string, NodeJS.Timeout>();
  const under = new Set<Promise<unknown>>();
  let stopped = false;

  const until = () => new Date(Date.now() + LEASE_MS);
  const wakeAt = (ticketId: string, at: Date) => {
    clearTimeout(timers.get(ticketId));
    if (stopped) return;
    const timer = setTimeout(() => wake(ticketId), Math.max(0, at.getTime() - Date.now()));
    timer.unref();
    timers.set(ticketId, timer);
  };

  const wake = (ticketId: string): void => {
    timers.delete(ticketId);
    const known = running.get(ticketId);
    if (stopped || known !== undefined) {
      if (known !== undefined) known.again = true;
      return;
    }
    const state = { again: false };
    running.set(ticketId, state);
    const work = limit(async () => {
      do {
        state.again = false;
        await showCase(ticketId);
      } while (state.again && !stopped && !timers.has(ticketId));
    })
      .catch((thrown: unknown) => logger.warn({ feed: name, ticketId, err: asError(thrown) }, 'a case could not be looked at'))
      .finally(() => {
        running.delete(ticketId);
        under.delete(work);
      });
    under.add(work);
  };

  async function showCase(ticketId: string): Promise<void> {
    const place = await store.claim(name, ticketId, until());
    if (place === 'held') return;
    if ('notBefore' in place) return wakeAt(ticketId, place.notBefore);
    let { memory, seq: shownUpTo, attempts } = place;
    let more = true;
    while (more) {
      const events = stopped ? [] : await store.pendingOf(name, ticketId, EVENTS_AT_ONCE);
      more = events.length === EVENTS_AT_ONCE;
      for (const event of events) {
        if (stopped) return store.release(name, ticketId);
        const shown = event.seq <= shownUpTo ? { memory } : await attempt(event, memory, attempts);
        if ('at' in shown) {
          await store.release(name, ticketId, shown);
          return wakeAt(ticketId, shown.at);
        }
        ({ memory } = shown);
        shownUpTo = event.seq;
        attempts = 0;
        if (!(await store.shown(name, event, memory, until()))) return;
      }
    }
    // What was appended meanwhile has woken this case again, or is found by the sweep.
    await store.release(name, ticketId);
  }

  async function attempt(
    event: TicketEvent,
    memory: DeskMemory,
    attempts: number,
  ): Promise<{ memory: DeskMemory } | { attempts: number; at: Date }> {
    try {
      const shown = await show(event, memory);
      return 'notBefore' in shown ? { attempts: 0, at: shown.notBefore } : shown;
    } catch (thrown) {
      const details = { feed: name, ticketId: event.ticketId, seq: event.seq, kind: event.change.kind, err: asError(thrown) };
      if (thrown instanceof ChannelError && thrown.kind === 'payload-refused') {
        logger.error(details, 'an event of a case was refused and is left out');
        return { memory };
      }
      const askedMs = thrown instanceof ChannelError && thrown.retry !== 'never' ? thrown.retry.afterMs : 0;
      const backoffMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts) * (0.75 + Math.random() / 2);
      logger.warn({ ...details, attempts }, 'an event of a case could not be shown and will be tried again');
      return { attempts: attempts + 1, at: new Date(Date.now() + Math.max(askedMs, backoffMs)) };
    }
  }

  let from = '';
  const sweep = async () => {
    const { ticketIds, more } = await store.behind(name, from, LOOK_AT);
    from = more ? (ticketIds.at(-1) ?? '') : '';
    for (const ticketId of ticketIds) if (!timers.has(ticketId)) wake(ticketId);
  };
  let sweeping: Promise<unknown> | null = null;
  const look = () => {
    if (stopped || sweeping !== null) return;
    sweeping = sweep()
      .catch((thrown: unknown) => logger.warn({ feed: name, err: asError(thrown) }, 'cases could not be looked for'))
      .finally(() => (sweeping = null));
  };
  const interval = setInterval(look, sweepMs);
  interval.unref();
  look();

  return {
    wake(ticketId) {
      if (!timers.has(ticketId)) wake(ticketId);
    },
    async stop() {
      stopped = true;
      clearInterval(interval);
      for (const timer of timers.values()) clearTimeout(timer);
      await sweeping;
      await Promise.all(under);
    },
  };
}
