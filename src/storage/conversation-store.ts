/**
 * Conversations and the leases of their lanes. A lane is claimed by an update that holds only if the conversation is as it was read, or by creating
 * the conversation, so that lanes can be claimed many at a time; everything its owner writes afterwards carries the fence of that claim, so that
 * an owner that was paused past its lease cannot write over its successor.
 */
import { type Collection, type Filter } from 'mongodb';
import { type Conversation, type ConversationChange } from '../domain/conversation.js';
import { contactIdOf } from '../domain/ids.js';
import { type ContactDocument } from './models/contacts.js';
import { type ConversationDocument } from './models/conversations.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';
import { createReadBatcher } from './read-batcher.js';
import { type BatchMeter, createWriteBatcher } from './write-batcher.js';

/** What is known of a conversation before it exists: where its first event came from. */
export interface ConversationSeed {
  readonly channel: string;
  readonly account: string;
  readonly threadKey: string;
  readonly userId: string;
  readonly displayName: string | null;
}

export interface LaneClaim {
  readonly conversation: Conversation;
  readonly fence: number;
  /** The lane was not let go by its last owner: work may be half done. */
  readonly takeover: boolean;
  /** That owner was another process, which may have died of that work. */
  readonly suspect: boolean;
  /** Replies of earlier visits are left to send. */
  readonly sendsLeft: boolean;
  /** No turn of this conversation was applied yet. */
  readonly fresh: boolean;
}

export type ClaimResult = LaneClaim | 'held-by-another' | 'unknown-conversation';

export interface ConversationStore {
  find(id: string): Promise<Conversation | null>;
  /** As others may have changed it meanwhile; null where it is not held under this fence any more. */
  findHeld(id: string, fence: number): Promise<Conversation | null>;
  /** Without a seed, a conversation that does not exist is not created. */
  claim(input: { conversationId: string; seed: ConversationSeed | null } & LeaseSpan): Promise<ClaimResult>;
  /** Asks the instance that holds the lane to look again before it lets go; false when nobody holds it (any more). */
  want(conversationId: string): Promise<boolean>;
  /** Takes back what `want` asked; false when the lane was lost. */
  acceptWanted(conversationId: string, fence: number): Promise<boolean>;
  /** Extends the leases of all lanes at once; returns those that are still ours. */
  renew(conversationIds: readonly string[], until: Date): Promise<readonly string[]>;
  /** False when the lane was lost or is wanted. `sendsFrom`: when the next send that is left over is due. */
  release(conversationId: string, fence: number, sendsFrom: Date | null): Promise<boolean>;
  /** Of the conversations, those whose lane nobody holds; also ones that do not exist yet. */
  unowned(conversationIds: readonly string[], now: Date): Promise<Set<string>>;
  /** Applies a turn once, however often it is asked to. False when the lane was lost. */
  applyTurn(turn: AppliedTurn): Promise<boolean>;
  /** Notes what is shown of the answer that is being written; null: nothing is. False when the lane was lost. */
  keepDraft(conversationId: string, fence: number, draft: Conversation['draft'] | null): Promise<boolean>;
  /** Creates the contact unless there is one. */
  ensureContact(seed: ConversationSeed, at: Date): Promise<void>;
  drain(): Promise<void>;
}

export interface AppliedTurn {
  readonly conversationId: string;
  readonly fence: number;
  readonly turnId: string;
  readonly change: ConversationChange;
  readonly messages: number;
  /** `order` of the newest of them; 0: there are none. */
  readonly lastOrder: number;
  readonly at: Date;
  /** The customer did something, as against people of ours. */
  readonly ofCustomer: boolean;
}

/** In the database's time. */
export interface LeaseSpan {
  readonly now: Date;
  /** From then on the lane is others' for the taking. */
  readonly until: Date;
}

export interface LeaseOptions {
  /** This instance: random, new at every start. */
  readonly owner: string;
  /** No other instance can be there: whatever another owner holds is left over from a process that died. */
  readonly soleInstance: boolean;
  readonly onBatch?: BatchMeter;
}

