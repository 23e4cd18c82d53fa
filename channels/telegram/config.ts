/** What the channel has to be told, and what follows from a bot token. Values come from src/config.ts; nothing here reads the environment. */
import type { FetchedMedia } from '../../src/domain/channel.js';
import type { MediaRef } from '../../src/domain/content.js';
import { ConfigurationError } from '../../src/domain/errors.js';

export interface TelegramSettings {
  /** From @BotFather: `123456789:AA…`. */
  readonly token: string;
  /** `https://api.telegram.org`, or a Bot API server or emulator of one's own. */
  readonly apiRoot: string;
  readonly mode: 'webhook' | 'polling';
  /** What Telegram sends with each webhook request. Needed in webhook mode. */
  readonly webhookSecret: string | null;
  /** Loads files of our own (`att_…`) that are to be sent. Absent: only files that Telegram has, or web addresses, can be sent. */
  readonly loadFile?: (file: MediaRef) => Promise<FetchedMedia>;
}

/** The account is the bot's numeric id: the digits before the colon of its token. */
export function accountOf(token: string): string {
  const id = /^(\d{3,20}):[\w-]{10,}$/.exec(token)?.[1];
  if (id === undefined)
    throw new ConfigurationError('TELEGRAM_BOT_TOKEN is not a bot token: copy it from @BotFather (digits, a colon, letters).');
  return id;
}

/** Updates that are asked for. Telegram sends reactions and membership changes only when they are named. */
export const ALLOWED_UPDATES = ['message', 'edited_message', 'callback_query', 'my_chat_member', 'message_reaction'] as const;
