/**
 * Gives customers a copy of their conversation when they ask for it: by the button under the message that closes a case, by a command at any time, or in
 * words while the bot has the conversation. As a PDF where the channel takes documents, else as text.
 */
import type { AttachmentStore } from '../../domain/attachment.js';
import type { Channel } from '../../domain/channel.js';
import type { Choice, MediaRef } from '../../domain/content.js';
import { derivedId } from '../../domain/ids.js';
import type { Step } from '../compose.js';
import { asksForTranscript, matchChoice } from '../match-choice.js';
import { closingChoices, ratingChoices } from '../rating.js';
import type { Transcripts } from '../services.js';
import { TRANSCRIPT_TEXTS } from '../transcript-texts.js';
import { CHOICE_IDS, type Turn } from '../turn.js';

export interface TranscriptServices {
  readonly transcripts: Transcripts;
  readonly attachments: Pick<AttachmentStore, 'save'>;
  readonly channelOf: (name: string, account: string) => Channel | undefined;
}

/** Of a copy that goes out as text: some screens of it, and a few messages where they are short. */
const MAX_TEXT_CHARS = 12_000;

export function transcriptStep(services: TranscriptServices): Step {
  return {
    name: 'transcript',
    async run(turn) {
      if (!isAsked(turn)) return undefined;
      const { conversation, event } = turn.input;
      const texts = TRANSCRIPT_TEXTS[turn.language];
      // Whoever joined a group later would get what was said before they came.
      if (event.scope === 'group') return settle(turn, texts.inPrivate, 'in a group');
      const threads = new Set([conversation.lastCase?.threadId ?? turn.threadId, conversation.threadId ?? turn.threadId, turn.threadId]);
      const text = await services.transcripts.textOf([...threads], turn.language);
      if (text === '') return settle(turn, texts.nothing, 'nothing to copy');
      const file = wantsText(turn) ? null : await fileOf(services, turn, text);
      if (file === null) return settle(turn, texts.asText(newestLines(text), services.transcripts.zone), 'as text');
      return settle(turn, texts.asFile, 'as a file', file);
    },
  };
}

function isAsked(turn: Turn): boolean {
  const { status, lastCase } = turn.input.conversation;
  if (turn.command !== null) return turn.command === 'transcript';
  if (status !== 'bot' || turn.text === '') return false;
  // Where a channel has no buttons, its number right behind the closing message.
  const closing = lastCase?.survey === 'score' ? closingChoices(turn.language) : [];
  return matchChoice(turn.text, closing)?.id === CHOICE_IDS.transcript || asksForTranscript(turn.text);
}

const wantsText = ({ commandArgs }: Turn): boolean => /^\s*texto?\s*$/i.test(commandArgs);

/** Null where the channel does not take it. Run again, it is the same file. */
async function fileOf({ transcripts, attachments, channelOf }: TranscriptServices, turn: Turn, text: string): Promise<MediaRef | null> {
  const { conversation, event } = turn.input;
  const capabilities = channelOf(event.channel, event.account)?.capabilities;
  if (capabilities === undefined || !capabilities.content.includes('file') || capabilities.maxUploadBytes === null) return null;
  const name = conversation.ticketId ?? conversation.lastCase?.ticketId ?? turn.startedAt.toISOString().slice(0, 10);
  const texts = TRANSCRIPT_TEXTS[turn.language];
  const bytes = await transcripts.pdfOf(texts.title(name, transcripts.zone), text, turn.language);
  if (bytes.length > capabilities.maxUploadBytes) return null;
  const file = {
    id: derivedId('att', turn.id, 'transcript'),
    filename: `${texts.filename}-${name}.pdf`,
    contentType: 'application/pdf',
    sizeBytes: bytes.length,
  };
  const { id: conversationId } = conversation;
  const read = { processed: false, error: null, text: '', chunks: [], createdAt: turn.startedAt };
  await attachments.save({ ...file, conversationId, threadId: turn.threadId, ...read }, bytes);
  return file;
}

/** The end of it, from a whole line on. */
function newestLines(text: string): string {
  if (text.length <= MAX_TEXT_CHARS) return text;
  const end = text.slice(-MAX_TEXT_CHARS);
  return `…${end.slice(end.indexOf('\n'))}`;
}

/** A survey that waits for its answer is offered again: the copy stands between its question and the customer. */
const stillAsked = ({ input, language }: Turn): readonly Choice[] =>
  input.conversation.status === 'bot' && input.conversation.lastCase?.survey === 'score' ? ratingChoices(language) : [];

function settle(turn: Turn, markdown: string, note: string, file?: MediaRef): string {
  const files = file === undefined ? {} : { files: [file] };
  turn.answer = { markdown, sources: [], choices: stillAsked(turn), confidence: 1, outcome: 'noted', ...files };
  return note;
}
