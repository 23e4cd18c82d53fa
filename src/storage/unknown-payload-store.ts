/** Keeps samples of what platforms sent and nobody understood: enough of each kind to learn from, never so many that they fill the disk. */
import { derivedId } from '../domain/ids.js';
import { type UnknownPayloadStore } from '../domain/unknown-payload.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';

const RETENTION_MS = 30 * 24 * 3_600_000;
const MAX_PAYLOAD_CHARS = 64 * 1024;
/** Different payloads of one channel and reason that this instance keeps in an hour. */
const MAX_SAMPLES = 20;
const SAMPLES_WINDOW_MS = 3_600_000;

/** Exported so that a test explains the query. */
export const unknownPayloadQueries = { latestFirst: { lastSeenAt: -1 } } as const;

export function createUnknownPayloadStore(
  models: Pick<Models, 'unknownPayloads'>,
  now: () => Date = () => new Date(),
): UnknownPayloadStore {
  const collection = nativeCollection(models.unknownPayloads);
  const samples = new Map<string, { since: number; ids: Set<string> }>();

  const wanted = (kind: string, id: string, at: number): boolean => {
    const known = samples.get(kind);
    const kept = known === undefined || at - known.since >= SAMPLES_WINDOW_MS ? { since: at, ids: new Set<string>() } : known;
    samples.set(kind, kept);
    if (kept.ids.size >= MAX_SAMPLES && !kept.ids.has(id)) return false;
    kept.ids.add(id);
    return true;
  };

  return {
    async keep({ channel, account, reason, payload }) {
      const at = now();
      const id = derivedId('unk', channel, account, payload);
      if (!wanted(`${channel} ${reason}`, id, at.getTime())) return;
      await collection.updateOne(
        { _id: id },
        {
          $set: { channel, account, reason, lastSeenAt: at, expiresAt: new Date(at.getTime() + RETENTION_MS) },
          $setOnInsert: { payload: payload.slice(0, MAX_PAYLOAD_CHARS), firstSeenAt: at },
          $inc: { times: 1 },
        },
        { upsert: true },
      );
    },

    async list(limit) {
      const latest = await collection.find({}).sort(unknownPayloadQueries.latestFirst).limit(limit).toArray();
      return latest.map(({ _id, expiresAt: _expiresAt, ...kept }) => ({ id: _id, ...kept }));
    },
  };
}
