/**
 * The bytes of lines' profiles, a part a document. Not GridFS: a profile replaces the one before it at a single instant, when the line's document names
 * the new version; and a part of 1 MB is one write, where GridFS makes five.
 */
import { type Connection, Schema } from 'mongoose';
import { type IndexDeclaration } from './index-declaration.js';

export interface ChannelLinePartDocument {
  /** See linePartId. */
  readonly _id: string;
  readonly line: string;
  readonly version: string;
  readonly bytes: Buffer;
}

export const linePartId = (line: string, version: string, part: number): string => `${line}:${version}:${part}`;

const schema = new Schema<ChannelLinePartDocument>(
  {
    _id: { type: String, required: true },
    line: { type: String, required: true },
    version: { type: String, required: true },
    bytes: { type: Buffer, required: true },
  },
  { collection: 'channel_line_parts', versionKey: false, strict: true },
);

export const CHANNEL_LINE_PART_INDEXES: readonly IndexDeclaration[] = [
  { key: { line: 1, version: 1 }, reason: 'the parts of earlier versions, also of those that were never finished, are deleted' },
];

export const defineChannelLinePartModel = (connection: Connection) => connection.model<ChannelLinePartDocument>('ChannelLinePart', schema);
