/** Sessions in MongoDB. A session that was idle for too long is ended by whoever meets it first: the next reader or the hourly job. */
import { type Filter } from 'mongodb';
import { conversationIdOf, derivedId, newSessionId, newThreadId } from '../domain/ids.js';
import { type Session, type SessionStore } from '../domain/session.js';
import { type Models } from './models/index.js';
import { type SessionDocument } from './models/sessions.js';
import { nativeCollection } from './native-collection.js';
import { createListBatcher, createReadBatcher, oneOf } from './read-batcher.js';
import { eraseSession } from './session-erasure.js';
import { createWriteBatcher } from './write-batcher.js';

/** The queries of the message path on this collection; the explain test runs the same ones. */
export const sessionQueries = {
  ofConversations: (conversationIds: readonly string[]): Filter<SessionDocument> => ({ conversationId: oneOf(conversationIds) }),
  newestFirst: { createdAt: -1 },
} as const;

/** Sessions that one step of a clean-up deletes. */
const CLEANUP_BATCH = 100;

export function createSessionStore(models: Models, now: () => Date = () => new Date()): SessionStore {
  const sessions = nativeCollection(models.sessions);
  const read = createReadBatcher(sessions);
  const writes = createWriteBatcher(sessions);
  const newestOf = createListBatcher(sessions, {
    filterOf: sessionQueries.ofConversations,
    keyOf: (session) => session.conversationId,
    sort: sessionQueries.newestFirst,
  });

  const insert = async (input: Omit<SessionDocument, '_id' | 'threadId' | 'status' | 'createdAt' | 'lastActivity'>, id: string) => {
    const at = now();
    const document: SessionDocument = { ...input, _id: id, threadId: newThreadId(), status: 'active', createdAt: at, lastActivity: at };
    await writes.insertOnce(document); // under a random id: nothing can be in its way
    return sessionOf(document);
  };

  /** The document as it is to be seen now: ended, and stored so, when it was idle for longer than `ttlMs`. */
  const settled = async (document: SessionDocument, ttlMs: number): Promise<SessionDocument> => {
    if (document.status !== 'active' || !isIdle(document, ttlMs, now())) return document;
    await sessions.updateOne({ _id: document._id, status: 'active', lastActivity: document.lastActivity }, { $set: { status: 'ended' } });
    return { ...document, status: 'ended' };
  };

  return {
    async create({ userId, userVerified = false, channel, account, metadata }) {
      const id = newSessionId();
      const conversationId = conversationIdOf({ channel, account, threadKey: id });
      return insert({ conversationId, userId, userVerified, channel, metadata, openedBy: null }, id);
    },

    async openFor({ conversationId, currentId, channel, userId, eventId, ttlMs }) {
      const current = currentId === null ? null : await read(currentId);
      if (current !== null && current.status !== 'ended' && !expired(current, ttlMs, now())) return sessionOf(current);
      const openedBy = derivedId('open', conversationId, eventId);
      const [newest] = await newestOf(conversationId, 1);
      // A conversation's turns run one after the other, so nobody can open a second session between the look and the insert.
      const usable =
        newest !== undefined && (newest.openedBy === openedBy || (newest.status !== 'ended' && !expired(newest, ttlMs, now())));
      if (usable) return sessionOf(newest);
      return insert({ conversationId, userId, userVerified: true, channel, metadata: {}, openedBy }, newSessionId());
    },

    async find(id, ttlMs) {
      const document = await read(id);
      return document === null ? null : sessionOf(await settled(document, ttlMs));
    },

    async list({ userId, userVerified, status, limit, offset }) {
      const filter: Filter<SessionDocument> = {
        ...(userId === undefined ? {} : { userId }),
        ...(userVerified === undefined ? {} : { userVerified }),
        ...(status === undefined ? {} : { status }),
      };
      const [documents, total] = await Promise.all([
        sessions.find(filter).sort({ lastActivity: -1, _id: 1 }).skip(offset).limit(limit).toArray(),
        sessions.countDocuments(filter),
      ]);
      return { sessions: documents.map(sessionOf), total };
    },

    async setStatus(id, status) {
      // Reopening is activity: else the session would be found idle, and ended again, at once.
      const change = status === 'active' ? { status, lastActivity: now() } : { status };
      const document = await sessions.findOneAndUpdate({ _id: id }, { $set: change }, { returnDocument: 'after' });
      return document === null ? null : sessionOf(document);
    },

    async touch(id, at) {
      await sessions.updateOne({ _id: id }, { $max: { lastActivity: at } });
    },

    async delete(id) {
      const document = await sessions.findOneAndUpdate({ _id: id }, { $set: { status: 'ended' } });
      if (document === null) return false;
      await eraseSession(models, sessionOf(document), { personToo: true });
      return true;
    },

    async deleteIdle(cutoff) {
      let deleted = 0;
      for (;;) {
        const filter: Filter<SessionDocument> = { status: { $in: ['ended', 'escalated'] }, lastActivity: { $lt: cutoff } };
        const documents = await sessions.find(filter).limit(CLEANUP_BATCH).toArray();
        for (const document of documents) await eraseSession(models, sessionOf(document), { personToo: false });
        deleted += documents.length;
        if (documents.length < CLEANUP_BATCH) return deleted;
      }
    },

    async endIdle(cutoff) {
      const { modifiedCount } = await sessions.updateMany(
        { status: 'active', lastActivity: { $lt: cutoff } },
        { $set: { status: 'ended' } },
      );
      return modifiedCount;
    },
  };
}

const isIdle = (document: SessionDocument, ttlMs: number, at: Date): boolean => at.getTime() - document.lastActivity.getTime() > ttlMs;

/** A case that people have may rest for longer than a day. */
const expired = (document: SessionDocument, ttlMs: number, at: Date): boolean =>
  document.status === 'active' && isIdle(document, ttlMs, at);

function sessionOf({ _id, openedBy: _openedBy, statusTurnId: _statusTurnId, ...session }: SessionDocument): Session {
  return { id: _id, ...session };
}
