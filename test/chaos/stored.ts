/** What the database holds of each message when all is over: to say of a reply that came twice whether it was in doubt and flagged so. */
import { turnIdOf } from '../../src/domain/ids.js';
import { connectDatabase } from '../../src/storage/connect.js';
import { defineModels } from '../../src/storage/models/index.js';

export interface StoredMessage {
  /** `missing`: nothing is stored of it. */
  readonly inbox: string;
  readonly attempts: number;
  /** The turn's outcome; null without a turn. */
  readonly outcome: string | null;
  readonly entries: readonly StoredSend[];
  /** Entries that the turn's trace names as in doubt. */
  readonly flagged: readonly string[];
}

export interface StoredSend {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly uncertain: number;
  readonly failure: string | null;
}

/** By inbox id. */
export async function readStored(source: { uri: string | null; dataDir: string }): Promise<(inboxId: string) => StoredMessage> {
  const database = await connectDatabase({ ...source, database: 'parley' });
  try {
    const models = defineModels(database.connection);
    const [inbox, turns, outbox] = await Promise.all([
      models.inbox.find({}, { state: 1, attempts: 1 }).lean(),
      models.turns.find({}, { outcome: 1, uncertainSends: 1 }).lean(),
      models.outbox.find({}, { turnId: 1, state: 1, attempts: 1, uncertain: 1, failure: 1 }).sort({ part: 1 }).lean(),
    ]);
    const inboxById = new Map(inbox.map((event) => [event._id, event]));
    const turnById = new Map(turns.map((turn) => [turn._id, turn]));
    const entriesOfTurn = new Map<string, StoredSend[]>();
    for (const { _id: id, turnId, state, attempts, uncertain, failure } of outbox) {
      const entry = { id, state, attempts, uncertain, failure: failure === null ? null : `${failure.kind}: ${failure.message}` };
      entriesOfTurn.set(turnId, [...(entriesOfTurn.get(turnId) ?? []), entry]);
    }
    return (inboxId) => {
      const event = inboxById.get(inboxId);
      const turn = turnById.get(turnIdOf(inboxId));
      return {
        inbox: event?.state ?? 'missing',
        attempts: event?.attempts ?? 0,
        outcome: turn?.outcome ?? null,
        entries: entriesOfTurn.get(turnIdOf(inboxId)) ?? [],
        flagged: turn?.uncertainSends ?? [],
      };
    };
  } finally {
    await database.close();
  }
}
