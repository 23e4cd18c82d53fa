/**
 * Conversations in a period: how many, about what, how sure the bot was and how it ended. Definitions stand in analytics/README.md.
 * Everything is counted by the database from the message log and the turns, whose indexes the period uses.
 */
import { type Document } from 'mongodb';
import { type Models } from '../../src/storage/models/index.js';

export interface ConversationsQuery {
  /** 1 to 3650. */
  readonly days: number;
  /** Only the conversations of the person with this number (a session's user id). */
  readonly phone?: string;
}

export interface Share {
  readonly _id: string;
  readonly count: number;
}

/** As the contract says it: snake_case, larger shares first. */
export interface ConversationsReport {
  readonly total_conversations: number;
  readonly total_messages: number;
  readonly intent_distribution: readonly Share[];
  /** Of the bot's answers, 0 to 1 with two decimals; null when there are none. */
  readonly average_confidence: number | null;
  readonly period_days: number;
  readonly outcome_distribution: readonly Share[];
  readonly channel_distribution: readonly Share[];
  readonly language_distribution: readonly Share[];
  readonly escalated_conversations: number;
}

export async function conversationsReport(models: Models, query: ConversationsQuery, now: Date): Promise<ConversationsReport> {
  const since = new Date(now.getTime() - query.days * 86_400_000);
  const person = query.phone === undefined ? {} : { threadId: { $in: await threadsOf(models, query.phone) } };
  const [messages, turns] = await Promise.all([
    aggregateOne(models.messages, messagesPipeline({ createdAt: { $gte: since }, ...person })),
    aggregateOne(models.turns, turnsPipeline({ startedAt: { $gte: since }, ...CUSTOMERS_OWN, ...person })),
  ]);
  const total = (messages.totals as Document[])[0];
  const confidence = (total?.confidence ?? null) as number | null;
  return {
    total_conversations: (total?.conversations ?? 0) as number,
    total_messages: (total?.messages ?? 0) as number,
    intent_distribution: messages.intents as Share[],
    average_confidence: confidence === null ? null : Math.round(confidence * 100) / 100,
    period_days: query.days,
    outcome_distribution: turns.outcomes as Share[],
    channel_distribution: turns.channels as Share[],
    language_distribution: messages.languages as Share[],
    escalated_conversations: ((turns.escalated as Document[])[0]?.conversations ?? 0) as number,
  };
}

async function threadsOf(models: Models, phone: string): Promise<string[]> {
  const sessions = await models.sessions.collection.find({ userId: phone, userVerified: true }, { projection: { threadId: 1 } }).toArray();
  return sessions.map((session) => session.threadId as string);
}

/** `$facet` gives exactly one document. */
/** What people of ours did is a turn too, but no message of a customer's. */
const CUSTOMERS_OWN = { outcome: { $ne: 'staff' } };

async function aggregateOne(model: Models['messages'] | Models['turns'], pipeline: Document[]): Promise<Document> {
  const [report] = await model.collection.aggregate(pipeline).toArray();
  if (report === undefined) throw new Error(`the aggregation over ${model.collection.name} gave no document`);
  return report;
}

const shares = (field: string): Document[] => [
  { $match: { [field]: { $ne: null } } },
  { $group: { _id: `$${field}`, count: { $sum: 1 } } },
  { $sort: { count: -1, _id: 1 } },
];

export function messagesPipeline(match: Document): Document[] {
  return [
    { $match: match },
    {
      $facet: {
        totals: [
          // By conversation first: counting distinct ones in a single group would hold them all in one document.
          {
            $group: {
              _id: '$conversationId',
              messages: { $sum: 1 },
              confidence: { $sum: '$confidence' },
              answers: { $sum: { $cond: [{ $isNumber: '$confidence' }, 1, 0] } },
            },
          },
          {
            $group: {
              _id: null,
              conversations: { $sum: 1 },
              messages: { $sum: '$messages' },
              confidence: { $sum: '$confidence' },
              answers: { $sum: '$answers' },
            },
          },
          {
            $project: {
              _id: 0,
              conversations: 1,
              messages: 1,
              confidence: { $cond: [{ $eq: ['$answers', 0] }, null, { $divide: ['$confidence', '$answers'] }] },
            },
          },
        ],
        intents: [{ $match: { role: 'user' } }, ...shares('intent')],
        languages: [{ $match: { role: 'user' } }, ...shares('language')],
      },
    },
  ];
}

export function turnsPipeline(match: Document): Document[] {
  return [
    { $match: match },
    {
      $facet: {
        outcomes: shares('outcome'),
        channels: shares('channel'),
        escalated: [
          { $match: { ticketId: { $ne: null } } },
          { $group: { _id: '$conversationId' } },
          { $group: { _id: null, conversations: { $sum: 1 } } },
        ],
      },
    },
  ];
}
