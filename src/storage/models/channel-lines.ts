/** Lines that one instance holds at a time, each with its lease and what is known of its profile; the profile's bytes are in channel-line-parts.ts. */
import { type Connection, Schema } from 'mongoose';
import { type IndexDeclaration } from './index-declaration.js';

export interface LineProfile {
  /** Names its parts. */
  readonly version: string;
  readonly parts: number;
  readonly sizeBytes: number;
  /** Of all of it, in hex. */
  readonly sha256: string;
  readonly savedAt: Date;
}

export interface ChannelLineDocument {
  /** Channel and account. */
  readonly _id: string;
  /** The instance that holds it; null when nobody does. */
  readonly owner: string | null;
  /** Grows with every claim; what a former holder writes carries a smaller number and is refused. */
  readonly fence: number;
  /** Grows with every sign of life of the holder. */
  readonly beat: number;
  /** What the holder asked for. */
  readonly leaseMs: number;
  readonly seenUntil: Date | null;
  readonly profile: LineProfile | null;
}

const schema = new Schema<ChannelLineDocument>(
  {
    _id: { type: String, required: true },
    owner: { type: String, default: null },
    fence: { type: Number, required: true },
    beat: { type: Number, required: true },
    leaseMs: { type: Number, required: true },
    seenUntil: { type: Date, default: null },
    profile: { type: Schema.Types.Mixed, default: null },
  },
  { collection: 'channel_lines', versionKey: false, strict: true },
);

/** None: there are as many as accounts, and each is found by its id. */
export const CHANNEL_LINE_INDEXES: readonly IndexDeclaration[] = [];

export const defineChannelLineModel = (connection: Connection) => connection.model<ChannelLineDocument>('ChannelLine', schema);
