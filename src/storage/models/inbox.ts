/** The inbox: every event of a platform, stored before it is acknowledged and kept for a while after it is done, so that a redelivery is recognised. */
import { type Connection, Schema } from 'mongoose';
import { type InboundEvent } from '../../domain/message.js';
import { type IndexDeclaration } from './index-declaration.js';

export type InboxState =
  | 'pending'
  | 'done'
  /** Set aside: not even an apology could be stored for it; a person has to look. */
  | 'dead'
  /** Was dead, and an operator has laid it aside. */
  | 'dropped';

export interface InboxDocument {
  /** `inboxIdOf(event)`: the same event is stored once. */
  readonly _id: string;
  readonly conversationId: string;
  readonly state: InboxState;
  /** Place in the conversation's queue, see `nextOrder`. */
  readonly order: number;
  readonly event: InboundEvent;
  readonly receivedAt: Date;
  /** Tries of this event that did not end, see turn-runner.ts. */
  readonly attempts: number;
  /** Why it was set aside; never customer text. Absent where it was stored before there were reasons. */
  readonly failure?: { readonly kind: string; readonly message: string } | null;
  /** Null while pending. */
  readonly doneAt: Date | null;
  /** When it is forgotten; null while pending. */
  readonly expiresAt: Date | null;
}

const schema = new Schema<InboxDocument>(
  {
    _id: { type: String, required: true },
    conversationId: { type: String, required: true },
    state: { type: String, enum: ['pending', 'done', 'dead', 'dropped'], required: true },
    order: { type: Number, required: true },
    event: { type: Schema.Types.Mixed, required: true },
    receivedAt: { type: Date, required: true },
    attempts: { type: Number, required: true },
    failure: { type: Schema.Types.Mixed, default: null },
    doneAt: { type: Date, default: null },
    expiresAt: { type: Date, default: null },
  },
  { collection: 'inbox', versionKey: false, strict: true },
);

export const INBOX_INDEXES: readonly IndexDeclaration[] = [
  {
    key: { conversationId: 1, order: 1 },
    options: { partialFilterExpression: { state: 'pending' } },
    reason: 'a lane reads what is pending in its conversation, first in first out; partial, so that done events cost nothing',
  },
  {
    key: { order: 1 },
    options: { partialFilterExpression: { state: 'pending' } },
    reason: 'the sweep and the watchdog look for the oldest pending events of all conversations',
  },
  {
    key: { state: 1, receivedAt: 1 },
    options: { partialFilterExpression: { state: 'dead' } },
    reason: 'operators look at what was set aside; partial, so that done events cost nothing',
  },
  {
    key: { expiresAt: 1 },
    options: { name: 'expiresAt_set', expireAfterSeconds: 0, partialFilterExpression: { expiresAt: { $type: 'date' } } },
    replaces: 'expiresAt_1',
    reason: 'retention of done events; partial, so that an event enters it once, when it is done',
  },
];

export const defineInboxModel = (connection: Connection) => connection.model<InboxDocument>('Inbox', schema);
