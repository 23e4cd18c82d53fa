/** What Slack shows and takes, from https://docs.slack.dev/reference/block-kit and https://docs.slack.dev/reference/methods/chat.postMessage. */
import type { ChannelCapabilities } from '../../src/domain/channel.js';

const MEGABYTE = 1024 * 1024;

/** Text of one section block, as it is sent: with `&lt;` for `<`. */
export const MAX_SECTION_CHARS = 3000;
/** Elements of one context block. */
export const MAX_CONTEXT_ELEMENTS = 10;
/** Text of a header block. */
export const MAX_HEADER_CHARS = 150;
/** Text on a button and in an entry of a menu. */
export const MAX_LABEL_CHARS = 75;

export const capabilities = {
  content: ['text', 'choices', 'list', 'card', 'sources', 'image', 'file'],
  // chat.postMessage: 4,000 characters are advised; from 40,000 on it cuts, which escaping (`&` to `&amp;`) cannot reach.
  maxTextChars: 4000,
  // Goes into a section block.
  maxCaptionChars: MAX_SECTION_CHARS,
  // An actions block takes 25; beyond ten a menu is easier to read.
  choices: { max: 10, maxLabelChars: MAX_LABEL_CHARS, maxTextChars: MAX_SECTION_CHARS },
  // static_select: 100 options, text and description of 75 characters.
  list: { max: 100, maxLabelChars: MAX_LABEL_CHARS, maxDescriptionChars: 75, maxTextChars: MAX_SECTION_CHARS },
  // A section has 10 fields.
  card: { maxFacts: 10, maxTextChars: MAX_SECTION_CHARS },
  // Slack takes 1 GB; files are held in memory on their way through here.
  maxUploadBytes: 100 * MEGABYTE,
  maxDownloadBytes: 100 * MEGABYTE,
  edits: true,
  // chat.update: some 50 a minute (tier 3).
  drafts: { everyMs: 1_500 },
  // The Web API has no typing indicator for bots (assistant.threads.setStatus is for assistants' own threads).
  typing: null,
  readReceipts: false,
  reactions: true,
  threads: true,
  replyWindowMs: null,
  // https://docs.slack.dev/apis/web-api/rate-limits: one message a second to a channel with short bursts, several hundred a minute in a workspace.
  rate: { perSecond: 5, perConversationPerSecond: 1, conversationBurst: 3, perGroupPerMinute: null },
  // Events come again three times within about six minutes; commands and pressed buttons never do.
  redelivers: false,
  // Messages carry the send's key as metadata, files in the id of their text's block.
  findsSent: true,
  tellsSent: false,
} as const satisfies ChannelCapabilities;
