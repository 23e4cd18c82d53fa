/** Reads all that is kept of a person, as it is handed out to them: a collection at a time, document by document. */
import { type PersonData } from '../domain/person.js';
import { conversationOf } from './conversation-store.js';
import { messageOf, messageQueries } from './message-log.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';
import { conversationsOf, personErasureQueries } from './person-erasure.js';
import { eventOf, ticketOf, ticketQueries } from './ticket-store.js';

/** @param contactIds all those that stand for the person */
export async function readPerson(models: Models, contactIds: readonly string[]): Promise<PersonData> {
  const conversations = await conversationsOf(models, contactIds);
  const ids = conversations.map(({ _id }) => _id);
  const sessions = (
    await Promise.all(ids.map((conversationId) => nativeCollection(models.sessions).find({ conversationId }).toArray()))
  ).flat();
  const threadIds = sessions.map(({ threadId }) => threadId);
  return {
    conversations: conversations.map(conversationOf),
    sessions: sessions.map(({ _id, openedBy: _openedBy, statusTurnId: _statusTurnId, ...session }) => ({ id: _id, ...session })),
    messages: messagesOf(models, threadIds),
    facts: factsOf(models, [...contactIds, ...threadIds]),
    files: filesOf(models, ids),
    turns: turnsOf(models, ids),
    cases: casesOf(models, ids),
  };
}

async function* messagesOf(models: Models, threadIds: readonly string[]): PersonData['messages'] {
  for (const threadId of threadIds) {
    const said = nativeCollection(models.messages).find(messageQueries.ofThread(threadId)).sort(messageQueries.oldestFirst);
    for await (const message of said) yield messageOf(message);
  }
}

async function* factsOf(models: Models, ownerIds: readonly string[]): PersonData['facts'] {
  for await (const { _id, via: _via, ...fact } of nativeCollection(models.memories).find(personErasureQueries.factsOf(ownerIds)))
    yield { id: _id, ...fact };
}

async function* filesOf(models: Models, conversationIds: readonly string[]): PersonData['files'] {
  for (const conversationId of conversationIds) {
    const files = nativeCollection(models.attachments).find({ conversationId }, { projection: { chunks: 0 } });
    for await (const { _id, parts: _parts, chunks: _chunks, ...file } of files) yield { id: _id, ...file };
  }
}

async function* turnsOf(models: Models, conversationIds: readonly string[]): PersonData['turns'] {
  for (const conversationId of conversationIds) {
    const turns = nativeCollection(models.turns).find(personErasureQueries.turnsOf(conversationId), {
      projection: { effects: 0, steps: 0 },
    });
    for await (const { _id, threadId, startedAt, language, intent, entities, outcome } of turns)
      yield { id: _id, conversationId, threadId, startedAt, language, intent, entities, outcome };
  }
}

async function* casesOf(models: Models, conversationIds: readonly string[]): PersonData['cases'] {
  for (const conversationId of conversationIds)
    for await (const ticket of nativeCollection(models.tickets).find(ticketQueries.ofConversation(conversationId))) {
      const events = nativeCollection(models.ticketEvents).find(ticketQueries.events(ticket._id, 0)).sort(ticketQueries.inOrder);
      yield { ticket: ticketOf(ticket), events: (await events.toArray()).map(eventOf) };
    }
}
