/** Contacts: the people who write to us, with the identities under which the channels know them. */
import { type Connection, Schema } from 'mongoose';
import { type Contact } from '../../domain/contact.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface ContactDocument extends Omit<Contact, 'id'> {
  readonly _id: string;
}

const schema = new Schema<ContactDocument>(
  {
    _id: { type: String, required: true },
    displayName: { type: String, default: null },
    identities: [
      new Schema(
        {
          channel: { type: String, required: true },
          account: { type: String, required: true },
          userId: { type: String, required: true },
          verified: { type: Boolean, required: true },
        },
        { _id: false },
      ),
    ],
    linkedTo: { type: String, default: null },
    createdAt: { type: Date, required: true },
  },
  { collection: 'contacts', versionKey: false, strict: true },
);

/** The message path finds a contact by its id, which is derived from its first identity. */
export const CONTACT_INDEXES: readonly IndexDeclaration[] = [
  { key: { linkedTo: 1 }, reason: 'the identities that were linked to a contact: to undo it' },
];

export const defineContactModel = (connection: Connection) => connection.model<ContactDocument>('Contact', schema);
