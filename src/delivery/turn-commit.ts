/**
 * Writes what a turn decided. Inserting its record is the commit point; the effects follow, all of them under derived ids, so that a successor
 * who finds the record applies it again and writes the same documents.
 */
import { type Collection } from 'mongodb';
import { type Fact } from '../domain/memory.js';
import { type Ticket } from '../domain/ticket.js';
import { type OutboxItem, type TurnEffects, type TurnRecord } from '../domain/turn.js';
import { type ConversationStore } from '../storage/conversation-store.js';
import { messageQueries } from '../storage/message-log.js';
import { type MessageDocument } from '../storage/models/messages.js';
import { type Models } from '../storage/models/index.js';
import { type OutboxDocument } from '../storage/models/outbox.js';
import { type SessionDocument } from '../storage/models/sessions.js';
import { type TurnDocument } from '../storage/models/turns.js';
import { nativeCollection } from '../storage/native-collection.js';
import { turnOf } from '../storage/turn-log.js';
import { type BatchMeter, createWriteBatcher, type WriteBatcher } from '../storage/write-batcher.js';
import { LaneLostError } from './lane-lost.js';

/** Where effects go that have a store of their own. Both are idempotent by id. */
export interface EffectStores {
  saveFacts(facts: readonly Fact[]): Promise<void>;
  saveTicket(ticket: Ticket): Promise<void>;
}

export interface AppliedEffects {
  readonly entries: readonly OutboxDocument[];
  /** Some entries were there from an earlier run: what is left of them has to be read from the store. */
  readonly seenBefore: boolean;
}

export interface TurnCommit {
  find(turnId: string): Promise<TurnRecord | null>;
  /** Returns the record that holds: an earlier one where the turn was committed before. */
  commit(record: TurnRecord): Promise<TurnRecord>;
  /** Throws LaneLostError when another instance has taken the conversation over. */
  apply(record: TurnRecord, fence: number): Promise<AppliedEffects>;
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
  const options = deps.onBatch === undefined ? {} : { onBatch: deps.onBatch };
  const turnWrites = createWriteBatcher(turns, options);
  const messageWrites = createWriteBatcher<MessageDocument>(nativeCollection(deps.models.messages), options);
  const outboxWrites = createWriteBatcher<OutboxDocument>(nativeCollection(deps.models.outbox), options);
  const sessionWrites = createWriteBatcher<SessionDocument>(nativeCollection(deps.models.sessions), options);

  const find = async (turnId: string) => {
    const document = await turns.findOne({ _id: turnId });
    return document === null ? null : turnOf(document);
  };

  const applyConversation = async (record: TurnRecord, fence: number, at: Date) => {
    const { conversationId, id: turnId, effects } = record;
    const turn = { conversationId, fence, turnId, change: effects.conversation, messages: effects.messages.length, at };
    if (!(await deps.conversations.applyTurn(turn))) throw new LaneLostError();
  };

  return {
    find,

    async commit(record) {
      const { id, ...rest } = record;
      if (await turnWrites.insertOnce({ _id: id, ...rest })) return record;
      const earlier = await find(id);
      if (earlier === null) throw new Error(`the turn ${id} is there and cannot be read: was it erased just now?`);
      return earlier;
    },

    async apply(record, fence) {
      const { effects } = record;
      const at = new Date();
      const entries = effects.outbox.map((item, part) => outboxDocument(item, part, record.id, fence, at));
      const [inserted] = await Promise.all([
        Promise.all(entries.map((entry) => outboxWrites.insertOnce(entry))),
        Promise.all(effects.messages.map(({ id, ...message }) => messageWrites.insertOnce({ _id: id, ...message }))),
        applyConversation(record, fence, at),
        effects.facts.length > 0 && deps.stores.saveFacts(effects.facts),
        effects.ticket !== null && deps.stores.saveTicket(effects.ticket),
        touchSession(sessionWrites, effects, at),
        amendMessage(messageWrites, record),
      ]);
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
    state: 'pending',
    open: true,
    attempts: 0,
    nextAttemptAt: at,
    fence,
    uncertain: 0,
    platformMessageId: null,
    failure: null,
    createdAt: at,
    sentAt: null,
    expiresAt: null,
  };
}

/** A session that was ended while the turn ran stays ended. */
async function touchSession(sessions: WriteBatcher<SessionDocument>, { session }: TurnEffects, at: Date): Promise<void> {
  if (session === null) return;
  await sessions.update({ _id: session.id, status: { $ne: 'ended' } }, { $set: { status: session.status }, $max: { lastActivity: at } });
}

/** The customer changed or deleted an earlier message; what it said before is not kept. */
async function amendMessage(messages: WriteBatcher<MessageDocument>, { conversationId, effects: { amend } }: TurnRecord): Promise<void> {
  if (amend === null) return;
  await messages.update(messageQueries.byPlatformId(conversationId, amend.platformMessageId), {
    $set: amend.text === null ? { text: '', deletedAt: amend.at } : { text: amend.text, editedAt: amend.at },
  });
}
