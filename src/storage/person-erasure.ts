/**
 * Erases everything of a person: each conversation of each of their contacts, then the contacts. What a later try goes by is deleted last, so that one that
 * was cut off is found again and completed. A turn that was at work meanwhile may still write; it is known by its event, which is gone.
 */
import { caseErasureQueries, eraseCases } from './case-erasure.js';
import { linkQueries } from './contact-link-store.js';
import { type ConversationDocument } from './models/conversations.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';
import { eraseTurnEffects } from './session-erasure.js';

/** The queries on these collections that are not by `_id`; a test explains them. */
export const personErasureQueries = {
  turnsOf: (conversationId: string) => ({ conversationId }),
  messagesOf: (threadIds: readonly string[]) => ({ threadId: { $in: [...threadIds] } }),
  waiting: (conversationId: string) => ({ conversationId, state: 'pending' as const }),
  unsent: (conversationId: string) => ({ conversationId, open: true }),
  keptBack: (conversationId: string) => ({ conversationId, state: 'waiting' as const }),
  factsOf: (ownerIds: readonly string[]) => ({ ownerId: { $in: [...ownerIds] } }),
} as const;

/** Everything of the conversation, and the conversation; also where only some of it is left. */
export async function eraseConversation(models: Models, conversationId: string): Promise<void> {
  const ofIt = { conversationId };
  const projection = { threadId: 1 };
  // A turn that was at work when the sessions went names a thread that none of them names any more.
  const [sessions, turns] = await Promise.all([
    nativeCollection(models.sessions).find(ofIt, { projection }).toArray(),
    nativeCollection(models.turns).find(personErasureQueries.turnsOf(conversationId), { projection }).toArray(),
  ]);
  const threadIds = [...new Set([...sessions, ...turns].map(({ threadId }) => threadId))];
  // Nobody is to begin anything on what is about to go.
  await nativeCollection(models.inbox).deleteMany(personErasureQueries.waiting(conversationId));
  await nativeCollection(models.outbox).deleteMany(personErasureQueries.unsent(conversationId));
  await nativeCollection(models.outbox).deleteMany(personErasureQueries.keptBack(conversationId));
  await eraseTurnEffects(models, personErasureQueries.turnsOf(conversationId));
  await Promise.all([
    nativeCollection(models.messages).deleteMany(personErasureQueries.messagesOf(threadIds)),
    nativeCollection(models.attachments).deleteMany(ofIt),
    nativeCollection(models.attachmentParts).deleteMany(ofIt),
    nativeCollection(models.memories).deleteMany(personErasureQueries.factsOf(threadIds)),
    eraseCases(models, conversationId, caseErasureQueries.ofConversation(conversationId)),
  ]);
  await nativeCollection(models.turns).deleteMany(personErasureQueries.turnsOf(conversationId));
  await nativeCollection(models.sessions).deleteMany(ofIt);
  await nativeCollection(models.conversations).deleteOne({ _id: conversationId });
}

/** What platforms sent of the person that nobody understood, and what leads from their names at a platform to their conversations. */
export async function eraseLeads(models: Models, conversation: ConversationDocument): Promise<void> {
  const { channel, account, userId, threadKey } = conversation;
  const payloads = nativeCollection(models.unknownPayloads);
  const ids: string[] = [];
  // Few of each kind are kept. Where an id is so short that it stands in others' payloads too, those go with them.
  for await (const { _id, payload } of payloads.find({ channel, account }, { projection: { payload: 1 } }))
    if (payload.includes(userId) || payload.includes(threadKey)) ids.push(_id);
  await payloads.deleteMany({ _id: { $in: ids } });
  await nativeCollection(models.movedThreads).deleteMany({ channel, account, origin: threadKey });
  await nativeCollection(models.linkCodes).deleteMany({ 'issuer.conversationId': conversation._id });
}

/** The ids of those contacts that stand for the person; the first is the one they are all linked to. */
export async function contactIdsOf(models: Models, rootId: string): Promise<string[]> {
  const linked = await nativeCollection(models.contacts)
    .find(linkQueries.linkedTo(rootId), { projection: { _id: 1 } })
    .toArray();
  return [rootId, ...linked.map(({ _id }) => _id)];
}

export async function conversationsOf(models: Models, contactIds: readonly string[]): Promise<ConversationDocument[]> {
  const found = contactIds.map((id) => nativeCollection(models.conversations).find(linkQueries.conversationsOf(id)).toArray());
  return (await Promise.all(found)).flat();
}

/** The linked ones first: as long as the root is there, they are found. */
export async function eraseContacts(models: Models, [rootId, ...linkedIds]: readonly string[]): Promise<void> {
  const contacts = nativeCollection(models.contacts);
  await nativeCollection(models.memories).deleteMany(
    personErasureQueries.factsOf([...linkedIds, ...(rootId === undefined ? [] : [rootId])]),
  );
  await contacts.deleteMany({ _id: { $in: linkedIds } });
  if (rootId !== undefined) await contacts.deleteOne({ _id: rootId });
}

/**
 * What was written after the conversation was gone, by turns that were at work then, and what no turn names. Only what the customer has sent since the
 * request stays.
 */
export async function eraseLate(models: Models, conversationId: string, requestedAt: Date): Promise<void> {
  // The only queries without an index: events that were set aside are in none. They look through what the retention keeps, once for an erasure.
  await nativeCollection(models.inbox).deleteMany({ conversationId, receivedAt: { $lte: requestedAt } });
  await nativeCollection(models.outbox).deleteMany({ conversationId, createdAt: { $lte: requestedAt } });
  const turns = nativeCollection(models.turns);
  const ofIt = personErasureQueries.turnsOf(conversationId);
  const written = await turns.find(ofIt, { projection: { inboxId: 1, threadId: 1 } }).toArray();
  const inboxIds = written.map(({ inboxId }) => inboxId);
  const known = await nativeCollection(models.inbox)
    .find({ _id: { $in: inboxIds } }, { projection: { _id: 1 } })
    .toArray();
  const waits = await nativeCollection(models.inbox).findOne(personErasureQueries.waiting(conversationId), { projection: { _id: 1 } });
  if (known.length === 0 && waits === null) return eraseConversation(models, conversationId);
  const events = new Set(known.map(({ _id }) => _id));
  const orphanTurns = written.filter(({ inboxId }) => !events.has(inboxId));
  const orphans = orphanTurns.map(({ _id }) => _id);
  if (orphans.length === 0) return;
  const ofOrphans = { turnId: { $in: orphans } };
  const factIds = await eraseTurnEffects(models, { _id: { $in: orphans } });
  await nativeCollection(models.memories).deleteMany({ _id: { $in: factIds } });
  await nativeCollection(models.messages).deleteMany({
    ...personErasureQueries.messagesOf(orphanTurns.map(({ threadId }) => threadId)),
    ...ofOrphans,
  });
  await eraseCases(models, conversationId, { conversationId, ...ofOrphans });
  await turns.deleteMany({ _id: { $in: orphans } });
}
