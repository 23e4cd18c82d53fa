/**
 * The registry of collections. To add one: a file beside this one with the document's interface, its schema, its indexes and its define function,
 * then a line in each of the two tables below.
 */
import { type Connection } from 'mongoose';
import { ConfigurationError } from '../../domain/errors.js';
import { API_KEY_INDEXES, defineApiKeyModel } from './api-keys.js';
import { ATTACHMENT_PART_INDEXES, defineAttachmentPartModel } from './attachment-parts.js';
import { ATTACHMENT_INDEXES, defineAttachmentModel } from './attachments.js';
import { CHANNEL_LINE_PART_INDEXES, defineChannelLinePartModel } from './channel-line-parts.js';
import { CHANNEL_LINE_INDEXES, defineChannelLineModel } from './channel-lines.js';
import { CHUNK_INDEXES, defineChunkModel } from './chunks.js';
import { CONTACT_INDEXES, defineContactModel } from './contacts.js';
import { CONVERSATION_INDEXES, defineConversationModel } from './conversations.js';
import { defineDeskPlaceModel, DESK_PLACE_INDEXES } from './desk-places.js';
import { defineDocumentModel, DOCUMENT_INDEXES } from './documents.js';
import { defineInboxModel, INBOX_INDEXES } from './inbox.js';
import { type IndexDeclaration } from './index-declaration.js';
import { defineKnowledgeVersionModel, KNOWLEDGE_VERSION_INDEXES } from './knowledge-versions.js';
import { defineLinkCodeModel, LINK_CODE_INDEXES } from './link-codes.js';
import { defineMemoryModel, MEMORY_INDEXES } from './memories.js';
import { defineMessageModel, MESSAGE_INDEXES } from './messages.js';
import { defineMovedThreadModel, MOVED_THREAD_INDEXES } from './moved-threads.js';
import { defineOutboxModel, OUTBOX_INDEXES } from './outbox.js';
import { definePersonRequestModel, PERSON_REQUEST_INDEXES } from './person-requests.js';
import { defineProductModel, PRODUCT_INDEXES } from './products.js';
import { defineRateLimitModel, RATE_LIMIT_INDEXES } from './rate-limits.js';
import { defineSessionModel, SESSION_INDEXES } from './sessions.js';
import { defineTicketEventModel, TICKET_EVENT_INDEXES } from './ticket-events.js';
import { defineTicketModel, TICKET_INDEXES } from './tickets.js';
import { defineTurnModel, TURN_INDEXES } from './turns.js';
import { defineUnknownPayloadModel, UNKNOWN_PAYLOAD_INDEXES } from './unknown-payloads.js';

export type Models = ReturnType<typeof defineModels>;

/** All models on one connection. */
export function defineModels(connection: Connection) {
  return {
    inbox: defineInboxModel(connection),
    outbox: defineOutboxModel(connection),
    conversations: defineConversationModel(connection),
    contacts: defineContactModel(connection),
    messages: defineMessageModel(connection),
    turns: defineTurnModel(connection),
    memories: defineMemoryModel(connection),
    tickets: defineTicketModel(connection),
    ticketEvents: defineTicketEventModel(connection),
    deskPlaces: defineDeskPlaceModel(connection),
    sessions: defineSessionModel(connection),
    attachments: defineAttachmentModel(connection),
    attachmentParts: defineAttachmentPartModel(connection),
    apiKeys: defineApiKeyModel(connection),
    rateLimits: defineRateLimitModel(connection),
    documents: defineDocumentModel(connection),
    chunks: defineChunkModel(connection),
    products: defineProductModel(connection),
    knowledgeVersions: defineKnowledgeVersionModel(connection),
    unknownPayloads: defineUnknownPayloadModel(connection),
    linkCodes: defineLinkCodeModel(connection),
    channelLines: defineChannelLineModel(connection),
    channelLineParts: defineChannelLinePartModel(connection),
    movedThreads: defineMovedThreadModel(connection),
    personRequests: definePersonRequestModel(connection),
  };
}

export const INDEXES: Readonly<Record<keyof Models, readonly IndexDeclaration[]>> = {
  inbox: INBOX_INDEXES,
  outbox: OUTBOX_INDEXES,
  conversations: CONVERSATION_INDEXES,
  contacts: CONTACT_INDEXES,
  messages: MESSAGE_INDEXES,
  turns: TURN_INDEXES,
  memories: MEMORY_INDEXES,
  tickets: TICKET_INDEXES,
  ticketEvents: TICKET_EVENT_INDEXES,
  deskPlaces: DESK_PLACE_INDEXES,
  sessions: SESSION_INDEXES,
  attachments: ATTACHMENT_INDEXES,
  attachmentParts: ATTACHMENT_PART_INDEXES,
  apiKeys: API_KEY_INDEXES,
  rateLimits: RATE_LIMIT_INDEXES,
  documents: DOCUMENT_INDEXES,
  chunks: CHUNK_INDEXES,
  products: PRODUCT_INDEXES,
  knowledgeVersions: KNOWLEDGE_VERSION_INDEXES,
  unknownPayloads: UNKNOWN_PAYLOAD_INDEXES,
  linkCodes: LINK_CODE_INDEXES,
  channelLines: CHANNEL_LINE_INDEXES,
  channelLineParts: CHANNEL_LINE_PART_INDEXES,
  movedThreads: MOVED_THREAD_INDEXES,
  personRequests: PERSON_REQUEST_INDEXES,
};

/** Codes of MongoDB for "an index of that key or name is there with other options". */
const INDEX_CONFLICTS: readonly unknown[] = [85, 86];

/** "No such collection" and "no such index". */
const NOTHING_TO_DROP: readonly unknown[] = [26, 27];

/** Drops what was replaced and builds every declared index that is missing. Throws ConfigurationError where there is one with other options. */
export async function buildIndexes(models: Models): Promise<void> {
  await Promise.all(
    Object.entries(INDEXES).map(async ([name, declarations]) => {
      if (declarations.length === 0) return;
      const { collection } = models[name as keyof Models];
      for (const { replaces } of declarations) if (replaces !== undefined) await dropIndex(collection, replaces);
      try {
        await collection.createIndexes(declarations.map(({ key, options }) => ({ key: { ...key }, ...options })));
      } catch (thrown) {
        if (!INDEX_CONFLICTS.includes((thrown as { code?: unknown }).code)) throw thrown;
        throw new ConfigurationError(
          `The collection ${collection.name} has an index with other options than this version needs: drop its indexes and start again.`,
          { cause: thrown },
        );
      }
    }),
  );
}

async function dropIndex(collection: Pick<Models['inbox']['collection'], 'dropIndex'>, name: string): Promise<void> {
  try {
    await collection.dropIndex(name);
  } catch (thrown) {
    if (!NOTHING_TO_DROP.includes((thrown as { code?: unknown }).code)) throw thrown;
  }
}
