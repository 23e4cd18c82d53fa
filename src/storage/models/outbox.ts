/** The outbox: every content that goes to a customer, with what became of it. Nothing reaches a platform by another way. */
import { type Connection, Schema } from 'mongoose';
import { type AnswerInfo, type Preview, type Recipient } from '../../domain/channel.js';
import { type OutboundContent } from '../../domain/content.js';
import { type DeliveryStatus } from '../../domain/message.js';
import { type LogPlace } from '../../domain/message.js';
import { type IndexDeclaration } from './index-declaration.js';

export type OutboxState =
  | 'pending'
  /** Stored before the platform is called: found in this state by a successor, the result of the call is not known. */
  | 'sending'
  | 'sent'
  /** Will not be sent; `failure` says why. */
  | 'dead'
  /** Its result is not known and the configuration says not to send again. */
  | 'held'
  /** Kept back until the customer writes: the platform takes no free reply before. */
  | 'waiting'
  /** Goes out on another channel of the same person: `movedTo`. */
  | 'moved'
  /** Was dead or held, and an operator has laid it aside. */
  | 'dropped';

export interface OutboxFailure {
  /** A ChannelErrorKind, or `stale`, `channel-off`, `attempts`. */
  readonly kind: string;
  /** Never customer text. */
  readonly message: string;
  readonly at: Date;
}

export interface OutboxDocument {
  /** Derived from the message and the part: writing it again changes nothing. */
  readonly _id: string;
  readonly turnId: string;
  readonly messageId: string;
  readonly channel: string;
  readonly account: string;
  readonly conversationId: string;
  /** Sends of one conversation go out by `order`, then by `part`. */
  readonly order: number;
  /** Place among what its turn sends, from 0. */
  readonly part: number;
  readonly to: Recipient;
  readonly content: OutboundContent;
  readonly replyTo: string | null;
  readonly last: boolean;
  readonly answer: AnswerInfo | null;
  /** Of the message. Absent: it was made by an earlier version. */
  readonly place?: LogPlace;
  /** What was shown of it while it was written; absent: nothing. */
  readonly preview?: Preview;
  readonly state: OutboxState;
  /** Pending or sending; the indexes hold open entries only. */
  readonly open: boolean;
  /** Calls begun. */
  readonly attempts: number;
  /** Not before this time. */
  readonly nextAttemptAt: Date;
  /** The fence of the lane that may send it: a paused owner that wakes up after its successor took over finds another number here. */
  readonly fence: number;
  /** Calls whose result is not known; above 0 the customer may see this content twice. */
  readonly uncertain: number;
  /** Above 0: the platform is asked what became of the last call before it is made again; 1 and one more for each time that it could not tell. */
  readonly inDoubt: number;
  readonly platformMessageId: string | null;
  readonly failure: OutboxFailure | null;
  readonly createdAt: Date;
  /** When an operator last said to send it after all: it is not stale then. */
  readonly retriedAt: Date | null;
  readonly sentAt: Date | null;
  /** The platform takes it as a free reply until then; absent: whenever. */
  readonly repliesUntil?: Date;
  /** What the platform told of it since it was sent; absent: nothing. */
  readonly delivery?: { readonly status: DeliveryStatus; readonly at: Date; readonly platformMessageId: string };
  /** The entries of another conversation that go out in place of this one; absent: none do. */
  readonly movedTo?: readonly string[];
  /** When it is forgotten; null while open. */
  readonly expiresAt: Date | null;
}

const schema = new Schema<OutboxDocument>(
  {
    _id: { type: String, required: true },
    turnId: { type: String, required: true },
    messageId: { type: String, required: true },
    channel: { type: String, required: true },
    account: { type: String, required: true },
    conversationId: { type: String, required: true },
    order: { type: Number, required: true },
    part: { type: Number, required: true },
    to: { type: Schema.Types.Mixed, required: true },
    content: { type: Schema.Types.Mixed, required: true },
    replyTo: { type: String, default: null },
    last: { type: Boolean, required: true },
    answer: { type: Schema.Types.Mixed, default: null },
    place: { type: Schema.Types.Mixed, default: undefined },
    preview: { type: Schema.Types.Mixed, default: undefined },
    state: { type: String, enum: ['pending', 'sending', 'sent', 'dead', 'held', 'waiting', 'moved', 'dropped'], required: true },
    open: { type: Boolean, required: true },
    attempts: { type: Number, required: true },
    nextAttemptAt: { type: Date, required: true },
    fence: { type: Number, required: true },
    uncertain: { type: Number, required: true },
    inDoubt: { type: Number, default: 0 },
    platformMessageId: { type: String, default: null },
    failure: { type: Schema.Types.Mixed, default: null },
    createdAt: { type: Date, required: true },
    retriedAt: { type: Date, default: null },
    sentAt: { type: Date, default: null },
    repliesUntil: { type: Date, default: undefined },
    delivery: { type: Schema.Types.Mixed, default: undefined },
    movedTo: { type: [String], default: undefined },
    expiresAt: { type: Date, default: null },
  },
  { collection: 'outbox', versionKey: false, strict: true },
);

export const OUTBOX_INDEXES: readonly IndexDeclaration[] = [
  {
    key: { conversationId: 1, order: 1, part: 1 },
    options: { partialFilterExpression: { open: true } },
    reason: 'a lane reads what is left to send in its conversation, first in first out',
  },
  {
    key: { nextAttemptAt: 1 },
    options: { partialFilterExpression: { open: true } },
    reason: 'the sweep looks for sends that are due, of all conversations',
  },
  {
    key: { state: 1, createdAt: 1 },
    options: { partialFilterExpression: { state: { $in: ['dead', 'held', 'waiting'] } } },
    reason: 'operators look at what was not delivered; partial, so that deliveries cost nothing',
  },
  {
    key: { conversationId: 1 },
    options: { partialFilterExpression: { state: 'waiting' } },
    reason: 'a customer who writes again gets what was kept back; partial, so that deliveries cost nothing',
  },
  {
    key: { expiresAt: 1 },
    options: { name: 'expiresAt_set', expireAfterSeconds: 0, partialFilterExpression: { expiresAt: { $type: 'date' } } },
    replaces: 'expiresAt_1',
    reason: 'retention of what was sent; partial, so that an entry enters it once, when it is sent',
  },
];

export const defineOutboxModel = (connection: Connection) => connection.model<OutboxDocument>('Outbox', schema);
