/**
 * What WhatsApp's Cloud API shows and takes. Sources: Meta's OpenAPI file (github.com/facebook/openapi, v23.0) and the pages below
 * developers.facebook.com/documentation/business-messaging/whatsapp that are named beside a limit.
 */
import type { ChannelCapabilities } from '../../src/domain/channel.js';

const MEGABYTE = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** business-phone-numbers/media, "Supported media types"; what is larger goes out as a document. */
export const MAX_IMAGE_BYTES = 5 * MEGABYTE;
export const MAX_AUDIO_VIDEO_BYTES = 16 * MEGABYTE;

/** ActionObject: the button that opens a list; "Interactive Call-to-Action URL Button Messages": the button of a link. */
export const MAX_BUTTON_CHARS = 20;

export const capabilities = {
  content: ['text', 'choices', 'list', 'card', 'image', 'file', 'template'],
  // messages/text-messages: the body has 4096 characters at most.
  maxTextChars: 4096,
  // MediaObject: caption, maxLength 1024.
  maxCaptionChars: 1024,
  // ActionObject: 3 reply buttons with titles of 20; BodyObject: 1024.
  choices: { max: 3, maxLabelChars: MAX_BUTTON_CHARS, maxTextChars: 1024 },
  // SectionObject: 10 rows in all, titles of 24, descriptions of 72.
  list: { max: 10, maxLabelChars: 24, maxDescriptionChars: 72, maxTextChars: 1024 },
  // An interactive message with a picture at its head and one button with a link, or reply buttons under it.
  card: { maxFacts: 10, maxTextChars: 1024 },
  // business-phone-numbers/media: documents of 100 MB.
  maxUploadBytes: 100 * MEGABYTE,
  maxDownloadBytes: 100 * MEGABYTE,
  // A message that was sent cannot be changed.
  edits: false,
  drafts: null,
  // typing-indicators: shown until the answer comes, for 25 seconds at most.
  typing: { afterMs: 500, repeatMs: 20_000 },
  readReceipts: true,
  reactions: true,
  threads: false,
  // The customer service window: 24 hours from the customer's last message; outside it, templates only.
  replyWindowMs: 24 * HOUR_MS,
  // throughput: 80 messages a second for each number; to one customer one every 6 seconds, of which 45 may be taken at once.
  rate: { perSecond: 80, perConversationPerSecond: 1 / 6, conversationBurst: 45, perGroupPerMinute: null },
  // A webhook that fails is tried again, less and less often, for up to 7 days.
  redelivers: true,
  // There is no way to ask for a message by our key; its statuses carry the key (InboundStatus.key).
  findsSent: false,
  // biz_opaque_callback_data comes back with every status.
  tellsSent: true,
} as const satisfies ChannelCapabilities;
