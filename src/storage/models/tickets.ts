/** Tickets: cases handed to people. */
import { type Connection, Schema } from 'mongoose';
import { type Ticket } from '../../domain/ticket.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface TicketDocument extends Omit<Ticket, 'id'> {
  readonly _id: string;
}

const schema = new Schema<TicketDocument>(
  {
    _id: { type: String, required: true },
    conversationId: { type: String, required: true },
    threadId: { type: String, required: false, default: '' },
    contactId: { type: String, required: true },
    channel: { type: String, required: true },
    status: { type: String, required: true },
    priority: { type: String, required: true },
    reasons: { type: [String], required: true },
    language: { type: String, required: true },
    summary: { type: String, required: false, default: '' },
    createdAt: { type: Date, required: true },
  },
  { collection: 'tickets', versionKey: false, strict: true },
);

export const TICKET_INDEXES: readonly IndexDeclaration[] = [
  { key: { conversationId: 1, createdAt: -1 }, reason: 'the cases of a conversation, newest first' },
];

export const defineTicketModel = (connection: Connection) => connection.model<TicketDocument>('Ticket', schema);
