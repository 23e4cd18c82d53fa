/**
 * Writes what a turn decided. Inserting its record is the commit point; the effects follow, all of them under derived ids, so that a successor
 * who finds the record applies it again and writes the same documents.
 */
import { type Collection, type Filter } from 'mongodb';
import { type Fact } from '../domain/memory.js';
import { type Ticket } from '../domain/ticket.js';
import { type DeskNote, newestOrderOf, type OutboxItem, type TurnRecord } from '../domain/turn.js';
import { type ConversationStore } from '../storage/conversation-store.js';
import { messageQueries } from '../storage/message-log.js';
import { type MessageDocument } from '../storage/models/messages.js';
import { type Models } from '../storage/models/index.js';
import { type OutboxDocument } from '../storage/models/outbox.js';
import { type SessionDocument } from '../storage/models/sessions.js';
import { type ReservedTurn, type TurnDocument } from '../storage/models/turns.js';
import { nativeCollection } from '../storage/native-collection.js';
import { committed } from '../storage/turn-log.js';
import { type BatchMeter, createWriteBatcher, isDuplicateKey, type WriteBatcher } from '../storage/write-batcher.js';
import { freshEntry } from './fresh-entry.js';
import { LaneLostError } from './lane-lost.js';

/** The queries on turns that are not by `_id`; the explain test runs the same ones. */
export const turnQueries = {
  joined: (turnId: string): Filter<TurnDocument> => ({ 'joined.turnId': turnId }),
} as const;

/** Where effects go that have a store of their own. All are idempotent by id. */
export interface EffectStores {
  saveFacts(facts: readonly Fact[]): Promise<void>;
  saveTicket(ticket: Ticket): Promise<void>;
  readonly tellDesk: (notes: readonly DeskNote[]) => Promise<void>;
}

export interface AppliedEffects {
  readonly entries: readonly OutboxDocument[];
  /** Some entries were there from an earlier run: what is left of them has to be read from the store. */
  readonly seenBefore: boolean;
}

/** How a reply is stored that may be sent as soon as it is. */
export interface SendMarks {
  /** The entry as it is to be stored. */
  marked(entry: OutboxDocument): OutboxDocument;
  /** The store had it already: it is not as it was marked. */
  wasThere(entry: OutboxDocument): void;
}

export interface TurnCommit {
  find(turnId: string): Promise<TurnRecord | null>;
  /** The turn of an earlier event that this one was joined to. */
  findJoined(turnId: string): Promise<TurnRecord | null>;
  /**
   * After a takeover: from here on the turn can be committed under this fence or a later one only. Returns the record where it is committed
   * already. Throws LaneLostError when a later owner has reserved it.
   */
  reserve(turnId: string, fence: number): Promise<TurnRecord | null>;
  /**
   * Returns the record that holds: an earlier one where the turn was committed before. Throws LaneLostError when a successor has reserved it.
   * @param reserved the fence under which it was reserved; null: it was not
   */
  commit(record: TurnRecord, reserved: number | null): Promise<TurnRecord>;
  /**
   * Throws LaneLostError when another instance has taken the conversation over.
   * @param marks says whether the first reply is stored as `sending`; null: no reply is
   */
  apply(record: TurnRecord, fence: number, marks: SendMarks | null): Promise<AppliedEffects>;
  /** Notes in the turn's trace that the customer may have seen this entry twice, or not at all. */
  flagUncertain(turnId: string, outboxId: string): Promise<void>;
  drain(): Promise<void>;
}