const FREE = new Date(0);

/** The queries of the message path on this collection; the explain test runs the same ones. */
export const conversationQueries = {
  /** Nobody has claimed it, let it go or applied a turn to it since it was read. */
  unchanged: ({ _id, lane: { fence, owner, until, sendsFrom }, lastTurnId }: ConversationDocument): Filter<ConversationDocument> => ({
    _id,
    'lane.fence': fence,
    'lane.owner': owner,
    'lane.until': until,
    'lane.sendsFrom': sendsFrom,
    lastTurnId,
  }),
  heldByOther: (conversationId: string, owner: string): Filter<ConversationDocument> => ({
    _id: conversationId,
    'lane.owner': { $nin: [null, owner] },
  }),
  fenced: (conversationId: string, fence: number): Filter<ConversationDocument> => ({ _id: conversationId, 'lane.fence': fence }),
  held: (conversationIds: readonly string[], owner: string): Filter<ConversationDocument> => ({
    _id: { $in: [...conversationIds] },
    'lane.owner': owner,
  }),
  leased: (conversationIds: readonly string[], now: Date): Filter<ConversationDocument> => ({
    _id: { $in: [...conversationIds] },
    'lane.until': { $gte: now },
  }),
};

export function createConversationStore(models: Pick<Models, 'conversations' | 'contacts'>, lease: LeaseOptions): ConversationStore {
  const conversations: Collection<ConversationDocument> = nativeCollection(models.conversations);
  const batchOptions = lease.onBatch === undefined ? {} : { onBatch: lease.onBatch };
  const read = createReadBatcher(conversations);
  const readContact = createReadBatcher<ContactDocument>(nativeCollection(models.contacts));
  const creations = createWriteBatcher(conversations, batchOptions);
  const writes = createWriteBatcher(conversations, batchOptions);
  const contactWrites = createWriteBatcher<ContactDocument>(nativeCollection(models.contacts), batchOptions);

  return {
    async find(id) {
      const document = await conversations.findOne({ _id: id });
      return document === null ? null : conversationOf(document);
    },

    async findHeld(id, fence) {
      const document = await read(id);
      const held = document !== null && document.lane.fence === fence && document.lane.owner === lease.owner;
      return held ? conversationOf(document) : null;
    },

    async claim({ conversationId, seed, now, until }) {
      const { owner } = lease;
      const before = await read(conversationId);
      if (before === null) {
        if (seed === null) return 'unknown-conversation';
        const contact = await readContact(contactIdOf(seed));
        const created = {
          ...newConversation(seed, now),
          ...(contact?.linkedTo == null ? {} : { contactId: contact.linkedTo, linked: true }),
        };
        const lane = { owner, until, fence: 1, wanted: false, sendsFrom: null };
        if (!(await creations.insertOnce({ _id: conversationId, ...created, lane }))) return 'held-by-another';
        const conversation = { id: conversationId, ...withoutTurn(created) };
        return { conversation, fence: 1, takeover: false, suspect: false, sendsLeft: false, fresh: true };
      }
      if (!isFree(before, lease, now)) return 'held-by-another';
      const claim = claimOf(before, owner);
      const claimed = await writes.updateIf(
        conversationQueries.unchanged(before),
        { $set: { 'lane.owner': owner, 'lane.until': until, 'lane.wanted': false, 'lane.fence': claim.fence } },
        { ...conversationQueries.fenced(conversationId, claim.fence), 'lane.owner': owner },
      );
      return claimed ? claim : 'held-by-another';
    },

    async want(conversationId) {
      const filter = conversationQueries.heldByOther(conversationId, lease.owner);
      return (await conversations.updateOne(filter, { $set: { 'lane.wanted': true } })).matchedCount === 1;
    },

    async acceptWanted(conversationId, fence) {
      const filter = conversationQueries.fenced(conversationId, fence);
      return (await conversations.updateOne(filter, { $set: { 'lane.wanted': false } })).matchedCount === 1;
    },

    async renew(conversationIds, until) {
      const held = conversationQueries.held(conversationIds, lease.owner);
      const { matchedCount } = await conversations.updateMany(held, { $set: { 'lane.until': until } });
      if (matchedCount === conversationIds.length) return conversationIds;
      return (await conversations.find(held, { projection: { _id: 1 } }).toArray()).map((document) => document._id);
    },

    release: (conversationId, fence, sendsFrom) =>
      writes.updateIf(
        { ...conversationQueries.fenced(conversationId, fence), 'lane.wanted': false },
        { $set: { 'lane.owner': null, 'lane.until': FREE, 'lane.sendsFrom': sendsFrom } },
        { ...conversationQueries.fenced(conversationId, fence), 'lane.owner': null },
      ),

    async unowned(conversationIds, now) {
      const free = new Set(conversationIds);
      if (lease.soleInstance) return free;
      const held = conversations.find(conversationQueries.leased(conversationIds, now), { projection: { _id: 1 } });
      for await (const { _id } of held) free.delete(_id);
      return free;
    },

    applyTurn({ conversationId, fence, turnId, change, messages, lastOrder, at, ofCustomer }) {
      const mine = conversationQueries.fenced(conversationId, fence);
      return writes.updateIf(
        { ...mine, lastTurnId: { $ne: turnId } },
        {
          $set: { ...change, lastTurnId: turnId, ...(ofCustomer ? { lastMessageAt: at } : {}) },
          $inc: { messageCount: messages },
          $max: { lastOrder },
        },
        { ...mine, lastTurnId: turnId },
      );
    },

    async keepDraft(conversationId, fence, draft) {
      const change = draft == null ? { $unset: { draft: '' as const } } : { $set: { draft } };
      return (await conversations.updateOne(conversationQueries.fenced(conversationId, fence), change)).matchedCount === 1;
    },

    async ensureContact(seed, at) {
      const { displayName, channel, account, userId } = seed;
      const identity = { channel, account, userId, verified: channel !== 'web' };
      await contactWrites.insertOnce({ _id: contactIdOf(seed), displayName, identities: [identity], linkedTo: null, createdAt: at });
    },

    async drain() {
      await Promise.all([creations.drain(), writes.drain(), contactWrites.drain()]);
    },
  };
}

