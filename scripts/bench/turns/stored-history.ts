/** Makes a service's database as large as after months of use: copies of what real turns wrote, under ids of their own. */
import { type Collection, type Db, type Document, MongoBulkWriteError } from 'mongodb';

/** What a message leaves behind, in the order in which it is read from, and how the ids there begin. */
const COLLECTIONS = [
  ['contacts', 'cont_'],
  ['conversations', 'conv_'],
  ['sessions', 'sess_'],
  ['inbox', 'evt_'],
  ['turns', 'turn_'],
  ['messages', 'msg_'],
  ['outbox', 'msg_'],
] as const;
const BATCH = 1_000;
const ID = /^([a-z]+_)([0-9a-f]{8})([0-9a-f]{8,}(?::\d+)?)$/;
/** Ids of copies have the copy's number for their first eight digits, far below this; of the real ones, one in 4,096 is, and is not copied. */
const FIRST_REAL = '001';
const DUPLICATE_KEY = 11000;

/** Copies the turns that are there until about so many messages are stored, or goes on with that. Returns the number stored. */
export async function growHistory(db: Db, messages: number): Promise<number> {
  const own = await db.collection<Stored>('messages').countDocuments({ _id: { $gte: `msg_${FIRST_REAL}` } });
  if (own === 0) throw new Error('there are no turns to copy yet');
  const copies = Math.ceil(messages / own) - 1;
  for (const [name, prefix] of COLLECTIONS) await copyAll(db.collection<Stored>(name), prefix, copies);
  return own * (copies + 1);
}

type Stored = Document & { readonly _id: string };

async function copyAll(collection: Collection<Stored>, prefix: string, copies: number): Promise<void> {
  const real = await collection.find({ _id: { $gte: prefix + FIRST_REAL } }).toArray();
  const [last] = await collection
    .find({ _id: { $lt: prefix + FIRST_REAL } }, { projection: { _id: 1 } })
    .sort({ _id: -1 })
    .limit(1)
    .toArray();
  // The last one may have been cut off.
  const from = last === undefined ? 1 : parseInt(last._id.slice(prefix.length, prefix.length + 8), 16);
  let batch: Stored[] = [];
  for (let copy = from; copy <= copies; copy++) {
    for (const document of real) batch.push(copyOf(document, copy) as Stored);
    if (batch.length < BATCH && copy < copies) continue;
    await insertMissing(collection, batch);
    batch = [];
  }
}

async function insertMissing(collection: Collection<Stored>, documents: readonly Stored[]): Promise<void> {
  try {
    await collection.insertMany(documents, { ordered: false });
  } catch (thrown) {
    if (!(thrown instanceof MongoBulkWriteError) || thrown.code !== DUPLICATE_KEY) throw thrown;
  }
}

/** The same value with each id in it changed alike, so that copies refer to one another as the originals do. */
function copyOf(value: unknown, copy: number): unknown {
  if (typeof value === 'string')
    return value.replace(ID, (_, prefix: string, _head, tail: string) => prefix + copy.toString(16).padStart(8, '0') + tail);
  if (Array.isArray(value)) return value.map((element) => copyOf(element, copy));
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([field, element]) => [field, copyOf(element, copy)]));
}
