/**
 * A group that becomes a supergroup gets another chat id (https://core.telegram.org/bots/api#message, `migrate_to_chat_id`). Its conversation keeps the id that
 * it began with: what comes from the supergroup is told under it, and what is sent there goes to the supergroup.
 */
import { LRUCache } from 'lru-cache';
import type { MovedThreads } from '../../src/domain/moved-threads.js';
import { movedTo } from './client.js';
import { TELEGRAM, type DecodedUpdate, type MovedChat } from './decode.js';

const MAX_KNOWN = 10_000;
/** A chat that has not moved may be asked for again after this time: another instance may have been told first. */
const UNMOVED_MS = 60_000;
/** Supergroups, and no others, may have been groups before. */
const SUPERGROUP = /^-100\d{10,}$/;

export interface MovedChats {
  /** The update with its events under the chats that their conversations began with. Rejects where that cannot be stored or looked up. */
  settle(update: DecodedUpdate): Promise<DecodedUpdate>;
  /** Where the thread is now, as far as is known here. */
  placeOf(threadKey: string): string;
  /** Makes a call for where a thread is now, and again where Telegram says that it has moved: then nothing was done. */
  follow<Result>(threadKey: string, call: (threadKey: string) => Promise<Result>): Promise<Result>;
}

/** @param threads absent: a conversation goes on as another one once its group has moved */
export function createMovedChats(account: string, threads: MovedThreads | undefined): MovedChats {
  const origins = new LRUCache<string, { readonly origin: string | null }>({ max: MAX_KNOWN });
  /** Where chats are now, by their first id. */
  const places = new LRUCache<string, string>({ max: MAX_KNOWN });

  const learn = ({ from, to }: MovedChat): void => {
    origins.set(to, { origin: from });
    places.set(from, to);
  };

  const placeOf = (threadKey: string): string => withChat(threadKey, places.get(chatIn(threadKey)) ?? chatIn(threadKey));

  async function originOf(chat: string): Promise<string | null> {
    if (threads === undefined || !SUPERGROUP.test(chat)) return null;
    const known = origins.get(chat);
    if (known !== undefined) return known.origin;
    const origin = await threads.originOf({ channel: TELEGRAM, account, threadKey: chat });
    if (origin === null) origins.set(chat, { origin }, { ttl: UNMOVED_MS });
    else learn({ from: origin, to: chat });
    return origin;
  }

  return {
    async settle(update) {
      const { moved, events } = update;
      if (moved !== undefined && threads !== undefined) {
        await threads.move({ channel: TELEGRAM, account, ...moved });
        learn(moved);
      }
      const settled = events.map(async (event) => {
        const origin = await originOf(chatIn(event.threadKey));
        return origin === null ? event : { ...event, threadKey: withChat(event.threadKey, origin) };
      });
      return { ...update, events: await Promise.all(settled) };
    },

    placeOf,

    async follow(threadKey, call) {
      const place = placeOf(threadKey);
      try {
        return await call(place);
      } catch (thrown) {
        const to = movedTo(thrown);
        if (to === null || to === chatIn(place)) throw thrown;
        places.set(chatIn(threadKey), to);
        return call(withChat(threadKey, to));
      }
    },
  };
}

/** Of `chat` or `chat:topic`. */
const chatIn = (threadKey: string): string => threadKey.replace(/:.*/, '');
const withChat = (threadKey: string, chat: string): string => threadKey.replace(/^[^:]*/, chat);
