/** A person and what is kept of them to JSON. An export is written as it is read, a record at a time. */
import type { Person, PersonData, PersonRequest } from '../domain/person.js';
import type { TicketEvent } from '../domain/ticket.js';
import type { ContactView, PersonExport, PersonRequestView } from './contact-schemas.js';
import { writtenIn } from './ticket-views.js';
import { messageView } from './views.js';

export const contactView = ({ contact, linked }: Person): ContactView => ({
  id: contact.id,
  name: contact.displayName,
  created_at: contact.createdAt.toISOString(),
  identities: contact.identities.map(({ channel, account, userId, verified }) => ({ channel, account, user_id: userId, verified })),
  linked: linked.map(({ id }) => id),
});

export const personRequestView = ({ id, kind, contactId, by, requestedAt, doneAt }: PersonRequest): PersonRequestView => ({
  ...{ id, kind, by },
  contact_id: contactId,
  requested_at: requestedAt.toISOString(),
  done_at: isoOf(doneAt),
});

/** The text of the JSON document, in pieces. */
export async function* exportText(person: Person, data: PersonData, at: Date): AsyncGenerator<string> {
  yield `{"exported_at":${JSON.stringify(at.toISOString())},"contact":${JSON.stringify(contactView(person))}`;
  yield* section('conversations', data.conversations, (conversation): PersonExport['conversations'][number] => ({
    id: conversation.id,
    channel: conversation.channel,
    account: conversation.account,
    thread: conversation.channel === 'web' ? null : conversation.threadKey,
    user_id: conversation.userId,
    language: conversation.language,
    created_at: conversation.createdAt.toISOString(),
    last_message_at: isoOf(conversation.lastMessageAt),
  }));
  yield* section('sessions', data.sessions, (session): PersonExport['sessions'][number] => ({
    thread_id: session.threadId,
    conversation_id: session.conversationId,
    user_id: session.userId,
    status: session.status,
    created_at: session.createdAt.toISOString(),
    last_activity: session.lastActivity.toISOString(),
    metadata: session.metadata,
  }));
  yield* section('messages', data.messages, (message): PersonExport['messages'][number] => ({
    ...messageView(message),
    thread_id: message.threadId,
    conversation_id: message.conversationId,
    edited: message.editedAt !== null,
    deleted: message.deletedAt !== null,
  }));
  yield* section('facts', data.facts, ({ kind, value, importance, learnedAt, expiresAt }): PersonExport['facts'][number] => ({
    ...{ kind, value, importance },
    learned_at: learnedAt.toISOString(),
    expires_at: isoOf(expiresAt),
  }));
  yield* section(
    'files',
    data.files,
    ({ id, threadId, filename, contentType, sizeBytes, text, createdAt }): PersonExport['files'][number] => ({
      ...{ id, filename, text },
      thread_id: threadId,
      content_type: contentType,
      size_bytes: sizeBytes,
      created_at: createdAt.toISOString(),
    }),
  );
  yield* section(
    'turns',
    data.turns,
    ({ id, threadId, startedAt, language, intent, entities, outcome }): PersonExport['turns'][number] => ({
      ...{ id, language, outcome },
      thread_id: threadId,
      at: startedAt.toISOString(),
      intent: intent?.name ?? null,
      entities: { ...entities },
    }),
  );
  yield* section('cases', data.cases, ({ ticket, events }): PersonExport['cases'][number] => ({
    id: ticket.id,
    status: ticket.status,
    priority: ticket.priority,
    reasons: [...ticket.reasons],
    summary: ticket.summary,
    score: ticket.score,
    created_at: ticket.createdAt.toISOString(),
    closed_at: isoOf(ticket.closedAt),
    events: events.map(caseEventView),
  }));
  yield '}';
}

/** `,"<name>":[…]`. */
async function* section<Kept>(
  name: string,
  kept: Iterable<Kept> | AsyncIterable<Kept>,
  view: (kept: Kept) => object,
): AsyncGenerator<string> {
  yield `,${JSON.stringify(name)}:[`;
  let before = '';
  for await (const one of kept) {
    yield before + JSON.stringify(view(one));
    before = ',';
  }
  yield ']';
}

const caseEventView = ({ seq, at, by, change }: TicketEvent): PersonExport['cases'][number]['events'][number] => ({
  ...{ seq, kind: change.kind, text: writtenIn(change) },
  at: at.toISOString(),
  by: by.kind === 'agent' ? by.agent.name : by.kind,
});

const isoOf = (at: Date | null): string | null => at?.toISOString() ?? null;
