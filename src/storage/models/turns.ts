/** Turns: the trace of what each customer message caused. Inserting one is the commit point of the turn. */
import { type Connection, Schema } from 'mongoose';
import { type TurnRecord } from '../../domain/turn.js';
import { type IndexDeclaration } from './index-declaration.js';

/**
 * Stands in the place of a turn that is not committed yet, so that a former owner of the lane, should it wake up, finds the place taken. Written
 * on takeovers only. It has nothing else, so no query but one by `_id` meets it.
 */
export interface ReservedTurn {
  readonly _id: string;
  /** The fence of the lane under which alone it may become a turn. */
  readonly reservedBy: number;
}

export interface TurnDocument extends Omit<TurnRecord, 'id'> {
  readonly _id: string;
  /** Outbox entries of this turn that the customer may have seen twice, or not at all where they are held. Absent: none. */
  readonly uncertainSends?: readonly string[];
}

const schema = new Schema<TurnDocument>(
  {
    _id: { type: String, required: true },
    inboxId: { type: String, required: true },
    conversationId: { type: String, required: true },
    contactId: { type: String, required: true },
    channel: { type: String, required: true },
    threadId: { type: String, required: true },
    outcome: { type: String, required: true },
    language: { type: String, required: true },
    intent: { type: Schema.Types.Mixed, default: null },
    entities: { type: Schema.Types.Mixed, required: true },
    confidence: { type: Number, default: null },
    toolsUsed: { type: [String], required: true },
    hasContext: { type: Boolean, required: true },
    choices: { type: [Schema.Types.Mixed], required: true },
    escalation: { type: Schema.Types.Mixed, required: true },
    ticketId: { type: String, default: null },
    steps: { type: [Schema.Types.Mixed], required: true },
    startedAt: { type: Date, required: true },
    processingTimeMs: { type: Number, required: true },
    attempt: { type: Number, required: true },
    joined: { type: [Schema.Types.Mixed], default: undefined },
    effects: { type: Schema.Types.Mixed, required: true },
    uncertainSends: { type: [String], default: undefined },
  },
  { collection: 'turns', versionKey: false, strict: true },
);

export const TURN_INDEXES: readonly IndexDeclaration[] = [
  { key: { conversationId: 1, startedAt: -1 }, reason: 'the trace of a conversation, newest turn first; erasing a conversation' },
  { key: { startedAt: 1 }, reason: 'analytics of a period' },
  {
    key: { 'joined.turnId': 1 },
    options: { partialFilterExpression: { 'joined.turnId': { $exists: true } } },
    reason: 'who waits for a message that was joined to an earlier one; partial, so that other turns cost nothing',
  },
];

export const defineTurnModel = (connection: Connection) => connection.model<TurnDocument>('Turn', schema);
