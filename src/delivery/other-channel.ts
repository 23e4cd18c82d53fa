/**
 * Another way to a person whose platform takes no reply any more: the reply goes to a conversation of theirs on a linked channel that may write first,
 * and says where it was asked for. It goes there once, however often this is run for it.
 */
import { type Collection } from 'mongodb';
import { type Channel, type ChannelCapabilities } from '../domain/channel.js';
import { type OutboundContent } from '../domain/content.js';
import { type Conversation } from '../domain/conversation.js';
import { derivedId } from '../domain/ids.js';
import { linkQueries } from '../storage/contact-link-store.js';
import { type ContactDocument } from '../storage/models/contacts.js';
import { type ConversationDocument } from '../storage/models/conversations.js';
import { type OutboxDocument } from '../storage/models/outbox.js';
import { freshEntry } from './fresh-entry.js';

/** The content of a reply as another channel can show it; before the first one stands where it was asked for. */
export type FitElsewhere = (
  content: OutboundContent,
  asked: { readonly channel: string; readonly language: string | null; readonly first: boolean },
  capabilities: ChannelCapabilities,
) => readonly OutboundContent[];

export interface OtherChannel {
  /** Ids of the entries that go out in place of this one; null: there is no other way. */
  take(entry: OutboxDocument): Promise<readonly string[] | null>;
}

export interface OtherChannelDeps {
  readonly outbox: Collection<OutboxDocument>;
  readonly conversations: Collection<ConversationDocument>;
  readonly contacts: Collection<ContactDocument>;
  readonly conversationOf: (id: string) => Promise<Conversation | null>;
  readonly channelOf: (at: { readonly channel: string; readonly account: string }) => Channel | undefined;
  /** Left out: nothing goes elsewhere. */
  readonly fit: FitElsewhere | undefined;
  readonly wake: (conversationId: string) => void;
}

/** Linked conversations that are looked through, those first that were used last. */
const MAX_CONVERSATIONS = 20;
/** Parts that one content may become on the other channel. */
const MAX_PARTS = 1000;

export function createOtherChannel(deps: OtherChannelDeps): OtherChannel {
  const { outbox, conversations, contacts, conversationOf, channelOf, fit, wake } = deps;

  /** The platforms vouch for both: the person here, by whom the link was made, and the identity there. */
  const linkedTo = async ({ id, contactId }: Conversation): Promise<ConversationDocument | undefined> => {
    const [others, contact] = await Promise.all([
      conversations.find(linkQueries.conversationsOf(contactId)).sort(linkQueries.latestFirst).limit(MAX_CONVERSATIONS).toArray(),
      contacts.findOne({ _id: contactId }),
    ]);
    const isVerified = ({ channel, account, userId }: ConversationDocument) =>
      contact?.identities.some(
        (known) => known.verified && known.channel === channel && known.account === account && known.userId === userId,
      );
    return others.find(
      (other) => other._id !== id && channelOf(other)?.mayWriteFirst?.(other.threadKey) === true && isVerified(other) === true,
    );
  };

  return {
    async take(entry) {
      if (fit === undefined || entry.to.scope === 'group' || entry.content.kind === 'template') return null;
      const here = await conversationOf(entry.conversationId);
      const there = here?.linked === true ? await linkedTo(here) : undefined;
      const channel = there === undefined ? undefined : channelOf(there);
      if (here === null || there === undefined || channel === undefined) return null;
      const asked = { channel: entry.channel, language: here.language, first: entry.part === 0 };
      const content = fit(entry.content, asked, channel.capabilities);
      const entries = content.map((part, index) => entryFor(entry, there, part, { index, last: index === content.length - 1 }));
      for (const { _id, ...fresh } of entries) await outbox.updateOne({ _id }, { $setOnInsert: fresh }, { upsert: true });
      wake(there._id);
      return entries.map(({ _id }) => _id);
    },
  };
}

function entryFor(
  entry: OutboxDocument,
  { _id: conversationId, channel, account, threadKey, userId }: ConversationDocument,
  content: OutboundContent,
  { index, last }: { readonly index: number; readonly last: boolean },
): OutboxDocument {
  const { repliesUntil: _repliesUntil, place: _place, delivery: _delivery, ...like } = entry;
  const now = new Date();
  return {
    ...like,
    ...{ channel, account, conversationId, content },
    _id: derivedId('out', entry._id, 'elsewhere', index),
    to: { conversationId, threadKey, userId, scope: 'direct' },
    part: entry.part * MAX_PARTS + index,
    last: entry.last && last,
    replyTo: null,
    ...freshEntry(now),
  };
}
