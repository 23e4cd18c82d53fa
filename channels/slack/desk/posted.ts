/**
 * Posts each message of the desk once. A case's events are shown at least once: what this process has posted it remembers, and what another may have
 * posted, or what it is in doubt about, is looked for on Slack, where each message carries its key as metadata (files: in the id of a block).
 */
import { LRUCache } from 'lru-cache';
import { asError, ChannelError } from '../../../src/domain/errors.js';
import type { Place, SlackClient } from '../client.js';
import { pagesOf } from '../log-pages.js';
import { DESK_EVENT_TYPE } from './config.js';

export const deskMetadata = (key: string) => ({ event_type: DESK_EVENT_TYPE, event_payload: { key } });
export const deskBlockId = (key: string): string => `${DESK_EVENT_TYPE}:${key}`;

/** Younger than this nobody else can have tried to show it: a second try comes later (src/handoff/case/feed.ts waits 375 ms at least). */
const FRESH_MS = 300;
/** A look at a thread, or at the channel, holds for so long: many cases are shown at once. */
const LOOK_HOLDS_MS = 2000;
/** Clocks of instances, of the database and of Slack differ. */
const CLOCKS_DIFFER_MS = 5 * 60_000;
const REMEMBERED = 20_000;
const PLACES = 500;

interface Look {
  readonly atMs: number;
  readonly fromMs: number;
  /** Key to the message's time. */
  readonly found: ReadonlyMap<string, string>;
}

export interface Posted {
  /**
   * Posts unless it is there. @param since when what it shows happened
   * @returns the time that names the message; null: Slack has not named it. Throws ChannelError.
   */
  once(
    at: { readonly place: Place; readonly key: string; readonly since: Date },
    post: () => Promise<string | null>,
  ): Promise<string | null>;
}

export function createPosted(client: SlackClient): Posted {
  const done = new LRUCache<string, { readonly ts: string | null }>({ max: REMEMBERED });
  const looks = new LRUCache<string, Promise<Look>>({ max: PLACES });
  /** Slack has asked to wait until then, for the whole channel. */
  let pausedUntilMs = 0;

  const find = async (place: Place, key: string, since: Date, again: boolean): Promise<string | null> => {
    const id = `${place.channel}:${place.threadTs ?? ''}`;
    const fromMs = since.getTime() - CLOCKS_DIFFER_MS;
    const known = again ? undefined : await looks.get(id)?.catch(() => undefined); // whoever made that look was told
    if (known !== undefined && known.fromMs <= fromMs && Date.now() - known.atMs < LOOK_HOLDS_MS) return known.found.get(key) ?? null;
    const look = lookAt(client, place, fromMs);
    looks.set(id, look);
    return (await look).found.get(key) ?? null;
  };

  const posting = async (post: () => Promise<string | null>): Promise<string | null> => {
    const waitMs = pausedUntilMs - Date.now();
    if (waitMs > 0) throw new ChannelError('rate-limited', 'the desk waits, as Slack has asked.', { retry: { afterMs: waitMs } });
    try {
      return await post();
    } catch (thrown) {
      if (thrown instanceof ChannelError && thrown.kind === 'rate-limited' && thrown.retry !== 'never') {
        pausedUntilMs = Date.now() + thrown.retry.afterMs;
      }
      throw thrown;
    }
  };

  return {
    async once({ place, key, since }, post) {
      const remembered = done.get(key);
      if (remembered !== undefined) return remembered.ts;
      let ts = Date.now() - since.getTime() < FRESH_MS ? null : await find(place, key, since, false);
      try {
        ts ??= await posting(post);
      } catch (thrown) {
        if (!(thrown instanceof ChannelError && thrown.kind === 'unknown')) throw thrown;
        ts = await find(place, key, since, true);
        if (ts === null) throw new ChannelError('unavailable', thrown.message, { cause: asError(thrown) });
      }
      done.set(key, { ts });
      return ts;
    },
  };
}

/** Where more messages came since than are looked through, it is shown, perhaps once more: better than never. */
async function lookAt(client: SlackClient, place: Place, fromMs: number): Promise<Look> {
  const atMs = Date.now();
  const found = new Map<string, string>();
  for await (const { messages } of pagesOf(client, place, fromMs)) {
    for (const { ts, metadata, blocks } of messages) {
      const key = keyIn(metadata, blocks?.[0]?.block_id);
      if (ts !== undefined && key !== null) found.set(key, ts);
    }
  }
  return { atMs, fromMs, found };
}

function keyIn(metadata: { event_type?: string; event_payload?: object } | undefined, blockId = ''): string | null {
  const payload: { key?: unknown } = metadata?.event_type === DESK_EVENT_TYPE ? (metadata.event_payload ?? {}) : {};
  if (typeof payload.key === 'string') return payload.key;
  return blockId.startsWith(`${DESK_EVENT_TYPE}:`) ? blockId.slice(DESK_EVENT_TYPE.length + 1) : null;
}
