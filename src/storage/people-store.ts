/** People in MongoDB: who stands for whom, what is kept of them, and the audit of what was asked for about them. */
import { type Filter } from 'mongodb';
import { type Contact } from '../domain/contact.js';
import { contactIdOf, randomId } from '../domain/ids.js';
import { type People, type Person, type PersonRequest } from '../domain/person.js';
import { linkQueries } from './contact-link-store.js';
import { type ContactDocument } from './models/contacts.js';
import { type Models } from './models/index.js';
import { type PersonRequestDocument } from './models/person-requests.js';
import { nativeCollection } from './native-collection.js';
import { contactIdsOf, conversationsOf, eraseContacts, eraseConversation, eraseLate, eraseLeads } from './person-erasure.js';
import { readPerson } from './person-data.js';

/** A turn that had begun before the erasure has ended by then: it takes a minute at most. */
const SETTLED_MS = 120_000;

/** The queries on the audit; a test explains them. */
export const personRequestQueries = {
  open: { doneAt: null } satisfies Filter<PersonRequestDocument>,
  of: (contactId: string): Filter<PersonRequestDocument> => ({ contactIds: contactId, kind: 'erasure' }),
  newestFirst: { requestedAt: -1 },
} as const;

export function createPeopleStore(models: Models, now: () => Date = () => new Date()): People {
  const contacts = nativeCollection(models.contacts);
  const requests = nativeCollection(models.personRequests);

  const find = async (contactId: string): Promise<Person | null> => {
    const found = await contacts.findOne({ _id: contactId });
    const root = found === null || found.linkedTo === null ? found : ((await contacts.findOne({ _id: found.linkedTo })) ?? found);
    if (root === null) return null;
    const linked = await contacts.find(linkQueries.linkedTo(root._id)).toArray();
    return { contact: contactOf(root), linked: linked.map(contactOf) };
  };

  const lastErasure = async (contactId: string): Promise<PersonRequestDocument | null> =>
    requests.findOne(personRequestQueries.of(contactId), { sort: personRequestQueries.newestFirst });

  const isKnown = async (contactId: string): Promise<boolean> =>
    (await find(contactId)) !== null || (await conversationsOf(models, [contactId])).length > 0;

  /** Goes through all that is there. What it meets is noted first: it is what the rest of the erasure goes by. */
  const eraseAll = async ({ _id, contactId }: PersonRequestDocument): Promise<void> => {
    const contactIds = await contactIdsOf(models, contactId);
    const conversations = await conversationsOf(models, contactIds);
    const conversationIds = { $each: conversations.map((conversation) => conversation._id) };
    await requests.updateOne({ _id }, { $addToSet: { contactIds: { $each: contactIds }, conversationIds } });
    for (const conversation of conversations) {
      await eraseLeads(models, conversation);
      await eraseConversation(models, conversation._id);
    }
    await eraseContacts(models, contactIds);
    await requests.updateOne({ _id }, { $set: { erasedAt: now() } });
  };

  const settle = async ({ _id, contactIds, conversationIds, requestedAt }: PersonRequestDocument): Promise<void> => {
    for (const conversationId of conversationIds) await eraseLate(models, conversationId, requestedAt);
    // Whoever has written again since is known again.
    for (const contactId of contactIds)
      if ((await conversationsOf(models, [contactId])).length === 0) await eraseContacts(models, [contactId]);
    await requests.updateOne({ _id }, { $set: { doneAt: now() } });
  };

  const note = async (kind: PersonRequest['kind'], contactId: string, by: string): Promise<PersonRequestDocument> => {
    const at = now();
    const ids = { contactIds: [contactId], conversationIds: [], erasedAt: null };
    const noted = { _id: randomId('preq'), kind, contactId, by, requestedAt: at, doneAt: kind === 'export' ? at : null, ...ids };
    await requests.insertOne(noted);
    return noted;
  };

  return {
    find,
    findByIdentity: (identity) => find(contactIdOf(identity)),

    async exportOf(person, by) {
      await note('export', person.contact.id, by);
      return readPerson(models, [person.contact.id, ...person.linked.map(({ id }) => id)]);
    },

    async erase(contactId, by) {
      const rootId = (await find(contactId))?.contact.id ?? contactId;
      const last = await lastErasure(rootId);
      const begun = last?.erasedAt === null ? last : null;
      if (begun === null && !(await isKnown(rootId))) return last === null ? null : requestOf(last);
      const request = begun ?? (await note('erasure', rootId, by));
      await eraseAll(request);
      return requestOf(request);
    },

    async resume(at) {
      const open = await requests.find(personRequestQueries.open).toArray();
      let ended = 0;
      for (const request of open) {
        if (request.erasedAt === null) await eraseAll(request);
        else if (at.getTime() - request.erasedAt.getTime() >= SETTLED_MS) {
          await settle(request);
          ended += 1;
        }
      }
      return ended;
    },

    async requests(limit) {
      const newest = requests.find({}).sort(personRequestQueries.newestFirst).limit(limit);
      return (await newest.toArray()).map(requestOf);
    },
  };
}

const contactOf = ({ _id, ...contact }: ContactDocument): Contact => ({ id: _id, ...contact });

const requestOf = ({ _id, kind, contactId, by, requestedAt, doneAt }: PersonRequestDocument): PersonRequest => ({
  id: _id,
  ...{ kind, contactId, by, requestedAt, doneAt },
});
