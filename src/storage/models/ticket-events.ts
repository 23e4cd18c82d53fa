/** What happened to tickets, numbered: the audit of each case, and what its desks and its customer are still to be shown. */
import { type Connection, Schema } from 'mongoose';
import { type TicketEvent } from '../../domain/ticket.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface TicketEventDocument extends TicketEvent {
  /** `<ticket>:<seq>`: of two that append the same number, one does. */
  readonly _id: string;
  /** The feeds that have not been shown it. */
  readonly pending: readonly string[];
  /** By the clock of the instance that stored it; an event can be stored long after it happened. Absent in events of an earlier version. */
  readonly storedAt?: Date;
}

const schema = new Schema<TicketEventDocument>(
  {
    _id: { type: String, required: true },
    ticketId: { type: String, required: true },
    seq: { type: Number, required: true },
    at: { type: Date, required: true },
    by: { type: Schema.Types.Mixed, required: true },
    actionId: { type: String, required: true },
    change: { type: Schema.Types.Mixed, required: true },
    pending: { type: [String], required: true },
    storedAt: { type: Date, default: undefined },
  },
  { collection: 'ticketevents', versionKey: false, strict: true },
);

export const TICKET_EVENT_INDEXES: readonly IndexDeclaration[] = [
  { key: { ticketId: 1, seq: 1 }, reason: 'the log of a case, in order' },
  { key: { ticketId: 1, actionId: 1 }, options: { unique: true }, reason: 'an action is done once, however often it is delivered' },
  { key: { pending: 1, ticketId: 1, seq: 1 }, reason: 'what a desk or the customer is still to be shown' },
  { key: { storedAt: 1 }, reason: 'the web inbox follows what changes, on whatever instance' },
];

export const defineTicketEventModel = (connection: Connection) => connection.model<TicketEventDocument>('TicketEvent', schema);
