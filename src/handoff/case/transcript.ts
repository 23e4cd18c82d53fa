/** A conversation as text that people can read and keep, by the desk's language. Pure. */
import type { Message, MessageRole } from '../../domain/message.js';
import type { Language } from '../../domain/understanding.js';

const ROLES: Readonly<Record<Language, Readonly<Record<MessageRole, string>>>> = {
  es: { user: 'Cliente', assistant: 'Asistente', agent: 'Agente', system: 'Sistema' },
  en: { user: 'Customer', assistant: 'Assistant', agent: 'Agent', system: 'System' },
};

const DELETED: Readonly<Record<Language, string>> = { es: '(borrado por el cliente)', en: '(deleted by the customer)' };

/** One line for each message: when (UTC, to the minute), who, what; then the names of its files. */
export function transcript(messages: readonly Message[], language: Language): string {
  return messages
    .map(({ createdAt, role, author, text, attachments, deletedAt }) => {
      const when = createdAt.toISOString().slice(0, 16).replace('T', ' ');
      const files = attachments.map(({ filename }) => `[${filename}]`);
      const said = deletedAt === null ? text : DELETED[language];
      return `${when} ${author ?? ROLES[language][role]}: ${[said, ...files].filter(Boolean).join(' ')}`;
    })
    .join('\n');
}
