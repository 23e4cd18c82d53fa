/** Analytics: what managers ask of the log. Each metric is one file under metrics/, defined in README.md. */
import { type Models } from '../src/storage/models/index.js';
import { conversationsReport, type ConversationsQuery, type ConversationsReport } from './metrics/conversations.js';

export interface Analytics {
  /** Rejects when the database is away. */
  conversations(query: ConversationsQuery): Promise<ConversationsReport>;
}

export function createAnalytics(models: Models, now: () => Date = () => new Date()): Analytics {
  return { conversations: (query) => conversationsReport(models, query, now()) };
}
