/** Conversations, each with the lease of its lane: whoever owns the lane is the only one to process its events and send its replies. */
import { type Connection, Schema } from 'mongoose';
import { type Conversation } from '../../domain/conversation.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface LaneLease {
  /** The instance that works on the conversation; null when nobody does. */
  readonly owner: string | null;
  /** The lease ends then unless its owner renews it. */
  readonly until: Date | null;
  /** Grows with every claim; what a former owner writes carries a smaller number and is refused. */
  readonly fence: number;
  /** Another instance stored an event while the lane was held: the owner looks again before it lets go. */
  readonly wanted: boolean;
  /** Replies are left to send, the first of them not before this time; null when nothing is left. */
  readonly sendsFrom: Date | null;
}

export interface ConversationDocument extends Omit<Conversation, 'id' | 'lastOrder'> {
  readonly _id: string;
  /** Absent: no turn was applied to it since it has been kept. */
  readonly lastOrder?: number;
  readonly lane: LaneLease;
  /** The turn that was applied last, so that applying it again does not count its messages twice. */
  readonly lastTurnId: string | null;
}

const schema = new Schema<ConversationDocument>(
  {
    _id: { type: String, required: true },
    channel: { type: String, required: true },
    account: { type: String, required: true },
    threadKey: { type: String, required: true },
    contactId: { type: String, required: true },
    userId: { type: String, required: true },
    linked: { type: Boolean, default: undefined },
    status: { type: String, enum: ['bot', 'waiting', 'human', 'closed'], required: true },
    language: { type: String, default: null },
    sessionId: { type: String, default: null },
    threadId: { type: String, default: null },
    ticketId: { type: String, default: null },
    lastCase: { type: Schema.Types.Mixed, default: undefined },
    draft: { type: Schema.Types.Mixed, default: undefined },
    failedAnswers: { type: Number, required: true },
    messageCount: { type: Number, required: true },
    lastOrder: { type: Number, default: undefined },
    createdAt: { type: Date, required: true },
    lastMessageAt: { type: Date, default: null },
    lastTurnId: { type: String, default: null },
    lane: {
      owner: { type: String, default: null },
      until: { type: Date, default: null },
      fence: { type: Number, required: true },
      wanted: { type: Boolean, required: true },
      sendsFrom: { type: Date, default: null },
    },
  },
  { collection: 'conversations', versionKey: false, strict: true },
);

/** The message path finds conversations by `_id`, and pending work by the inbox and the outbox. */
export const CONVERSATION_INDEXES: readonly IndexDeclaration[] = [
  {
    key: { contactId: 1 },
    replaces: 'contactId_1_lastMessageAt_-1',
    reason: 'the conversations of a person, who has few: to link them, to remember across channels, to show them; no turn changes it',
  },
];

export const defineConversationModel = (connection: Connection) => connection.model<ConversationDocument>('Conversation', schema);
