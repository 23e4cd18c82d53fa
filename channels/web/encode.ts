/** Domain to wire: contents, progress and logged messages become the frames of CONTRACT.md. Pure. */
import { withoutName } from '../../src/domain/agent-name.js';
import type { AnswerInfo, Draft, EncoderTable, Progress, SendContext } from '../../src/domain/channel.js';
import type { Choice, MediaRef, OutboundContent } from '../../src/domain/content.js';
import type { Source } from '../../src/domain/knowledge.js';
import { joinParagraphs, markdownLink } from '../../src/domain/markdown.js';
import { attachmentOf, filesOf, isOwnFile } from '../../src/domain/message-files.js';
import type { Message, MessageAttachment } from '../../src/domain/message.js';
import { CHUNK_CHARS } from './config.js';
import type { capabilities } from './capabilities.js';
import type { AttachmentView, ServerFrame } from './frames.js';

type WebContentKind = (typeof capabilities.content)[number];

/** What a content adds to the answer: text to stream, passages, files. */
interface AnswerPart {
  readonly text?: string;
  readonly sources?: readonly Source[];
  readonly files?: readonly AttachmentView[];
}

/** A file on the web is linked: the page loads nothing from elsewhere. */
const filePart = ({ file, caption }: { readonly file: MediaRef; readonly caption: string }): AnswerPart =>
  isOwnFile(file)
    ? { text: caption, files: [viewOf(attachmentOf(file))] }
    : { text: joinParagraphs(caption, `📎 ${markdownLink(file.filename ?? file.id, file.id)}`) };

const ENCODERS: EncoderTable<WebContentKind, AnswerPart> = {
  text: (content) => ({ text: content.markdown }),
  choices: (content) => ({ text: content.markdown }),
  sources: (content) => ({ sources: content.sources }),
  image: filePart,
  file: filePart,
};

export const ENCODED_KINDS = Object.keys(ENCODERS) as readonly WebContentKind[];

/** Null for a kind that is not declared. */
function partOf(content: OutboundContent): AnswerPart | null {
  const encode = (ENCODERS as Partial<Record<string, (content: OutboundContent) => AnswerPart>>)[content.kind];
  return encode?.(content) ?? null;
}

/**
 * The frames of one send; null when the content is of a kind that the channel does not declare.
 * @param buttons all that the message has offered so far, this content included: they go out with `complete`
 */
export function encodeSend(
  content: OutboundContent,
  context: Pick<SendContext, 'messageId' | 'part' | 'last' | 'answer'>,
  buttons: readonly Choice[],
): readonly ServerFrame[] | null {
  const part = partOf(content);
  if (part === null) return null;
  const { messageId, answer } = context;
  if (answer?.role === 'agent') return agentFrames(messageId, context.part, part, answer.author);
  const frames: ServerFrame[] = [];
  if (context.last) frames.push(...escalationFrames(messageId, answer));
  frames.push(...partFrames(messageId, isCaption(content) ? apart(part, context) : part));
  if (context.last) frames.push(completeFrame(messageId, answer, buttons));
  return frames;
}

export function encodeProgress(progress: Exclude<Progress, { readonly kind: 'draft' }>): ServerFrame | null {
  switch (progress.kind) {
    case 'started': {
      const { person } = progress;
      if (person === undefined) return { type: 'start' };
      return { type: 'agent_typing', ...(person.name === null ? {} : { author: person.name }) };
    }
    case 'status':
      return { type: 'status', message: progress.message };
    case 'stopped':
      return null;
  }
}

/**
 * A message out of the log, in the same frames as if it were sent now.
 * @param shownParts so many contents of an answer are left out
 */
export function encodeLogged(message: Message, shownParts = 0): readonly ServerFrame[] {
  const { id: messageId, role, text, content, confidence, escalation = null } = message;
  if (role === 'agent') return [agentFrame(messageId, text, filesOf(message).map(viewOf), message.author)];
  if (role === 'user') return [userFrame(messageId, text, message.attachments)];
  return content.slice(shownParts).flatMap((part, index) => {
    const parts = shownParts + index + 1;
    const context = { messageId, part: parts - 1, last: parts === content.length, answer: { role, confidence, escalation } };
    return encodeSend(part, context, content.slice(0, parts).flatMap(buttonsOf)) ?? [];
  });
}

export const userFrame = (messageId: string, text: string, attachments: readonly MessageAttachment[]): ServerFrame => ({
  type: 'message',
  message_id: messageId,
  role: 'user',
  content: text,
  attachments: attachments.map(viewOf),
});

