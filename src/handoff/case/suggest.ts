/** What an agent could answer: passages of the company's knowledge on what the customer asked last, each with its source. */
import type { DeskAnswer } from '../../domain/desk.js';
import type { KnowledgeSearch } from '../../domain/knowledge.js';
import type { Message } from '../../domain/message.js';
import type { Ticket } from '../../domain/ticket.js';

const MAX_SUGGESTIONS = 3;
/** Of the last messages, so many of the customer's are what the case is about now. */
const LAST_MESSAGES = 3;

export interface SuggestDeps {
  readonly knowledge: KnowledgeSearch;
  readonly historyOf: (threadId: string, before: Date, limit: number) => Promise<readonly Message[]>;
}

export async function suggest({ knowledge, historyOf }: SuggestDeps, ticket: Ticket): Promise<NonNullable<DeskAnswer['suggestions']>> {
  const history = await historyOf(ticket.threadId, new Date(), 20);
  const asked = history.filter(({ role, deletedAt, text }) => role === 'user' && deletedAt === null && text !== '');
  const query =
    asked.length === 0
      ? ticket.summary
      : asked
          .slice(-LAST_MESSAGES)
          .map(({ text }) => text)
          .join('\n');
  const sources = await knowledge.search({ query, limit: MAX_SUGGESTIONS, language: ticket.language });
  return sources.map(({ content, metadata: { title, url } }) => ({
    title,
    markdown: url === undefined ? content : `${content}\n\n[${title}](${url})`,
  }));
}