type NewConversation = Omit<ConversationDocument, '_id' | 'lane'>;

function newConversation(seed: ConversationSeed, now: Date): NewConversation {
  const { channel, account, threadKey, userId } = seed;
  return {
    channel,
    account,
    threadKey,
    contactId: contactIdOf(seed),
    userId,
    status: 'bot',
    language: null,
    sessionId: null,
    threadId: null,
    ticketId: null,
    failedAnswers: 0,
    messageCount: 0,
    lastOrder: 0,
    createdAt: now,
    lastMessageAt: null,
    lastTurnId: null,
  };
}

/** Whether the lane may be claimed. The sole instance takes over at once what a dead process has left. */
const isFree = ({ lane }: ConversationDocument, { owner, soleInstance }: LeaseOptions, now: Date): boolean =>
  soleInstance || lane.owner === owner || (lane.until !== null && lane.until < now);

function claimOf(before: ConversationDocument, owner: string): LaneClaim {
  const takeover = before.lane.owner !== null;
  return {
    conversation: conversationOf(before),
    fence: before.lane.fence + 1,
    takeover,
    suspect: takeover && before.lane.owner !== owner,
    sendsLeft: before.lane.sendsFrom !== null,
    fresh: before.lastTurnId === null,
  };
}

function withoutTurn({ lastTurnId: _lastTurnId, lastOrder = 0, ...conversation }: NewConversation): Omit<Conversation, 'id'> {
  return { ...conversation, lastOrder };
}

export function conversationOf({ _id, lane: _lane, ...conversation }: ConversationDocument): Conversation {
  return { id: _id, ...withoutTurn(conversation) };
}
