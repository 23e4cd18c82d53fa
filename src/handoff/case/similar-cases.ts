/** What colleagues answered in resolved cases like this one: nearest by the words of their summaries, cut and stemmed as for search, without personal data. */
import type { Message } from '../../domain/message.js';
import type { Ticket } from '../../domain/ticket.js';
import { isFunctionWord, stemVariants, words } from '../../text/words.js';
import { namesIn, withoutPersonalData } from './personal-data.js';

export interface SimilarCasesDeps {
  /** The newest resolved cases. */
  readonly resolved: () => Promise<readonly Ticket[]>;
  readonly historyOf: (threadId: string, before: Date, limit: number) => Promise<readonly Message[]>;
  readonly nameOf: (contactId: string) => Promise<string | null>;
}

export interface SimilarAnswer {
  readonly title: string;
  readonly markdown: string;
}

const MAX_ANSWERS = 2;
/** Cosine of the words' weights: below, two cases have no more than everyday words in common. */
const LEAST_LIKENESS = 0.25;
const HISTORY = 50;
const TITLE_CHARS = 60;

/** Best first; in the language of the case only. */
export async function similarAnswers(deps: SimilarCasesDeps, ticket: Ticket, query: string): Promise<SimilarAnswer[]> {
  const others = (await deps.resolved()).filter(({ id, language }) => id !== ticket.id && language === ticket.language);
  const answers: SimilarAnswer[] = [];
  for (const other of nearest(query, others)) {
    if (answers.length === MAX_ANSWERS) break;
    const answer = await answerOf(deps, other);
    if (answer !== null) answers.push(answer);
  }
  return answers;
}

/** Pure. */
export function nearest<Case extends Pick<Ticket, 'summary'>>(query: string, cases: readonly Case[]): Case[] {
  const documents = cases.map((one) => ({ one, terms: termsOf(one.summary) }));
  const seenIn = new Map<string, number>();
  for (const { terms } of documents) for (const term of terms) seenIn.set(term, (seenIn.get(term) ?? 0) + 1);
  const weight = (term: string): number => Math.log(1 + cases.length / (seenIn.get(term) ?? 0.5)) ** 2;
  const length = (terms: ReadonlySet<string>): number => Math.sqrt([...terms].reduce((sum, term) => sum + weight(term), 0));
  const asked = termsOf(query);
  const likeness = (terms: ReadonlySet<string>): number => {
    const common = [...terms].filter((term) => asked.has(term)).reduce((sum, term) => sum + weight(term), 0);
    return common === 0 ? 0 : common / (length(asked) * length(terms));
  };
  return documents
    .map(({ one, terms }) => ({ one, likeness: likeness(terms) }))
    .filter((ranked) => ranked.likeness >= LEAST_LIKENESS)
    .sort((a, b) => b.likeness - a.likeness)
    .map(({ one }) => one);
}

const termsOf = (text: string): Set<string> =>
  new Set(
    words(text)
      .filter((word) => !isFunctionWord(word))
      .map((word) => stemVariants(word)[0] ?? word),
  );

/** The longest that a person wrote in it: greetings and thanks are short. */
async function answerOf({ historyOf, nameOf }: SimilarCasesDeps, ticket: Ticket): Promise<SimilarAnswer | null> {
  const until = ticket.closedAt ?? new Date();
  const [history, customer] = await Promise.all([historyOf(ticket.threadId, until, HISTORY), nameOf(ticket.contactId)]);
  const replies = history.filter(
    ({ role, deletedAt, createdAt }) => role === 'agent' && deletedAt === null && createdAt >= ticket.createdAt,
  );
  const [longest] = [...replies].sort((a, b) => b.text.length - a.text.length);
  if (longest === undefined || longest.text.trim() === '') return null;
  const known = [customer, ticket.lastAgent?.name, ...replies.map(({ author }) => author)].filter((name) => name != null);
  const names = [...known, ...namesIn([ticket.summary, ...history.map(({ text }) => text)])];
  const about = withoutPersonalData(ticket.summary, names);
  return {
    title: `${ticket.id}: ${about.length > TITLE_CHARS ? `${about.slice(0, TITLE_CHARS - 1)}…` : about}`,
    markdown: withoutPersonalData(longest.text, names),
  };
}
