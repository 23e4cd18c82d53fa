/** The table of what each channel can do, made from their capabilities. channels/README.md shows it; a test keeps it current. */
import type { ChannelCapabilities } from '../src/domain/channel.js';
import { capabilities as slack } from './slack/capabilities.js';
import { capabilities as teams } from './teams/capabilities.js';
import { capabilities as telegram } from './telegram/capabilities.js';
import { capabilities as web } from './web/capabilities.js';
import { capabilities as whatsappCloud } from './whatsapp-cloud/capabilities.js';
import { capabilities as whatsappWeb } from './whatsapp-web/capabilities.js';

/** Every channel there is: a new one is added here. */
const CHANNELS: Readonly<Record<string, ChannelCapabilities>> = {
  web,
  telegram,
  slack,
  teams,
  'whatsapp-cloud': whatsappCloud,
  'whatsapp-web': whatsappWeb,
};

const ROWS: Readonly<Record<string, (channel: ChannelCapabilities) => string>> = {
  'Content as it is': ({ content }) => content.join(', '),
  'Text in one message': ({ maxTextChars }) => `${maxTextChars} characters`,
  Buttons: ({ choices }) => (choices === null ? 'numbered lines' : `${choices.max} of ${choices.maxLabelChars} characters`),
  'Files to the customer': ({ maxUploadBytes }) => upTo(maxUploadBytes),
  'Files from the customer, by fetching': ({ maxDownloadBytes }) => upTo(maxDownloadBytes),
  'Changing a sent message': ({ edits }) => yesNo(edits),
  'Answers while they are written': ({ drafts }) =>
    drafts === null ? 'no' : drafts === 'streamed' ? 'as they grow' : `one message, edited every ${drafts.everyMs / 1000} s at most`,
  'Typing indicator': ({ typing }) => (typing === null ? 'no' : `after ${typing.afterMs} ms`),
  'Read receipts': ({ readReceipts }) => yesNo(readReceipts),
  Reactions: ({ reactions }) => yesNo(reactions),
  Threads: ({ threads }) => yesNo(threads),
  'Free replies': ({ replyWindowMs }) => (replyWindowMs === null ? 'always' : `${replyWindowMs / 3_600_000} h`),
  'Sends a second': ({ rate }) =>
    `${rate.perSecond}, ${rounded(rate.perConversationPerSecond)} to one conversation (${rate.conversationBurst} at once)`,
  'Sends to a group': ({ rate }) => (rate.perGroupPerMinute === null ? 'as to a person' : `${rate.perGroupPerMinute} a minute`),
  'Delivers again what we refuse': ({ redelivers }) => yesNo(redelivers),
  'Tells what became of a send': ({ findsSent, tellsSent }) => (findsSent ? 'when asked' : tellsSent ? 'by its statuses' : 'no'),
};

/** Two digits are enough for a rate. */
const rounded = (rate: number) => Number(rate.toPrecision(2));
const yesNo = (flag: boolean) => (flag ? 'yes' : 'no');
const upTo = (bytes: number | null) => (bytes === null ? 'no' : `up to ${bytes / 1024 / 1024} MB`);

/** A markdown table: a row for each capability, a column for each channel. */
export function capabilityMatrix(): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const columns = Object.values(CHANNELS);
  return [
    line(['', ...Object.keys(CHANNELS)]),
    line(['---', ...columns.map(() => '---')]),
    ...Object.entries(ROWS).map(([name, cellOf]) => line([name, ...columns.map(cellOf)])),
  ].join('\n');
}

const START = '<!-- capability matrix: written by npm run channels:matrix -->';
const END = '<!-- end of the capability matrix -->';

/** The text with the table between its marks renewed. Throws when the marks are missing. */
export function withCapabilityMatrix(readme: string): string {
  const start = readme.indexOf(START);
  const end = readme.indexOf(END);
  if (start === -1 || end < start) throw new Error(`The README has lost the marks "${START}" and "${END}".`);
  return `${readme.slice(0, start)}${START}\n\n${capabilityMatrix()}\n\n${readme.slice(end)}`;
}
