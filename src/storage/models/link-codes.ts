/** One-time codes by which a person proves that two identities are theirs. */
import { type Connection, Schema } from 'mongoose';
import { type LinkParty } from '../../domain/contact.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface LinkCodeDocument {
  /** A hash of the code: who reads the database cannot use it. */
  readonly _id: string;
  readonly issuer: LinkParty;
  readonly expiresAt: Date;
  /** The turn that used it up. */
  readonly usedBy: string | null;
}

const schema = new Schema<LinkCodeDocument>(
  {
    _id: { type: String, required: true },
    issuer: { type: Schema.Types.Mixed, required: true },
    expiresAt: { type: Date, required: true },
    usedBy: { type: String, default: null },
  },
  { collection: 'link_codes', versionKey: false, strict: true },
);

export const LINK_CODE_INDEXES: readonly IndexDeclaration[] = [
  { key: { expiresAt: 1 }, options: { expireAfterSeconds: 3600 }, reason: 'codes that are over delete themselves' },
];

export const defineLinkCodeModel = (connection: Connection) => connection.model<LinkCodeDocument>('LinkCode', schema);
