/**
 * What WhatsApp Web shows and takes through whatsapp-web.js 1.34. WhatsApp publishes no limits for it, since it is made for people: what is not
 * said beside a line is chosen to stay well below what people do.
 */
import type { ChannelCapabilities } from '../../src/domain/channel.js';

const MEGABYTE = 1024 * 1024;

/** A file crosses from here to the browser as base64 in one message of its debugging protocol, and is held three times on the way. */
const MAX_FILE_BYTES = 32 * MEGABYTE;

export const capabilities = {
  // Buttons and lists are not shown to anybody any more (the library marks them as deprecated); the core writes numbered lines.
  content: ['text', 'image', 'file'],
  // As on the Cloud API; WhatsApp itself takes 65,536, which nobody reads.
  maxTextChars: 4096,
  maxCaptionChars: 1024,
  choices: null,
  list: null,
  card: null,
  maxUploadBytes: MAX_FILE_BYTES,
  maxDownloadBytes: MAX_FILE_BYTES,
  // Within 15 minutes of sending.
  edits: true,
  // A phone does not edit once a second.
  drafts: null,
  // The library: shown for 25 seconds.
  typing: { afterMs: 500, repeatMs: 20_000 },
  readReceipts: true,
  reactions: true,
  threads: false,
  replyWindowMs: null,
  // https://openwa.dev/docs/guides/rate-limits, as observed by those who automate it: a message in 10 to 30 s to one chat, in 30 to 60 s to a group.
  rate: { perSecond: 1, perConversationPerSecond: 1 / 10, conversationBurst: 3, perGroupPerMinute: 2 },
  // Nobody asks again for an event that was not stored; it waits here, and is looked for again when the browser starts.
  redelivers: false,
  // A message gets its id in the browser, and takes no key of ours along.
  findsSent: false,
  tellsSent: false,
} as const satisfies ChannelCapabilities;