/** A person's message begins as a whole; files behind its beginning are added to it. They have no captions: the text is the caption. */
function agentFrames(messageId: string, part: number, { text = '', files = [] }: AnswerPart, author: string | undefined): ServerFrame[] {
  const said = author === undefined ? text : withoutName(author, text);
  if (said !== '' || (part === 0 && files.length > 0)) return [agentFrame(messageId, said, files, author)];
  return files.length === 0 ? [] : [{ type: 'attachments', message_id: messageId, attachments: files }];
}

const agentFrame = (messageId: string, text: string, attachments: readonly AttachmentView[], author: string | undefined): ServerFrame => ({
  type: 'message',
  message_id: messageId,
  role: 'agent',
  ...(author === undefined ? {} : { author }),
  content: text,
  attachments,
});

const viewOf = (file: MessageAttachment): AttachmentView => ({
  id: file.id,
  filename: file.filename,
  content_type: file.contentType,
  size_bytes: file.sizeBytes,
});

const isCaption = ({ kind }: OutboundContent): boolean => kind === 'image' || kind === 'file';

/** The chunks of an answer are joined to one text, in which a caption is a paragraph of its own. */
function apart({ text = '', ...rest }: AnswerPart, { part, last }: Pick<SendContext, 'part' | 'last'>): AnswerPart {
  return text === '' ? rest : { ...rest, text: `${part === 0 ? '' : '\n\n'}${text}${last ? '' : '\n\n'}` };
}

function partFrames(messageId: string, part: AnswerPart): ServerFrame[] {
  const frames: ServerFrame[] = [];
  if (part.sources !== undefined && part.sources.length > 0) {
    frames.push({ type: 'sources', message_id: messageId, sources: part.sources });
  }
  if (part.files !== undefined) frames.push({ type: 'attachments', message_id: messageId, attachments: part.files });
  frames.push(...textFrames(messageId, part.text ?? ''));
  return frames;
}

const textFrames = (messageId: string, text: string): ServerFrame[] =>
  chunksOf(text).map((content) => ({ type: 'text', message_id: messageId, content }));

/** What a draft adds to what the client was shown of it; where it does not go on from there it begins again. */
export function encodeDraft({ messageId, markdown }: Pick<Draft, 'messageId' | 'markdown'>, shown: string): ServerFrame[] {
  if (markdown.startsWith(shown)) return textFrames(messageId, markdown.slice(shown.length));
  return [{ type: 'start', message_id: messageId }, ...textFrames(messageId, markdown)];
}

/** The frames of a message without the text that the client was shown as a draft; all of them, from a new beginning, where the message does not begin so. */
export function afterDraft(
  frames: readonly ServerFrame[],
  { messageId, text }: { readonly messageId: string; readonly text: string },
): readonly ServerFrame[] {
  const whole = frames.map((frame) => (frame.type === 'text' ? frame.content : '')).join('');
  if (!whole.startsWith(text)) return [{ type: 'start', message_id: messageId }, ...frames];
  let shown = text.length;
  return frames.flatMap((frame): readonly ServerFrame[] => {
    if (frame.type !== 'text') return [frame];
    const content = frame.content.slice(shown);
    shown = Math.max(0, shown - frame.content.length);
    return content === '' ? [] : [{ ...frame, content }];
  });
}

function escalationFrames(messageId: string, answer: AnswerInfo | null): ServerFrame[] {
  if (answer?.escalation == null) return [];
  const { required, reason, ticketId } = answer.escalation;
  return [{ type: 'escalation', message_id: messageId, required, reason, ...(ticketId === null ? {} : { ticket_id: ticketId }) }];
}

export const buttonsOf = (content: OutboundContent): readonly Choice[] => (content.kind === 'choices' ? content.choices : []);

function completeFrame(messageId: string, answer: AnswerInfo | null, buttons: readonly Choice[]): ServerFrame {
  return {
    type: 'complete',
    message_id: messageId,
    confidence: answer?.confidence ?? null,
    ...(buttons.length === 0 ? {} : { buttons }),
    ...(answer?.role === 'system' ? { role: 'system' } : {}),
  };
}

/** Cuts at white space where there is some, never inside a code point; joined, the chunks are the text again. */
export function chunksOf(text: string): string[] {
  const chunks: string[] = [];
  let chunk = '';
  for (const word of text.match(new RegExp(`\\s+|\\S{1,${CHUNK_CHARS}}`, 'gu')) ?? []) {
    if (chunk !== '' && chunk.length + word.length > CHUNK_CHARS) {
      chunks.push(chunk);
      chunk = '';
    }
    chunk += word;
  }
  return chunk === '' ? chunks : [...chunks, chunk];
}
