/** Reads the traces of turns. */
import { type TurnLog } from '../domain/chat.js';
import { type TurnRecord } from '../domain/turn.js';
import { type Models } from './models/index.js';
import { type ReservedTurn, type TurnDocument } from './models/turns.js';
import { nativeCollection } from './native-collection.js';

export function createTurnLog(models: Pick<Models, 'turns'>): TurnLog {
  const turns = nativeCollection(models.turns);
  return {
    async find(turnId) {
      const document = await turns.findOne({ _id: turnId });
      return committed(document);
    },
  };
}

/** Null also for a place that is only reserved. */
export const committed = (document: TurnDocument | ReservedTurn | null): TurnRecord | null =>
  document === null || 'reservedBy' in document ? null : turnOf(document);

/** What delivery adds to a record (sends in doubt) is left out: see TurnDocument. */
export function turnOf({ _id, uncertainSends: _uncertainSends, ...record }: TurnDocument): TurnRecord {
  return { id: _id, ...record };
}
