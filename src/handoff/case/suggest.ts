/**
 * What an agent could answer: passages of the company's knowledge on what the customer asked last, each with its source, then what colleagues answered in
 * cases like it.
 */
import type { DeskAnswer } from '../../domain/desk.js';
import type { KnowledgeSearch } from '../../domain/knowledge.js';
import type { Ticket } from '../../domain/ticket.js';
import { similarAnswers, type SimilarCasesDeps } from './similar-cases.js';

const MAX_SUGGESTIONS = 3;
/** Of the last messages, so many of the customer's are what the case is about now. */
const LAST_MESSAGES = 3;

export interface SuggestDeps extends SimilarCasesDeps {
  readonly knowledge: KnowledgeSearch;
}

export async function suggest(deps: SuggestDeps, ticket: Ticket): Promise<NonNullable<DeskAnswer['suggestions']>> {
  const history = await deps.historyOf(ticket.threadId, new Date(), 20);
  const asked = history.filter(({ role, deletedAt, text }) => role === 'user' && deletedAt === null && text !== '');
  const query =
    asked.length === 0
      ? ticket.summary
      : asked
          .slice(-LAST_MESSAGES)
          .map(({ text }) => text)
          .join('\n');
  const [sources, answers] = await Promise.all([
    deps.knowledge.search({ query, limit: MAX_SUGGESTIONS, language: ticket.language }),
    similarAnswers(deps, ticket, `${ticket.summary}\n${query}`),
  ]);
  const passages = sources.map(({ content, metadata: { title, url } }) => ({
    title,
    markdown: url === undefined ? content : `${content}\n\n[${title}](${url})`,
  }));
  return [...passages, ...answers];
}
