/** The message log: what customers wrote and what was answered, in order. */
import { type Connection, Schema } from 'mongoose';
import { type Message } from '../../domain/message.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface MessageDocument extends Omit<Message, 'id'> {
  readonly _id: string;
}

const schema = new Schema<MessageDocument>(
  {
    _id: { type: String, required: true },
    conversationId: { type: String, required: true },
    threadId: { type: String, required: true },
    turnId: { type: String, required: true },
    order: { type: Number, required: true },
    role: { type: String, enum: ['user', 'assistant', 'agent', 'system'], required: true },
    author: { type: String, default: undefined },
    text: { type: String, default: '' },
    content: { type: [Schema.Types.Mixed], required: true },
    choices: { type: [Schema.Types.Mixed], required: true },
    attachments: { type: [Schema.Types.Mixed], required: true },
    metadata: { type: Schema.Types.Mixed, default: undefined },
    sources: { type: [Schema.Types.Mixed], required: true },
    toolsUsed: { type: [String], required: true },
    escalation: { type: Schema.Types.Mixed, default: undefined },
    intent: { type: String, default: null },
    language: { type: String, default: null },
    confidence: { type: Number, default: null },
    platformMessageId: { type: String, default: null },
    editedAt: { type: Date, default: null },
    deletedAt: { type: Date, default: null },
    delivery: { type: Schema.Types.Mixed, default: undefined },
    createdAt: { type: Date, required: true },
    processingTimeMs: { type: Number, default: null },
  },
  { collection: 'messages', versionKey: false, strict: true },
);

export const MESSAGE_INDEXES: readonly IndexDeclaration[] = [
  { key: { threadId: 1, order: 1, _id: 1 }, reason: 'history and memory window of a session, in order; erasing a session' },
  { key: { createdAt: 1 }, reason: 'analytics of a period' },
  {
    key: { conversationId: 1, platformMessageId: 1 },
    options: { name: 'platform_message', partialFilterExpression: { platformMessageId: { $gt: '' } } },
    replaces: 'conversationId_1_platformMessageId_1',
    reason: 'an edit or delete names the platform message it changes; partial, because answers have no such name',
  },
];

export const defineMessageModel = (connection: Connection) => connection.model<MessageDocument>('Message', schema);
