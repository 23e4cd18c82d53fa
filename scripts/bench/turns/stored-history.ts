/** Makes a service's database as large as after months of use: copies of what real turns wrote, under ids of their own. */
import { type Db, type Document } from 'mongodb';

/** What a message leaves behind, in the order in which it is read from. */
const COLLECTIONS = ['contacts', 'conversations', 'sessions', 'inbox', 'turns', 'messages', 'outbox'];
const BATCH = 1_000;
const ID = /^([a-z]+_)([0-9a-f]{8})([0-9a-f]{8,})$/;

/** Copies the turns that are there until at least so many messages are stored. Returns the number stored. */
export async function growHistory(db: Db, messages: number): Promise<number> {
  const templates = await Promise.all(COLLECTIONS.map((name) => db.collection(name).find().toArray()));
  const own = templates[COLLECTIONS.indexOf('messages')]?.length ?? 0;
  if (own === 0) throw new Error('there are no turns to copy yet');
  const copies = Math.ceil(messages / own) - 1;
  for (const [index, name] of COLLECTIONS.entries()) {
    const documents = templates[index] ?? [];
    let batch: Document[] = [];
    for (let copy = 1; copy <= copies; copy++) {
      for (const document of documents) batch.push(copyOf(document, copy) as Document);
      if (batch.length < BATCH && copy < copies) continue;
      await db.collection(name).insertMany(batch, { ordered: false });
      batch = [];
    }
  }
  return own * (copies + 1);
}

/** The same value with each id in it changed alike, so that copies refer to one another as the originals do. */
function copyOf(value: unknown, copy: number): unknown {
  if (typeof value === 'string')
    return value.replace(ID, (_, prefix: string, _head, tail: string) => prefix + copy.toString(16).padStart(8, '0') + tail);
  if (Array.isArray(value)) return value.map((element) => copyOf(element, copy));
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([field, element]) => [field, copyOf(element, copy)]));
}
