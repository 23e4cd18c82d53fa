/** What a message of a person's consists of: text, files, or a kind that is not known here. */
import type { InboundContent, MediaKind } from '../../src/domain/content.js';
import { readableText } from './incoming-text.js';
import { fileSchema, type WireFile, type WireInnerMessage } from './wire.js';

/** Subtypes of messages in which a person says something; none is the usual one. */
const SAID = new Set(['file_share', 'thread_broadcast', 'me_message']);

/** Files that Slack lists but does not hold: deleted, hidden by the plan's limit, or on another service. */
const NOT_HELD = /^(tombstone|hidden_by_limit|external)$/;

export function decodeContent(message: WireInnerMessage, bot: string | null): readonly InboundContent[] {
  const { subtype } = message;
  if (subtype !== undefined && !SAID.has(subtype)) return [unsupported(subtype)];
  const text = readableText(message.text ?? '', message.blocks ?? [], bot);
  const files = (message.files ?? []).map((file) => fileSchema.safeParse(file).data);
  if (files.length > 0) return files.map((file, index) => fileContent(file, index === 0 ? text : ''));
  if (text.trim() !== '') return [{ kind: 'text', text }];
  const forwarded = (message.attachments ?? []).map((attachment) => attachment.text ?? attachment.fallback ?? '').filter(Boolean);
  if (forwarded.length > 0) return [{ kind: 'text', text: readableText(forwarded.join('\n'), [], null) }];
  // Nothing but our name: whoever calls wants to know what there is.
  if ((message.text ?? '').trim() !== '') return [{ kind: 'command', name: 'help', args: '' }];
  return [unsupported(message.blocks === undefined ? 'empty' : 'blocks')];
}

const unsupported = (kind: string): InboundContent => ({ kind: 'unsupported', platformKind: kind.slice(0, 60) });

function fileContent(file: WireFile | undefined, caption: string): InboundContent {
  if (file === undefined) return unsupported('file');
  if (file.mode !== undefined && NOT_HELD.test(file.mode)) {
    return caption === '' ? unsupported(`file:${file.mode}`) : { kind: 'text', text: caption };
  }
  return {
    kind: 'media',
    media: mediaKindOf(file),
    file: { id: file.id, filename: file.name ?? null, contentType: file.mimetype ?? null, sizeBytes: file.size ?? null },
    caption,
  };
}

function mediaKindOf({ mimetype = '', subtype }: WireFile): MediaKind {
  // Recorded in Slack: its audio comes as a video without pictures.
  if (subtype === 'slack_audio') return 'voice';
  if (subtype === 'slack_video' || mimetype.startsWith('video/')) return 'video';
  if (mimetype.startsWith('audio/')) return 'audio';
  return mimetype.startsWith('image/') ? 'image' : 'file';
}
