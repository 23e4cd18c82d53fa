/** Where each desk shows each case, how far it has got, and which instance is at it. */
import { type Connection, Schema } from 'mongoose';
import { type DeskMemory } from '../../domain/desk.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface DeskPlaceDocument {
  /** `<feed>:<ticket>`. */
  readonly _id: string;
  readonly feed: string;
  readonly ticketId: string;
  /** As staff's requests name it; null: the desk shows the case nowhere. */
  readonly place: string | null;
  readonly memory: DeskMemory;
  /** Number of the last event that was shown. */
  readonly seq: number;
  /** Tries in a row that failed. */
  readonly attempts: number;
  /** Not before this time. */
  readonly nextAttemptAt: Date;
  readonly owner: string | null;
  readonly until: Date;
}

const schema = new Schema<DeskPlaceDocument>(
  {
    _id: { type: String, required: true },
    feed: { type: String, required: true },
    ticketId: { type: String, required: true },
    place: { type: String, default: null },
    memory: { type: Schema.Types.Mixed, required: true },
    seq: { type: Number, required: true },
    attempts: { type: Number, required: true },
    nextAttemptAt: { type: Date, required: true },
    owner: { type: String, default: null },
    until: { type: Date, required: true },
  },
  { collection: 'deskplaces', versionKey: false, strict: true },
);

export const DESK_PLACE_INDEXES: readonly IndexDeclaration[] = [
  { key: { feed: 1, place: 1 }, reason: 'which case a thread at a desk is about' },
  { key: { ticketId: 1 }, reason: 'deleting a case' },
];

export const defineDeskPlaceModel = (connection: Connection) => connection.model<DeskPlaceDocument>('DeskPlace', schema);
