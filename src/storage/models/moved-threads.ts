/** Keys that platforms have given to threads which had another one before. */
import { type Connection, Schema } from 'mongoose';
import { type IndexDeclaration } from './index-declaration.js';

export interface MovedThreadDocument {
  /** Derived from channel, account and the key that the thread has now. */
  readonly _id: string;
  readonly channel: string;
  readonly account: string;
  /** The key that its conversation began with. */
  readonly origin: string;
  readonly movedAt: Date;
}

const schema = new Schema<MovedThreadDocument>(
  {
    _id: { type: String, required: true },
    channel: { type: String, required: true },
    account: { type: String, required: true },
    origin: { type: String, required: true },
    movedAt: { type: Date, required: true },
  },
  { collection: 'moved_threads', versionKey: false, strict: true },
);

/** None: each is found by its id. */
export const MOVED_THREAD_INDEXES: readonly IndexDeclaration[] = [];

export const defineMovedThreadModel = (connection: Connection) => connection.model<MovedThreadDocument>('MovedThread', schema);
