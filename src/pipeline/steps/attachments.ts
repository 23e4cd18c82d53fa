/**
 * Reads the files that came with a message. Web clients upload first, so theirs are stored already; on platforms the bytes are fetched here.
 * A file that cannot be read is said to be so, with the reason.
 */
import type { Attachment, AttachmentStore, ExtractText } from '../../domain/attachment.js';
import type { Channel } from '../../domain/channel.js';
import type { InboundContent } from '../../domain/content.js';
import { asError, ChannelError } from '../../domain/errors.js';
import { derivedId } from '../../domain/ids.js';
import type { Chunk } from '../../domain/knowledge.js';
import type { Step } from '../compose.js';
import { TEXTS } from '../texts.js';
import type { Turn } from '../turn.js';

export interface AttachmentServices {
  readonly attachments: AttachmentStore;
  readonly extractText: ExtractText;
  readonly chunkText: (document: {
    id: string;
    filename: string;
    pages: readonly { page: number | null; text: string }[];
  }) => readonly Chunk[];
  readonly channelOf: (name: string, account: string) => Channel | undefined;
  /** Largest file that is read, in bytes. */
  readonly maxFileBytes: number;
}

type Media = Extract<InboundContent, { kind: 'media' }>;

export function attachmentsStep(services: AttachmentServices): Step {
  return {
    name: 'attachments',
    always: true,
    async run(turn) {
      // People who have the case are to see the files too; otherwise a settled answer needs none.
      if (turn.answer !== null && turn.relayedTo === null) return undefined;
      const media = turn.input.event.content.filter((part): part is Media => part.kind === 'media');
      if (media.length === 0) return undefined;
      turn.attachments = turn.input.event.channel === 'web' ? await uploaded(services, turn, media) : await fetched(services, turn, media);
      const unreadable = turn.attachments.filter((attachment) => !attachment.processed);
      if (turn.relayedTo !== null) return `${turn.attachments.length} files for the desk, ${unreadable.length} unreadable`;
      if (turn.text === '') turn.answer = acknowledgement(turn, unreadable);
      else turn.preface = unreadableLines(turn, unreadable).join('\n\n');
      return `${turn.attachments.length} files, ${unreadable.length} unreadable`;
    },
  };
}

const uploaded = (services: AttachmentServices, turn: Turn, media: readonly Media[]) =>
  services.attachments.findMany(
    turn.input.conversation.id,
    media.map((part) => part.file.id),
  );

const fetched = (services: AttachmentServices, turn: Turn, media: readonly Media[]) =>
  Promise.all(media.map((part, index) => fetchOne(services, turn, part, index)));

async function fetchOne(services: AttachmentServices, turn: Turn, part: Media, index: number): Promise<Attachment> {
  const { conversation, event } = turn.input;
  const channel = services.channelOf(event.channel, event.account);
  const filename = part.file.filename ?? `${part.media}-${index + 1}`;
  const base = {
    id: derivedId('att', turn.id, index),
    conversationId: conversation.id,
    threadId: turn.threadId,
    filename,
    contentType: part.file.contentType ?? 'application/octet-stream',
    sizeBytes: part.file.sizeBytes ?? 0,
    createdAt: turn.startedAt,
  };
  const failed = (error: string): Attachment => ({ ...base, processed: false, error, text: '', chunks: [] });
  if (channel?.fetchMedia === undefined) return failed('files of this channel cannot be fetched');
  if (base.sizeBytes > services.maxFileBytes) return failed(`larger than ${Math.floor(services.maxFileBytes / 1024 / 1024)} MB`);
  try {
    const { bytes } = await channel.fetchMedia(part.file);
    if (bytes.length > services.maxFileBytes) return failed(`larger than ${Math.floor(services.maxFileBytes / 1024 / 1024)} MB`);
    const extraction = await services.extractText({ bytes, filename });
    const read = { ...base, contentType: extraction.contentType, sizeBytes: bytes.length };
    const attachment: Attachment = extraction.ok
      ? {
          ...read,
          processed: true,
          error: null,
          text: extraction.text,
          chunks: services.chunkText({ id: base.id, filename, pages: extraction.pages }),
        }
      : { ...read, processed: false, error: extraction.message, text: '', chunks: [] };
    await services.attachments.save(attachment, bytes);
    return attachment;
  } catch (thrown) {
    if (thrown instanceof ChannelError) return failed(`the platform did not hand it over (${thrown.kind})`);
    throw asError(thrown);
  }
}

function acknowledgement(turn: Turn, unreadable: readonly Attachment[]) {
  const texts = TEXTS[turn.language];
  const read = turn.attachments.filter((attachment) => attachment.processed);
  const lines = unreadableLines(turn, unreadable);
  if (read.length > 0) lines.unshift(texts.fileReceived(read.map((attachment) => attachment.filename)));
  if (lines.length === 0) lines.push(texts.unsupportedContent);
  return { markdown: lines.join('\n\n'), sources: [], choices: [], confidence: read.length > 0 ? 1 : 0, outcome: 'asked' as const };
}

const unreadableLines = (turn: Turn, unreadable: readonly Attachment[]): string[] =>
  unreadable.map((attachment) => TEXTS[turn.language].fileUnreadable(attachment.filename, attachment.error ?? ''));
