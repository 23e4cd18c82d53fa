/** What a message of Teams consists of: text without the mention of the bot, a choice, a command, files, or kinds that are not known here. */
import { parse } from 'node-html-parser';
import type { InboundContent, MediaKind } from '../../src/domain/content.js';
import { cardActionSchema, choiceSchema, downloadInfoSchema, pickSchema, type Activity, type WireAttachment } from './wire.js';

const HTML = 'text/html';
const DOWNLOAD_INFO = 'application/vnd.microsoft.teams.file.download.info';
const QUOTE = 'blockquote[itemtype="http://schema.skype.com/Reply"]';

/** The answer to a button or a list of ours; null where the activity is none. */
export function decodeChoice(value: unknown): InboundContent | null {
  const choice = choiceSchema.safeParse(value).data;
  if (choice !== undefined) return { kind: 'choice', id: choice.parleyChoice, label: choice.parleyLabel ?? choice.parleyChoice };
  const pick = pickSchema.safeParse(value).data;
  if (pick === undefined) return null;
  const labels = pick.parleyLabels ?? {};
  const label = Object.hasOwn(labels, pick.parleyPick) ? labels[pick.parleyPick] : undefined;
  return { kind: 'choice', id: pick.parleyPick, label: label ?? pick.parleyPick };
}

/** The same of an Adaptive Card's `Action.Execute`. */
export const decodeCardAction = (value: unknown): InboundContent | null =>
  decodeChoice(cardActionSchema.safeParse(value).data?.action.data);

export function decodeContent(activity: Activity): readonly InboundContent[] {
  const choice = decodeChoice(activity.value);
  if (choice !== null) return [choice];
  const text = textOf(activity);
  const files = (activity.attachments ?? []).filter(({ contentType }) => contentType !== HTML).map(decodeAttachment);
  if (text === '' && files.length > 0) return files;
  if (text === '' && mentionsBot(activity))
    return [
      {
        kind: 'text',
        text:
          mentionsOfBot(activity)
            .map((mention) => parse(mention).text)
            .join(' ') || '@',
      },
    ];
  if (text === '') return [{ kind: 'unsupported', platformKind: activity.value === undefined ? 'empty' : 'value' }];
  return [decodeText(text), ...files];
}

const COMMAND = /^\/(\w{1,64})(?:\s+|$)/;

function decodeText(text: string): InboundContent {
  const [lead, name] = COMMAND.exec(text) ?? [];
  return lead === undefined || name === undefined
    ? { kind: 'text', text }
    : { kind: 'command', name, args: text.slice(lead.length).trim() };
}

/** What the person wrote: without the mention of the bot, which only addressed it, without what is quoted, without markup. */
export function textOf(activity: Activity): string {
  const reply = quotingHtml(activity);
  if (reply !== null) return plainOf(reply.withoutQuote, mentionsOfBot(activity));
  const text = (activity.text ?? '').replace(/<quoted\b[^>]*\/>/g, '');
  if (activity.textFormat === 'xml' || activity.textFormat === 'html') return plainOf(text, mentionsOfBot(activity));
  let plain = text;
  for (const mention of mentionsOfBot(activity)) plain = plain.replaceAll(mention, ' ');
  // People who are mentioned stay, by name.
  plain = plain.replace(/<at[^>]*>([^<]*)<\/at>/g, '$1').replaceAll('&nbsp;', ' ');
  return tidy(plain);
}

/** More tags than a message of 28 KB that somebody wrote has: the parser recurses into each. */
const MAX_TAGS = 2000;
export const isHostile = (html: string) => (html.match(/<[a-z]/gi) ?? []).length > MAX_TAGS;

function plainOf(html: string, mentions: readonly string[]): string {
  if (isHostile(html)) return tidy(html.replace(/<[^>]*>/g, ' '));
  let rest = html;
  for (const mention of mentions) rest = rest.replaceAll(mention, ' ');
  const names = mentions.map((mention) => parse(mention).text);
  const root = parse(rest);
  for (const mention of root.querySelectorAll('[itemtype="http://schema.skype.com/Mention"]')) {
    if (names.includes(mention.text)) mention.remove();
  }
  return tidy(root.structuredText);
}

