/**
 * Holds the line as long as it is ours: there are never two browsers on one phone. The lease is renewed three times in its length; one that was not
 * renewed in time ends here before another instance can take it, told by two clocks, since the monotonic one stands still in a suspended machine.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelLines } from '../../src/domain/channel-line.js';
import { asError } from '../../src/domain/errors.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { ACCOUNT, WHATSAPP_WEB } from './config.js';

export const LINE = `${WHATSAPP_WEB}:${ACCOUNT}`;

/** What is left of a lease to end the browser in, before another instance may begin one. */
const SPARE_SHARE = 0.1;
const LOOK_MS = 250;

export interface HeldLine {
  readonly fence: number;
  readonly seenUntil: Date | null;
  /** Aborted the moment the line may be another's. */
  readonly lost: AbortSignal;
}

export interface LineOptions {
  readonly lines: ChannelLines;
  readonly leaseMs: number;
  readonly soleInstance: boolean;
  /** Everything before this time is stored; null: nothing new is known. */
  readonly seenUntil: () => Date | null;
  readonly onElsewhere: () => void;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}

/** Waits for the line, does `whileHeld` with it, lets it go and waits again, until it is stopped. `whileHeld` ends soon after `lost`. */
export async function holdLine(options: LineOptions, whileHeld: (held: HeldLine) => Promise<void>): Promise<void> {
  const { lines, leaseMs, logger, stopping } = options;
  while (!stopping.aborted) {
    const term = newTerm(leaseMs);
    const claim = await lines.claim(LINE, leaseMs).catch((thrown: unknown) => {
      logger.warn({ channel: WHATSAPP_WEB, error: asError(thrown).message }, 'the line could not be asked for');
      return null;
    });
    if (claim === null) {
      options.onElsewhere();
      await pause(leaseMs / 3, stopping);
      continue;
    }
    const lost = new AbortController();
    const stopKeeping = keep(options, claim.fence, term, lost);
    await whileHeld({ ...claim, lost: lost.signal });
    await stopKeeping();
    await lines.release(LINE, claim.fence, lost.signal.aborted ? null : options.seenUntil()).catch((thrown: unknown) => {
      logger.warn({ channel: WHATSAPP_WEB, error: asError(thrown).message }, 'the line could not be released; its lease ends by itself');
    });
    if (lost.signal.aborted) await pause(leaseMs / 3, stopping);
  }
}

/** Renews the lease until the returned function is called, or it is lost. */
function keep(options: LineOptions, fence: number, claimed: Term, lost: AbortController): () => Promise<void> {
  const { lines, leaseMs, soleInstance, logger } = options;
  const ended = new AbortController();
  let term = claimed;
  const look = setInterval(() => {
    if (!soleInstance && isOver(term)) lose('its lease could not be renewed in time');
  }, LOOK_MS);
  const lose = (why: string) => {
    clearInterval(look);
    ended.abort();
    logger.warn({ channel: WHATSAPP_WEB }, `the line is not ours any more: ${why}; the browser ends`);
    lost.abort();
  };
  const renewing = (async () => {
    for (await pause(leaseMs / 3, ended.signal); !ended.signal.aborted; await pause(leaseMs / 3, ended.signal)) {
      const next = newTerm(leaseMs);
      try {
        if (await lines.renew(LINE, fence, options.seenUntil())) term = next;
        else if (!ended.signal.aborted) lose('another instance has taken it');
      } catch (thrown) {
        logger.warn({ channel: WHATSAPP_WEB, error: asError(thrown).message }, 'the lease of the line could not be renewed; trying again');
      }
    }
  })();
  return async () => {
    clearInterval(look);
    ended.abort();
    await renewing;
  };
}

interface Term {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** Begun before the lease is asked for, so that it ends before the database lets others have the line. */
function newTerm(leaseMs: number): Term {
  const ms = leaseMs * (1 - SPARE_SHARE);
  return { monotonicMs: performance.now() + ms, wallMs: Date.now() + ms };
}

const isOver = ({ monotonicMs, wallMs }: Term) => performance.now() >= monotonicMs || Date.now() >= wallMs;

/** Ends early when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined); // woken early by the signal
}
