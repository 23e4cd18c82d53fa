/** Lines in MongoDB: who holds them, and the profile of the client behind them. Every write names the fence it is made under. */
import { createHash } from 'node:crypto';
import { MongoServerError } from 'mongodb';
import { type ChannelLines } from '../domain/channel-line.js';
import { randomId } from '../domain/ids.js';
import { type ChannelLinePartDocument, linePartId } from './models/channel-line-parts.js';
import { type ChannelLineDocument, type LineProfile } from './models/channel-lines.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';

/** Of a document: far below MongoDB's 16 MB, so that what others write does not wait long behind a profile. */
const PART_BYTES = 1024 * 1024;
const DUPLICATE_KEY = 11_000;

/** A holder's sign of life as it was seen last, and since when there was no other. */
interface Watched {
  readonly fence: number;
  readonly beat: number;
  readonly sinceMs: number;
}

/** @param options now: a monotonic clock, in ms */
export function createChannelLineStore(
  models: Pick<Models, 'channelLines' | 'channelLineParts'>,
  options: { soleInstance: boolean; now?: () => number },
): ChannelLines {
  const { soleInstance, now = () => performance.now() } = options;
  const lines = nativeCollection(models.channelLines);
  const parts = nativeCollection(models.channelLineParts);
  const owner = randomId('inst');
  const watched = new Map<string, Watched>();

  /** Whether the holder's lease has ended, as far as it can be told from here. */
  function isAbandoned(line: ChannelLineDocument): boolean {
    if (line.owner === null || soleInstance) return true;
    const seen = watched.get(line._id);
    if (seen?.fence === line.fence && seen.beat === line.beat) return now() - seen.sinceMs >= line.leaseMs;
    watched.set(line._id, { fence: line.fence, beat: line.beat, sinceMs: now() });
    return false;
  }

  const profileOf = async (line: string): Promise<LineProfile | null> =>
    (await lines.findOne({ _id: line }, { projection: { profile: 1 } }))?.profile ?? null;

  return {
    async claim(line, leaseMs) {
      const found = await lines.findOne({ _id: line });
      if (found === null) {
        const fresh: ChannelLineDocument = { _id: line, owner, fence: 1, beat: 0, leaseMs, seenUntil: null, profile: null };
        return (await inserted(() => lines.insertOne(fresh))) ? { fence: 1, seenUntil: null } : null;
      }
      if (!isAbandoned(found)) return null;
      const fence = found.fence + 1;
      // A holder that gives a sign of life at this very moment keeps it.
      const same = { _id: line, fence: found.fence, beat: found.beat };
      const { matchedCount } = await lines.updateOne(same, { $set: { owner, fence, beat: 0, leaseMs } });
      if (matchedCount === 0) return null;
      watched.delete(line);
      return { fence, seenUntil: found.seenUntil };
    },

    async renew(line, fence, seenUntil) {
      const change = { $inc: { beat: 1 }, ...(seenUntil === null ? {} : { $set: { seenUntil } }) };
      return (await lines.updateOne({ _id: line, fence, owner }, change)).matchedCount === 1;
    },

    async release(line, fence, seenUntil) {
      await lines.updateOne({ _id: line, fence, owner }, { $set: { owner: null, ...(seenUntil === null ? {} : { seenUntil }) } });
    },

    hasProfile: async (line) => (await profileOf(line)) !== null,

    async loadProfile(line) {
      const profile = await profileOf(line);
      if (profile === null) return null;
      const ids = Array.from({ length: profile.parts }, (_, part) => linePartId(line, profile.version, part));
      const pieces: Buffer[] = [];
      for (const _id of ids) {
        const piece = await parts.findOne({ _id }, { promoteBuffers: true });
        if (piece !== null) pieces.push(piece.bytes);
      }
      const bytes = Buffer.concat(pieces);
      return sha256Of(bytes) === profile.sha256 ? bytes : null;
    },

    async saveProfile(line, fence, bytes) {
      const version = randomId('v');
      const cut = Math.ceil(bytes.length / PART_BYTES);
      for (let part = 0; part < cut; part += 1) {
        const piece = bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
        const document: ChannelLinePartDocument = { _id: linePartId(line, version, part), line, version, bytes: piece };
        await parts.insertOne(document);
      }
      const profile: LineProfile = { version, parts: cut, sizeBytes: bytes.length, sha256: sha256Of(bytes), savedAt: new Date() };
      // From here on it is the line's profile.
      const { matchedCount } = await lines.updateOne({ _id: line, fence, owner }, { $set: { profile } });
      await parts.deleteMany({ line, version: matchedCount === 1 ? { $ne: version } : version });
      if (matchedCount === 0) throw new Error(`The line ${line} is another instance's by now: its profile was not saved.`);
    },

    async deleteProfile(line, fence) {
      const { matchedCount } = await lines.updateOne({ _id: line, fence, owner }, { $set: { profile: null } });
      if (matchedCount === 1) await parts.deleteMany({ line });
    },
  };
}

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function inserted(insert: () => Promise<unknown>): Promise<boolean> {
  try {
    await insert();
    return true;
  } catch (thrown) {
    if (thrown instanceof MongoServerError && thrown.code === DUPLICATE_KEY) return false;
    throw thrown;
  }
}
