/** Memories: facts about a person, under ids derived from owner, kind and value. */
import { type Connection, Schema } from 'mongoose';
import { type Fact } from '../../domain/memory.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface MemoryDocument extends Omit<Fact, 'id'> {
  readonly _id: string;
  /** The contact it was copied from when two were linked; gone when they are not any more. */
  readonly via?: string;
}

const schema = new Schema<MemoryDocument>(
  {
    _id: { type: String, required: true },
    ownerId: { type: String, required: true },
    kind: { type: String, required: true },
    value: { type: String, required: true },
    importance: { type: Number, required: true },
    conversationId: { type: String, required: true },
    via: { type: String, default: undefined },
    learnedAt: { type: Date, required: true },
    expiresAt: { type: Date, default: null },
  },
  { collection: 'memories', versionKey: false, strict: true },
);

export const MEMORY_INDEXES: readonly IndexDeclaration[] = [
  {
    key: { ownerId: 1, importance: -1, learnedAt: -1 },
    reason: 'every turn recalls the most important facts of a person; erasing a person',
  },
  {
    key: { expiresAt: 1 },
    options: { expireAfterSeconds: 0 },
    reason: 'retention: facts go 30 days after they were last learnt; null is kept',
  },
];

export const defineMemoryModel = (connection: Connection) => connection.model<MemoryDocument>('Memory', schema);
