/** What was asked for about people: who had their data handed out or erased, and when. Holds ids only, so that it can stay when the person is gone. */
import { type Connection, Schema } from 'mongoose';
import { type PersonRequest } from '../../domain/person.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface PersonRequestDocument extends Omit<PersonRequest, 'id'> {
  readonly _id: string;
  /** Every contact and conversation that the erasure has met: what it goes by once they are gone. */
  readonly contactIds: readonly string[];
  readonly conversationIds: readonly string[];
  /** When all of them had been gone through once; null: not yet. */
  readonly erasedAt: Date | null;
}

const schema = new Schema<PersonRequestDocument>(
  {
    _id: { type: String, required: true },
    kind: { type: String, enum: ['erasure', 'export'], required: true },
    contactId: { type: String, required: true },
    by: { type: String, required: true },
    requestedAt: { type: Date, required: true },
    doneAt: { type: Date, default: null },
    contactIds: { type: [String], required: true },
    conversationIds: { type: [String], required: true },
    erasedAt: { type: Date, default: null },
  },
  { collection: 'person_requests', versionKey: false, strict: true },
);

export const PERSON_REQUEST_INDEXES: readonly IndexDeclaration[] = [
  { key: { doneAt: 1 }, reason: 'erasures that are to be gone on with' },
  { key: { contactIds: 1, requestedAt: -1 }, reason: 'what was asked for about a person, newest first' },
  { key: { requestedAt: -1 }, reason: 'the audit, newest first' },
];

export const definePersonRequestModel = (connection: Connection) => connection.model<PersonRequestDocument>('PersonRequest', schema);