export function createTurnCommit(deps: {
  readonly models: Pick<Models, 'turns' | 'messages' | 'outbox' | 'sessions'>;
  readonly conversations: ConversationStore;
  readonly stores: EffectStores;
  readonly onBatch?: BatchMeter;
}): TurnCommit {
  const turns: Collection<TurnDocument> = nativeCollection(deps.models.turns);
  /** The same collection, with places that are only reserved. */
  const places = turns as unknown as Collection<ReservedTurn>;
  const options = deps.onBatch === undefined ? {} : { onBatch: deps.onBatch };
  const turnWrites = createWriteBatcher(turns, options);
  const messageWrites = createWriteBatcher<MessageDocument>(nativeCollection(deps.models.messages), options);
  const outboxWrites = createWriteBatcher<OutboxDocument>(nativeCollection(deps.models.outbox), options);
  const sessionWrites = createWriteBatcher<SessionDocument>(nativeCollection(deps.models.sessions), options);

  const find = async (turnId: string) => committed(await turns.findOne({ _id: turnId }));

  /** The record that is in the way of ours. */
  const earlier = async (turnId: string): Promise<TurnRecord> => {
    const found = await find(turnId);
    if (found === null) throw new LaneLostError();
    return found;
  };

  const applyConversation = async (record: TurnRecord, fence: number, at: Date) => {
    const { conversationId, id: turnId, effects } = record;
    const logged = { messages: effects.messages.length, lastOrder: newestOrderOf(effects) };
    const ofCustomer = record.outcome !== 'staff';
    const turn = { conversationId, fence, turnId, change: effects.conversation, ...logged, at, ofCustomer };
    if (!(await deps.conversations.applyTurn(turn))) throw new LaneLostError();
  };

  return {
    find,
    findJoined: async (turnId) => committed(await turns.findOne(turnQueries.joined(turnId))),

    async reserve(turnId, fence) {
      try {
        await places.updateOne({ _id: turnId, reservedBy: { $lte: fence } }, { $set: { reservedBy: fence } }, { upsert: true });
        return null;
      } catch (thrown) {
        if (!isDuplicateKey(thrown)) throw thrown;
        return earlier(turnId);
      }
    },

    async commit(record, reserved) {
      const { id, ...rest } = record;
      if (reserved === null) return (await turnWrites.insertOnce({ _id: id, ...rest })) ? record : earlier(id);
      const { matchedCount } = await places.replaceOne({ _id: id, reservedBy: reserved }, rest as unknown as ReservedTurn);
      return matchedCount === 1 ? record : earlier(id);
    },

    async apply(record, fence, marks) {
      const { effects } = record;
      const at = new Date();
      const entries = effects.outbox.map((item, part) => {
        const entry = outboxDocument(item, part, record.id, fence, at);
        return part === 0 && marks !== null ? marks.marked(entry) : entry;
      });
      const insert = async (entry: OutboxDocument) => {
        const isNew = await outboxWrites.insertOnce(entry);
        if (!isNew) marks?.wasThere(entry);
        return isNew;
      };
      const [inserted] = await Promise.all([
        Promise.all(entries.map(insert)),
        Promise.all(effects.messages.map(({ id, ...message }) => messageWrites.insertOnce({ _id: id, ...message }))),
        applyConversation(record, fence, at),
        effects.facts.length > 0 && deps.stores.saveFacts(effects.facts),
        effects.ticket !== null && deps.stores.saveTicket(effects.ticket),
        touchSession(sessionWrites, record, at),
        amendMessage(messageWrites, record),
      ]);
      // Last: the desks show what is there to be read.
      if (effects.desk !== undefined) await deps.stores.tellDesk(effects.desk);
      return { entries, seenBefore: inserted.includes(false) };
    },

    flagUncertain: (turnId, outboxId) => turnWrites.update({ _id: turnId }, { $addToSet: { uncertainSends: outboxId } }),

    async drain() {
      await Promise.all([turnWrites, messageWrites, outboxWrites, sessionWrites].map((writes) => writes.drain()));
    },
  };
}

function outboxDocument(item: OutboxItem, part: number, turnId: string, fence: number, at: Date): OutboxDocument {
  const { id, ...content } = item;
  return {
    _id: id,
    turnId,
    part,
    ...content,
    ...freshEntry(at),
    fence,
  };
}

/** A session that was ended while the turn ran stays ended, and any other status that it was given meanwhile stays too. */
async function touchSession(sessions: WriteBatcher<SessionDocument>, { id: turnId, effects }: TurnRecord, at: Date): Promise<void> {
  if (effects.session === null) return;
  const { id, status } = effects.session;
  const touched = sessions.update({ _id: id, status: { $ne: 'ended' } }, { $max: { lastActivity: at } });
  if (status === null) return touched;
  const mayChange = { _id: id, status: status.from, statusTurnId: { $ne: turnId } };
  await Promise.all([touched, sessions.update(mayChange, { $set: { status: status.to, statusTurnId: turnId } })]);
}

/** The customer changed or deleted an earlier message; what it said before is not kept. */
async function amendMessage(messages: WriteBatcher<MessageDocument>, record: TurnRecord): Promise<void> {
  const { id: turnId, conversationId } = record;
  const { amend } = record.effects;
  if (amend === null) return;
  // Applied again, late, it must not undo a change that came after it.
  const unlessLater = amend.text === null ? {} : { deletedAt: null, $or: [{ editedAt: null }, { editedAt: { $lte: amend.at } }] };
  await messages.update(
    { ...messageQueries.byPlatformId(conversationId, amend.platformMessageId), turnId: { $ne: turnId }, ...unlessLater },
    { $set: amend.text === null ? { text: '', deletedAt: amend.at } : { text: amend.text, editedAt: amend.at } },
  );
}
