/**
 * Brings events into the inbox one after the other, in the order in which they came, and again until they are stored: nobody delivers them a second
 * time. It tells until when everything is stored, so that a later browser knows from when on to look for what was missed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Emit, Ignore } from '../../src/domain/channel.js';
import { asError } from '../../src/domain/errors.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { WHATSAPP_WEB } from './config.js';
import type { Decoded } from './decode.js';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

export interface Intake {
  take(decoded: Decoded): void;
  /** Everything that came before this time is stored. */
  storedUntil(): Date;
  /** Resolves when all that came so far is stored, or when it was stopped. */
  idle(): Promise<void>;
  /** What is not stored by then is found again by a later browser. */
  stop(): void;
}

export function createIntake({ emit, ignore, logger }: { emit: Emit; ignore: Ignore; logger: Logger }): Intake {
  const waiting: { readonly decoded: Decoded; readonly cameAt: Date }[] = [];
  const stopping = new AbortController();
  let working: Promise<void> | null = null;

  async function store({ event, ignored }: Decoded): Promise<void> {
    if (event !== undefined) await emit(event);
    if (ignored !== undefined) await ignore(ignored);
  }

  async function work(): Promise<void> {
    let failures = 0;
    for (let next = waiting[0]; next !== undefined && !stopping.signal.aborted; next = waiting[0]) {
      try {
        await store(next.decoded);
        waiting.shift();
        failures = 0;
      } catch (thrown) {
        failures += 1;
        if (failures === 1)
          logger.warn({ channel: WHATSAPP_WEB, error: asError(thrown).message }, 'an event could not be stored; trying again');
        const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
        await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined); // woken early by stopping
      }
    }
  }

  return {
    take(decoded) {
      waiting.push({ decoded, cameAt: new Date() });
      working ??= work().finally(() => {
        working = null;
      });
    },
    storedUntil: () => waiting[0]?.cameAt ?? new Date(),
    async idle() {
      while (working !== null) await working;
    },
    stop: () => stopping.abort(),
  };
}
