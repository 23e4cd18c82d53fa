/**
 * Links between a person's identities. Nothing is merged for good: conversations point to the contact that stands for the person, and what they
 * pointed to before follows from their own channel's identity, so that a link can be undone.
 */
import { randomInt } from 'node:crypto';
import { type Filter } from 'mongodb';
import { type ContactLinks, type LinkParty } from '../domain/contact.js';
import { contactIdOf, derivedId } from '../domain/ids.js';
import { type Message } from '../domain/message.js';
import { messageQueries } from './message-log.js';
import { type ContactDocument } from './models/contacts.js';
import { type ConversationDocument } from './models/conversations.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';

const CODE_MS = 600_000;
/** Crockford's base 32: no letters that are taken for digits. Eight of them are 40 bits. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_CHARS = 8;
/** Conversations of one person that are looked through for what was said last. */
const MAX_CONVERSATIONS = 5;

/** The queries on conversations and contacts; a test explains them. */
export const linkQueries = {
  conversationsOf: (contactId: string): Filter<ConversationDocument> => ({ contactId }),
  latestFirst: { lastMessageAt: -1 },
  linkedTo: (contactId: string): Filter<ContactDocument> => ({ linkedTo: contactId }),
} as const;

export function createContactLinkStore(models: Models, now: () => Date = () => new Date()): ContactLinks {
  const codes = nativeCollection(models.linkCodes);
  const contacts = nativeCollection(models.contacts);
  const conversations = nativeCollection(models.conversations);
  const memories = nativeCollection(models.memories);
  const messages = nativeCollection(models.messages);

  /** What was learnt of `party` as long as it stood for itself. */
  const copyFacts = async (party: LinkParty, own: string, root: string): Promise<void> => {
    const owners = party.verified ? [own] : [own, party.threadId];
    const facts = await memories.find({ ownerId: { $in: owners } }).toArray();
    const copies = facts.map(({ _id: _id, ...fact }) => {
      const id = derivedId('fact', root, fact.kind, fact.value.toLowerCase());
      return { updateOne: { filter: { _id: id }, update: { $setOnInsert: { ...fact, ownerId: root, via: own } }, upsert: true } };
    });
    if (copies.length > 0) await memories.bulkWrite(copies, { ordered: false });
  };

  const link = async (party: LinkParty, root: string): Promise<void> => {
    const own = party.contactId;
    const { channel, account, userId, verified } = party;
    await contacts.updateOne({ _id: root }, { $addToSet: { identities: { channel, account, userId, verified } } });
    await contacts.updateOne({ _id: own }, { $set: { linkedTo: root } });
    await contacts.updateMany(linkQueries.linkedTo(own), { $set: { linkedTo: root } });
    await copyFacts(party, own, root);
    await conversations.updateMany(linkQueries.conversationsOf(own), { $set: { contactId: root, linked: true } });
    await conversations.updateMany(linkQueries.conversationsOf(root), { $set: { linked: true } });
  };

  const takeOut = async (root: string, own: string): Promise<void> => {
    await contacts.updateOne({ _id: own, linkedTo: root }, { $set: { linkedTo: null } });
    for (const conversation of await conversations.find(linkQueries.conversationsOf(root)).toArray()) {
      if (contactIdOf(conversation) !== own) continue;
      const { _id, channel, account, userId } = conversation;
      await conversations.updateOne({ _id }, { $set: { contactId: own, linked: false } });
      await contacts.updateOne({ _id: root }, { $pull: { identities: { channel, account, userId } } });
    }
    await memories.deleteMany({ ownerId: root, via: own });
  };

  return {
    async issueCode(party) {
      const code = Array.from({ length: CODE_CHARS }, () => ALPHABET[randomInt(ALPHABET.length)] ?? '').join('');
      await codes.insertOne({ _id: hashOf(code), issuer: party, expiresAt: new Date(now().getTime() + CODE_MS), usedBy: null });
      return `${code.slice(0, 4)}-${code.slice(4)}`;
    },

    async redeem(code, party, turnId) {
      const _id = hashOf(code);
      const found = await codes.findOne({ _id, expiresAt: { $gt: now() }, usedBy: { $in: [null, turnId] } });
      if (found === null) return { outcome: 'unknown-code' };
      const { issuer } = found;
      if (issuer.channel === party.channel && issuer.account === party.account) return { outcome: 'same-channel' };
      // As they are now: the issuer may have been linked since.
      const issuerContact = (await conversations.findOne({ _id: issuer.conversationId }))?.contactId ?? issuer.contactId;
      if (found.usedBy === null && issuerContact === party.contactId) return { outcome: 'same-contact' };
      const { matchedCount } = await codes.updateOne({ _id, usedBy: { $in: [null, turnId] } }, { $set: { usedBy: turnId } });
      if (matchedCount === 0) return { outcome: 'unknown-code' };
      // Who the platform vouches for stands for both.
      const joined = { ...issuer, contactId: issuerContact };
      const [root, other] = issuer.verified || !party.verified ? [joined, party] : [party, joined];
      if (root.contactId !== other.contactId) await link(other, root.contactId);
      return { outcome: 'linked', contactId: root.contactId, otherChannel: issuer.channel };
    },

    async unlink({ contactId, ...identity }) {
      const own = contactIdOf(identity);
      if (own !== contactId) {
        await takeOut(contactId, own);
        const left = await contacts.countDocuments(linkQueries.linkedTo(contactId));
        if (left === 0) await conversations.updateMany(linkQueries.conversationsOf(contactId), { $set: { linked: false } });
        return 1;
      }
      const others = await contacts.find(linkQueries.linkedTo(own)).toArray();
      for (const { _id } of others) await takeOut(own, _id);
      await conversations.updateMany(linkQueries.conversationsOf(own), { $set: { linked: false } });
      return others.length;
    },

    async windowOf(contactId, limit) {
      const latest = conversations.find(linkQueries.conversationsOf(contactId)).sort(linkQueries.latestFirst).limit(MAX_CONVERSATIONS);
      const threads = (await latest.toArray()).flatMap(({ threadId }) => threadId ?? []);
      const windows = threads.map((threadId) =>
        messages.find(messageQueries.ofThread(threadId)).sort(messageQueries.newestFirst).limit(limit).toArray(),
      );
      return (await Promise.all(windows))
        .flat()
        .map(({ _id, ...message }): Message => ({ id: _id, ...message }))
        .sort((one, other) => one.order - other.order)
        .slice(-limit);
    },
  };
}

/** As people type it: case, blanks and hyphens do not matter, and neither do the letters that look like digits. */
function hashOf(code: string): string {
  const typed = code.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  return derivedId('link', typed);
}
