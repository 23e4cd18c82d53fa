/** Rate limits: one document for each key and window, counted up by all instances. */
import { type Connection, Schema } from 'mongoose';
import { type IndexDeclaration } from './index-declaration.js';

export interface RateLimitDocument {
  /** A hash of the key (an address is personal data) and the start of the window. */
  readonly _id: string;
  readonly hits: number;
  readonly expiresAt: Date;
}

const schema = new Schema<RateLimitDocument>(
  {
    _id: { type: String, required: true },
    hits: { type: Number, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'rate_limits', versionKey: false, strict: true },
);

export const RATE_LIMIT_INDEXES: readonly IndexDeclaration[] = [
  { key: { expiresAt: 1 }, options: { expireAfterSeconds: 0 }, reason: 'windows that are over delete themselves' },
];

export const defineRateLimitModel = (connection: Connection) => connection.model<RateLimitDocument>('RateLimit', schema);
