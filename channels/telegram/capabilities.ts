/** What Telegram shows and takes, from https://core.telegram.org/bots/api and https://core.telegram.org/bots/faq. */
import type { ChannelCapabilities } from '../../src/domain/channel.js';

const MEGABYTE = 1024 * 1024;

/** Photos are compressed by Telegram and limited further; a larger image goes out as a document (sendPhoto). */
export const MAX_PHOTO_BYTES = 10 * MEGABYTE;

export const capabilities = {
  content: ['text', 'choices', 'image', 'file', 'card'],
  // sendMessage: 1-4096 characters after entities parsing.
  maxTextChars: 4096,
  // sendPhoto, sendDocument: 0-1024 characters after entities parsing.
  maxCaptionChars: 1024,
  // InlineKeyboardMarkup takes more; beyond this a keyboard hides the conversation, and a phone cuts longer labels.
  choices: { max: 10, maxLabelChars: 40, maxTextChars: 4096 },
  // There are no lists that open: a keyboard shows all its buttons.
  list: null,
  // No cards either, but a picture with a caption and a keyboard shows the same; the caption limits it.
  card: { maxFacts: 10, maxTextChars: 1024 },
  // Sending files: 50 MB; getFile: 20 MB.
  maxUploadBytes: 50 * MEGABYTE,
  maxDownloadBytes: 20 * MEGABYTE,
  edits: true,
  // An edit counts as a message to the chat.
  drafts: { everyMs: 1_000 },
  // sendChatAction: shown for 5 seconds.
  typing: { afterMs: 500, repeatMs: 4500 },
  // Bots do not see, nor send, read receipts.
  readReceipts: false,
  reactions: true,
  threads: true,
  replyWindowMs: null,
  // FAQ: about 30 messages a second in all, one a second in one chat with short bursts, 20 a minute in one group.
  rate: { perSecond: 30, perConversationPerSecond: 1, conversationBurst: 3, perGroupPerMinute: 20 },
  // A webhook that fails, or an update that is not confirmed in polling, is tried again for up to 24 hours.
  redelivers: true,
  // The Bot API has no way to read a chat.
  findsSent: false,
  tellsSent: false,
} as const satisfies ChannelCapabilities;
