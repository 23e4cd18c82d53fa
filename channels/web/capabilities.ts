/** What the web chat can show and do. Files go out as a name and an address, from which the browser fetches them. */
import type { ChannelCapabilities } from '../../src/domain/channel.js';

export const capabilities = {
  content: ['text', 'choices', 'sources', 'image', 'file'],
  maxTextChars: 20_000,
  maxCaptionChars: 20_000,
  choices: { max: 10, maxLabelChars: 75, maxTextChars: 20_000 },
  list: null,
  card: null,
  // The largest MAX_FILE_MB: no file of ours is larger.
  maxUploadBytes: 100 * 1024 * 1024,
  // Customers' files reach us by upload, before the message that names them: there is nothing to fetch.
  maxDownloadBytes: null,
  edits: false,
  drafts: 'streamed',
  typing: { afterMs: 0, repeatMs: 60_000 },
  readReceipts: false,
  reactions: false,
  threads: false,
  replyWindowMs: null,
  rate: { perSecond: 10_000, perConversationPerSecond: 1000, conversationBurst: 1000, perGroupPerMinute: null },
  // Clients are told by 503 or an error frame, and keep the message.
  redelivers: true,
  findsSent: false,
  tellsSent: false,
} as const satisfies ChannelCapabilities;
