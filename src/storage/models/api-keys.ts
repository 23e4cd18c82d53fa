/** API keys: the hash of each secret, never the secret. */
import { type Connection, Schema } from 'mongoose';
import { API_KEY_SCOPES, type ApiKey } from '../../domain/api-key.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface ApiKeyDocument extends Omit<ApiKey, 'id'> {
  readonly _id: string;
  /** SHA-256 of the whole secret, hex. Enough for 192 random bits: there is nothing to guess. */
  readonly hash: string;
}

const schema = new Schema<ApiKeyDocument>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    scopes: [{ type: String, enum: API_KEY_SCOPES, required: true }],
    hash: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: 'api_keys', versionKey: false, strict: true },
);

/** None: a key is found by its id, which is the first part of its secret, and lists are a handful long. */
export const API_KEY_INDEXES: readonly IndexDeclaration[] = [];

export const defineApiKeyModel = (connection: Connection) => connection.model<ApiKeyDocument>('ApiKey', schema);
