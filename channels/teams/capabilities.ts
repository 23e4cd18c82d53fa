/**
 * What Teams shows and takes. Sources: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages,
 * …/bots/how-to/rate-limit, …/bots/how-to/bots-filesv4, …/task-modules-and-cards/cards/cards-reference.
 */
import type { ChannelCapabilities } from '../../src/domain/channel.js';

const MEGABYTE = 1024 * 1024;

/** One message with all that is in it; Teams refuses more with 413 MessageSizeTooBig. */
export const MAX_ACTIVITY_BYTES = 28_000;

/** Of a picture of ours that goes out inside the message, where base64 makes four bytes of three. A larger one goes out as a file. */
export const MAX_INLINE_IMAGE_BYTES = 16 * 1024;

export const capabilities = {
  content: ['text', 'choices', 'list', 'image', 'file', 'card'],
  // As markup a character has up to five bytes (`&amp;`): 4000 stay below MAX_ACTIVITY_BYTES whatever they are.
  maxTextChars: 4000,
  // The description on the card that offers a file.
  maxCaptionChars: 1000,
  // Adaptive Cards in Teams: six actions are shown, the others fold into a menu. Text and buttons share the message's bytes.
  choices: { max: 6, maxLabelChars: 60, maxTextChars: 3000 },
  list: { max: 30, maxLabelChars: 60, maxDescriptionChars: 100, maxTextChars: 2000 },
  card: { maxFacts: 20, maxTextChars: 3000 },
  // A customer who accepts a file waits for its upload, which has to be done within the ten seconds that Teams gives a bot for an invoke.
  maxUploadBytes: 4 * MEGABYTE,
  // OneDrive gives files of any size; the service's own limit is far below.
  maxDownloadBytes: 20 * MEGABYTE,
  edits: true,
  // Microsoft's own advice for streamed text: once in 1.5 to 2 seconds.
  drafts: { everyMs: 1_500 },
  // Shown for about three seconds.
  typing: { afterMs: 500, repeatMs: 2500 },
  // Bots are told of them (with a permission in the manifest) but cannot mark messages as read, nor react.
  readReceipts: false,
  reactions: false,
  threads: true,
  replyWindowMs: null,
  // 50 a second for one app in one tenant; in one conversation 7 in one second, 60 in 30 seconds, 1800 in an hour.
  rate: { perSecond: 50, perConversationPerSecond: 1, conversationBurst: 7, perGroupPerMinute: null },
  // Nowhere promised: what we do not take is lost.
  redelivers: false,
  // Bots cannot read a conversation.
  findsSent: false,
  tellsSent: false,
} as const satisfies ChannelCapabilities;
