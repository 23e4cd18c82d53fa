/**
 * The app's home: who this is, that it is at work, how to reach it. Published when somebody opens it. Not part of `receive`, which has no side
 * effects: opening is noted there, and shown from here once the channel was started. A home that is not shown is no loss.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { types } from '@slack/bolt';
import { LRUCache } from 'lru-cache';
import { ChannelError } from '../../src/domain/errors.js';
import type { Logger } from '../../src/telemetry/logger.js';
import type { SlackClient } from './client.js';
import { SLACK, SLASH_COMMAND } from './config.js';

/** Opened homes that wait; of more, only these are shown. */
const MAX_WAITING = 1000;
/** A home is shown anew when it is opened again after this. */
const FRESH_MS = 60_000;
const LONGEST_WAIT_MS = 60_000;

export interface Homes {
  /** Notes that this user has their home in front of them. */
  opened(userId: string): void;
  /** Shows homes from now on; returns what ends it, after the call that is under way. */
  start(): () => Promise<void>;
}

export function createHomes(client: SlackClient, logger: Logger): Homes {
  const waiting = new Set<string>();
  const fresh = new LRUCache<string, true>({ max: MAX_WAITING, ttl: FRESH_MS });
  let ending: AbortController | null = null;
  let working: Promise<void> | null = null;

  const work = async (signal: AbortSignal) => {
    for (const userId of waiting) {
      if (signal.aborted) return;
      waiting.delete(userId);
      fresh.set(userId, true);
      await publish(userId, signal);
    }
  };
  const publish = async (userId: string, signal: AbortSignal) => {
    try {
      await client.run('views.publish', (slack) => slack.views.publish({ user_id: userId, view: homeView(new Date()) }), { quick: true });
    } catch (thrown) {
      if (!(thrown instanceof ChannelError)) throw thrown;
      fresh.delete(userId);
      logger.debug({ channel: SLACK, error: thrown.message }, 'a home was not shown');
      const waitMs = thrown.retry === 'never' ? 0 : Math.min(thrown.retry.afterMs, LONGEST_WAIT_MS);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined); // woken early by the end
    }
  };
  const wake = () => {
    if (ending === null || working !== null || waiting.size === 0) return;
    working = work(ending.signal).finally(() => {
      working = null;
      wake();
    });
  };

  return {
    opened(userId) {
      if (fresh.has(userId) || waiting.size >= MAX_WAITING) return;
      waiting.add(userId);
      wake();
    },
    start() {
      ending = new AbortController();
      wake();
      return async () => {
        ending?.abort();
        ending = null;
        await working;
      };
    },
  };
}

const section = (text: string): types.SectionBlock => ({ type: 'section', text: { type: 'mrkdwn', text } });

function homeView(now: Date): types.HomeView {
  const seconds = Math.floor(now.getTime() / 1000);
  return {
    type: 'home',
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: 'Parley' } },
      section('🟢 *En servicio* · _In service_'),
      section(
        `Escriba en *Mensajes*, mencióneme en un canal o use \`${SLASH_COMMAND}\` y su pregunta. Puede pedir una persona en cualquier momento.`,
      ),
      section(
        `Write in *Messages*, mention me in a channel, or use \`${SLASH_COMMAND}\` and your question. You can ask for a person at any time.`,
      ),
      {
        type: 'context',
        elements: [{ type: 'mrkdwn', text: `<!date^${seconds}^{date_short_pretty} {time}|${now.toISOString()}>` }],
      },
    ],
  };
}
