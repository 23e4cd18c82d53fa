/** Tickets: cases handed to people. What of them changes is a copy of what their events add up to. */
import { type Connection, Schema } from 'mongoose';
import { type Ticket, type TicketOpening, type TicketState } from '../../domain/ticket.js';
import { type IndexDeclaration } from './index-declaration.js';

/** Tickets of an earlier version have no state but the status. */
export interface TicketDocument extends Omit<TicketOpening, 'id'>, Partial<TicketState> {
  readonly _id: string;
  readonly status: Ticket['status'];
  /** When its clocks are to be looked at next; null: after a change only. */
  readonly dueAt?: Date | null;
  /** Number of the last event that was known when that was planned. */
  readonly dueSeq?: number;
  /** By which settings. */
  readonly duePlan?: string;
  /** Its texts are gone, and the desks have not been told. */
  readonly erasing?: boolean;
}

const schema = new Schema<TicketDocument>(
  {
    _id: { type: String, required: true },
    conversationId: { type: String, required: true },
    threadId: { type: String, required: false, default: '' },
    contactId: { type: String, required: true },
    channel: { type: String, required: true },
    priority: { type: String, required: true },
    reasons: { type: [String], required: true },
    language: { type: String, required: true },
    summary: { type: String, required: false, default: '' },
    createdAt: { type: Date, required: true },
    turnId: { type: String, default: undefined },
    entities: { type: [Schema.Types.Mixed], default: undefined },
    sentiment: { type: Number, default: undefined },
    attachments: { type: [Schema.Types.Mixed], default: undefined },
    status: { type: String, required: true },
    seq: { type: Number, default: undefined },
    agent: { type: Schema.Types.Mixed, default: undefined },
    lastAgent: { type: Schema.Types.Mixed, default: undefined },
    team: { type: String, default: undefined },
    firstReplyAt: { type: Date, default: undefined },
    waitingSince: { type: Date, default: undefined },
    pauses: { type: [Schema.Types.Mixed], default: undefined },
    closedAt: { type: Date, default: undefined },
    marks: { type: [String], default: undefined },
    score: { type: Number, default: undefined },
    dueAt: { type: Date, default: undefined },
    dueSeq: { type: Number, default: undefined },
    duePlan: { type: String, default: undefined },
    erasing: { type: Boolean, default: undefined },
    customerSeq: { type: Number, default: undefined },
  },
  { collection: 'tickets', versionKey: false, strict: true },
);

export const TICKET_INDEXES: readonly IndexDeclaration[] = [
  { key: { conversationId: 1, createdAt: -1 }, reason: 'the cases of a conversation, newest first' },
  { key: { contactId: 1, createdAt: -1 }, reason: 'the earlier cases of a person, shown with a new one' },
  { key: { status: 1, createdAt: -1 }, reason: 'the inbox lists cases by how they stand, newest first' },
  { key: { 'agent.id': 1, createdAt: -1 }, reason: 'the cases that one agent has: for their inbox, and to spread new ones' },
  { key: { waitingSince: 1 }, reason: 'the inbox lists first whose customer has waited longest' },
  { key: { dueAt: 1 }, reason: 'the cases whose clocks have run out' },
  { key: { erasing: 1 }, reason: 'the cases whose desks are still to be told that their texts are gone' },
  { key: { closedAt: 1 }, reason: 'cases that were closed long ago, to be deleted' },
];

export const defineTicketModel = (connection: Connection) => connection.model<TicketDocument>('Ticket', schema);
