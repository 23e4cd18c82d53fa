/** A conversation as text that people can read and keep, for staff in the desk's language and for customers in their own. */
import { filesOf } from '../../domain/message-files.js';
import type { Message, MessageRole } from '../../domain/message.js';
import type { Language } from '../../domain/understanding.js';
import { transcriptPdf } from './transcript-pdf.js';

const ROLES: Readonly<Record<Language, Readonly<Record<MessageRole, string>>>> = {
  es: { user: 'Cliente', assistant: 'Asistente', agent: 'Agente', system: 'Sistema' },
  en: { user: 'Customer', assistant: 'Assistant', agent: 'Agent', system: 'System' },
};

const DELETED: Readonly<Record<Language, string>> = { es: '(borrado por el cliente)', en: '(deleted by the customer)' };

/** One line for each message: when (to the minute), who, what; then the names of its files. Pure. @param zone IANA; the times are of there */
export function transcript(messages: readonly Message[], language: Language, zone = 'UTC'): string {
  const time = timeIn(zone);
  return messages
    .map(({ createdAt, role, author, text, deletedAt, ...message }) => {
      const files = filesOf(message).map(({ filename }) => `[${filename}]`);
      const said = deletedAt === null ? text : DELETED[language];
      return `${time(createdAt)} ${author ?? ROLES[language][role]}: ${[said, ...files].filter(Boolean).join(' ')}`;
    })
    .join('\n');
}

/** `2026-03-02 10:00`, which reads the same everywhere. */
function timeIn(zone: string): (at: Date) => string {
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return (at) => format.format(at);
}

export interface TranscriptsDeps {
  /** The last messages of a session, oldest first. */
  readonly window: (threadId: string, limit: number) => Promise<readonly Message[]>;
  /** IANA: where the customers' clocks are taken to be. */
  readonly zone: string;
}

/** Longer than any conversation that people had; what is older is left out. */
const MAX_MESSAGES = 500;

/** What customers get who ask for a copy; fills the pipeline's port. */
export function createTranscripts({ window, zone }: TranscriptsDeps) {
  return {
    async textOf(threadIds: readonly string[], language: Language): Promise<string> {
      const messages = await Promise.all(threadIds.map((threadId) => window(threadId, MAX_MESSAGES)));
      return transcript(messages.flat(), language, zone);
    },
    pdfOf: transcriptPdf,
    zone,
  };
}
