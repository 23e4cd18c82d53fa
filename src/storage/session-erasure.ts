/**
 * Deletes a session with everything that holds its text. Idempotent, and the session itself goes last: a deletion that was cut off is found
 * again and completed. That there was a case stays, without what was said in it: case-erasure.ts.
 */
import { type Filter } from 'mongodb';
import { contactIdOf } from '../domain/ids.js';
import { type Session } from '../domain/session.js';
import { caseErasureQueries, eraseCases } from './case-erasure.js';
import { type Models } from './models/index.js';
import { type TurnDocument } from './models/turns.js';
import { nativeCollection } from './native-collection.js';

/**
 * @param personToo also what was learnt in this session about a person who is known beyond it; a clean-up leaves that to its own expiry, by which
 * important facts are kept
 */
export async function eraseSession(models: Models, session: Session, { personToo }: { personToo: boolean }): Promise<void> {
  const { conversationId, threadId } = session;
  // A web conversation is its session; a platform conversation goes on when one of its sessions is deleted.
  const whole = session.channel === 'web';
  const scope = whole ? { conversationId } : { conversationId, threadId };

  const factIds = await eraseTurnEffects(models, scope);
  await Promise.all([
    nativeCollection(models.messages).deleteMany({ threadId }),
    nativeCollection(models.attachments).deleteMany(scope),
    nativeCollection(models.attachmentParts).deleteMany(scope),
    nativeCollection(models.memories).deleteMany({ ownerId: threadId }),
    personToo && nativeCollection(models.memories).deleteMany({ _id: { $in: factIds }, conversationId }),
  ]);
  await eraseCases(models, conversationId, caseErasureQueries.of({ ...session, whole, openToo: personToo || whole }));
  await nativeCollection(models.turns).deleteMany(scope);
  if (whole) await eraseConversation(models, session);
  await nativeCollection(models.sessions).deleteOne({ _id: session.id });
}

/** The events that the turns answered and what they sent; returns the ids of the facts that they learnt. The turns themselves stay, to be found again. */
export async function eraseTurnEffects(models: Models, scope: Filter<TurnDocument>): Promise<string[]> {
  const projection = { inboxId: 1, 'joined.inboxId': 1, 'effects.outbox.id': 1, 'effects.facts.id': 1 };
  const turns = await nativeCollection(models.turns).find(scope, { projection }).toArray();
  const outbox = nativeCollection(models.outbox);
  const ownIds = turns.flatMap((turn) => turn.effects.outbox.map((item) => item.id));
  const moved = await outbox.find({ _id: { $in: ownIds }, state: 'moved' }, { projection: { movedTo: 1 } }).toArray();
  const outboxIds = [...ownIds, ...moved.flatMap(({ movedTo = [] }) => movedTo)];
  const inboxIds = turns.flatMap(({ inboxId, joined = [] }) => [inboxId, ...joined.map((event) => event.inboxId)]);
  await Promise.all([
    nativeCollection(models.inbox).deleteMany({ _id: { $in: inboxIds } }),
    outbox.deleteMany({ _id: { $in: outboxIds } }),
  ]);
  return turns.flatMap((turn) => turn.effects.facts.map((fact) => fact.id));
}

async function eraseConversation(models: Models, { conversationId, threadId, channel }: Session): Promise<void> {
  // The account is the only one that the web channel has; see channels/web/config.ts.
  const identity = { channel, account: 'default', userId: threadId };
  const anonymousContact = contactIdOf(identity);
  const conversation = await nativeCollection(models.conversations).findOne({ _id: conversationId }, { projection: { contactId: 1 } });
  if (conversation !== null && conversation.contactId !== anonymousContact) {
    // It was linked to a person: what came from here goes, the person stays.
    await nativeCollection(models.memories).deleteMany({ ownerId: conversation.contactId, via: anonymousContact });
    await nativeCollection(models.contacts).updateOne({ _id: conversation.contactId }, { $pull: { identities: identity } });
  }
  await Promise.all([
    nativeCollection(models.inbox).deleteMany({ conversationId, state: 'pending' }),
    nativeCollection(models.outbox).deleteMany({ conversationId, open: true }),
    nativeCollection(models.conversations).deleteOne({ _id: conversationId }),
    nativeCollection(models.contacts).deleteOne({ _id: anonymousContact }),
  ]);
}
