/** What platforms sent that no schema of ours knows. */
import { type Connection, Schema } from 'mongoose';
import { type KeptPayload } from '../../domain/unknown-payload.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface UnknownPayloadDocument extends Omit<KeptPayload, 'id'> {
  readonly _id: string;
  readonly expiresAt: Date;
}

const schema = new Schema<UnknownPayloadDocument>(
  {
    _id: { type: String, required: true },
    channel: { type: String, required: true },
    account: { type: String, required: true },
    reason: { type: String, required: true },
    payload: { type: String, required: true },
    times: { type: Number, required: true },
    firstSeenAt: { type: Date, required: true },
    lastSeenAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'unknown_payloads', versionKey: false, strict: true },
);

export const UNKNOWN_PAYLOAD_INDEXES: readonly IndexDeclaration[] = [
  { key: { lastSeenAt: -1 }, reason: 'operators look at the latest' },
  { key: { expiresAt: 1 }, options: { expireAfterSeconds: 0 }, reason: 'they may hold what customers wrote: retention' },
];

export const defineUnknownPayloadModel = (connection: Connection) => connection.model<UnknownPayloadDocument>('UnknownPayload', schema);
