/** Sessions. The `_id` is the capability itself; other collections refer to a session by its thread id. */
import { type Connection, type Model, Schema } from 'mongoose';
import { SESSION_STATUSES, type Session } from '../../domain/session.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface SessionDocument extends Omit<Session, 'id'> {
  readonly _id: string;
  /** The event that opened a platform session, so that the same event finds it again; null on the web. */
  readonly openedBy: string | null;
  /** The turn that changed the status last, so that applying it again does not undo what people did since. Absent: none has. */
  readonly statusTurnId?: string;
}

/** `metadata` is any JSON: its recursive type would send the schema's inference into the deep. */
type SessionShape = Omit<SessionDocument, 'metadata'> & { readonly metadata: unknown };

const schema = new Schema<SessionShape>(
  {
    _id: { type: String, required: true },
    threadId: { type: String, required: true },
    conversationId: { type: String, required: true },
    userId: { type: String, default: null },
    userVerified: { type: Boolean, required: true },
    channel: { type: String, required: true },
    status: { type: String, enum: SESSION_STATUSES, required: true },
    metadata: { type: Schema.Types.Mixed, required: true },
    openedBy: { type: String, default: null },
    statusTurnId: { type: String, default: undefined },
    createdAt: { type: Date, required: true },
    lastActivity: { type: Date, required: true },
  },
  { collection: 'sessions', versionKey: false, strict: true, minimize: false },
);

export const SESSION_INDEXES: readonly IndexDeclaration[] = [
  { key: { conversationId: 1, createdAt: -1 }, reason: 'the newest session of a platform conversation, asked for by every turn' },
  { key: { lastActivity: -1, _id: 1 }, reason: 'the list of all sessions, newest first' },
  { key: { userId: 1, lastActivity: -1 }, reason: "a person's recent sessions" },
  { key: { status: 1, lastActivity: 1 }, reason: 'sessions to end or to delete, and the list of one status' },
];

export const defineSessionModel = (connection: Connection) =>
  connection.model<SessionShape>('Session', schema) as unknown as Model<SessionDocument>;