/** Spaces on the line that a mention leaves behind go; lines stay. */
export const tidy = (text: string): string =>
  text
    .replaceAll('\u00a0', ' ')
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, ' ').trimEnd())
    .join('\n')
    .replace(/^[\s,:;]+(?=\S)/, '')
    .trim();

export function mentionsOfBot(activity: Activity): readonly string[] {
  const bot = activity.recipient?.id;
  return (activity.entities ?? []).flatMap((entity) =>
    entity.type === 'mention' && entity.mentioned !== undefined && entity.mentioned.id === bot && entity.text ? [entity.text] : [],
  );
}

export const mentionsBot = (activity: Activity): boolean =>
  (activity.entities ?? []).some(
    ({ type, mentioned }) => type === 'mention' && mentioned !== undefined && mentioned.id === activity.recipient?.id,
  );

/** A reply that quotes comes with a copy as HTML, in which the quote can be told from what was written. */
function quotingHtml(activity: Activity): { quotedId: string | null; withoutQuote: string } | null {
  const html = activity.attachments?.find(({ contentType }) => contentType === HTML)?.content;
  if (typeof html !== 'string' || !html.includes('schema.skype.com/Reply') || isHostile(html)) return null;
  const root = parse(html);
  const quotes = root.querySelectorAll(QUOTE);
  if (quotes.length === 0) return null;
  const quotedId = quotes[0]?.getAttribute('itemid') ?? null;
  for (const quote of quotes) quote.remove();
  return { quotedId, withoutQuote: root.toString() };
}

/** The message that this one quotes, or whose button was pressed. */
export function quotedMessageIdOf(activity: Activity): string | null {
  const entity = activity.entities?.find(({ type, quotedReply }) => type === 'quotedReply' && quotedReply !== undefined);
  if (entity?.quotedReply !== undefined) return entity.quotedReply.messageId;
  const quoted = quotingHtml(activity)?.quotedId ?? null;
  return quoted ?? (decodeChoice(activity.value) === null ? null : (activity.replyToId ?? null));
}

/** A file's address is its id: Teams has no other. Addresses of files in OneDrive are good for some minutes and need no token. */
function decodeAttachment(attachment: WireAttachment): InboundContent {
  const { contentType, contentUrl, name = null } = attachment;
  if (contentType === DOWNLOAD_INFO) {
    const info = downloadInfoSchema.safeParse(attachment.content).data;
    if (info === undefined) return unsupported(contentType);
    const media = mediaKindOf(info.fileType ?? '');
    return {
      kind: 'media',
      media,
      file: { id: info.downloadUrl, filename: name, contentType: null, sizeBytes: info.fileSize ?? null },
      caption: '',
    };
  }
  const media = /^(image|audio|video)\//.exec(contentType)?.[1] as 'image' | 'audio' | 'video' | undefined;
  if (media === undefined || contentUrl === undefined) return unsupported(contentType);
  // Pasted pictures come as `image/*`.
  const known = contentType.endsWith('/*') ? null : contentType;
  return { kind: 'media', media, file: { id: contentUrl, filename: name, contentType: known, sizeBytes: null }, caption: '' };
}

const unsupported = (platformKind: string): InboundContent => ({ kind: 'unsupported', platformKind: platformKind.slice(0, 60) });

const EXTENSIONS: Readonly<Partial<Record<MediaKind, RegExp>>> = {
  image: /^(png|jpe?g|gif|bmp|webp|heic|tiff?)$/i,
  audio: /^(mp3|m4a|wav|ogg|opus|aac)$/i,
  video: /^(mp4|mov|avi|webm|mkv)$/i,
};

function mediaKindOf(fileType: string): MediaKind {
  if (EXTENSIONS.image?.test(fileType) === true) return 'image';
  if (EXTENSIONS.audio?.test(fileType) === true) return 'audio';
  return EXTENSIONS.video?.test(fileType) === true ? 'video' : 'file';
}
