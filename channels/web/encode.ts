/** Domain to wire: contents, progress and logged messages become the frames of CONTRACT.md. Pure. */
import type { AnswerInfo, EncoderTable, Progress, SendContext } from '../../src/domain/channel.js';
import type { Choice, OutboundContent } from '../../src/domain/content.js';
import type { Source } from '../../src/domain/knowledge.js';
import type { Message, MessageAttachment } from '../../src/domain/message.js';
import { CHUNK_CHARS } from './config.js';
import type { capabilities } from './capabilities.js';
import type { AttachmentView, ServerFrame } from './frames.js';

type WebContentKind = (typeof capabilities.content)[number];

/** What a content adds to the answer: text to stream, or passages. */
interface AnswerPart {
  readonly text?: string;
  readonly sources?: readonly Source[];
}

const ENCODERS: EncoderTable<WebContentKind, AnswerPart> = {
  text: (content) => ({ text: content.markdown }),
  choices: (content) => ({ text: content.markdown }),
  sources: (content) => ({ sources: content.sources }),
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
  context: Pick<SendContext, 'messageId' | 'last' | 'answer'>,
  buttons: readonly Choice[],
): readonly ServerFrame[] | null {
  const part = partOf(content);
  if (part === null) return null;
  const { messageId, answer } = context;
  if (answer?.role === 'agent') return part.text === undefined || part.text === '' ? [] : [agentFrame(messageId, part.text, [])];
  const frames: ServerFrame[] = [];
  if (context.last) frames.push(...escalationFrames(messageId, answer));
  frames.push(...partFrames(messageId, part));
  if (context.last) frames.push(completeFrame(messageId, answer?.confidence ?? null, buttons));
  return frames;
}

export function encodeProgress(progress: Progress): ServerFrame | null {
  switch (progress.kind) {
    case 'started':
      return { type: 'start' };
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
  const { id: messageId, role, text, attachments, content, confidence, escalation = null } = message;
  if (role === 'agent') return [agentFrame(messageId, text, attachments)];
  if (role === 'user') return [userFrame(messageId, text, attachments)];
  return content.slice(shownParts).flatMap((part, index) => {
    const parts = shownParts + index + 1;
    const context = { messageId, last: parts === content.length, answer: { role, confidence, escalation } };
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

const agentFrame = (messageId: string, text: string, attachments: readonly MessageAttachment[]): ServerFrame => ({
  type: 'message',
  message_id: messageId,
  role: 'agent',
  content: text,
  attachments: attachments.map(viewOf),
});

const viewOf = (file: MessageAttachment): AttachmentView => ({
  id: file.id,
  filename: file.filename,
  content_type: file.contentType,
  size_bytes: file.sizeBytes,
});

function partFrames(messageId: string, part: AnswerPart): ServerFrame[] {
  const frames: ServerFrame[] = [];
  if (part.sources !== undefined && part.sources.length > 0) {
    frames.push({ type: 'sources', message_id: messageId, sources: part.sources });
  }
  for (const chunk of chunksOf(part.text ?? '')) frames.push({ type: 'text', message_id: messageId, content: chunk });
  return frames;
}

function escalationFrames(messageId: string, answer: AnswerInfo | null): ServerFrame[] {
  if (answer?.escalation == null) return [];
  const { required, reason, ticketId } = answer.escalation;
  return [{ type: 'escalation', message_id: messageId, required, reason, ...(ticketId === null ? {} : { ticket_id: ticketId }) }];
}

export const buttonsOf = (content: OutboundContent): readonly Choice[] => (content.kind === 'choices' ? content.choices : []);

function completeFrame(messageId: string, confidence: number | null, buttons: readonly Choice[]): ServerFrame {
  return { type: 'complete', message_id: messageId, confidence, ...(buttons.length === 0 ? {} : { buttons }) };
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
