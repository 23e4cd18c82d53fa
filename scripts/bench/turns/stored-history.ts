/** Makes a service's database as large as after months of use: copies of what real turns wrote, under ids of their own. */
import { type Collection, type Db, type Document, MongoBulkWriteError } from 'mongodb';

/** What a message leaves behind, in the order in which it is read from. */
const COLLECTIONS = ['contacts', 'conversations', 'sessions', 'inbox', 'turns', 'messages', 'outbox'] as const;
const BATCH = 1_000;
/** Of the digits behind the head, a copy has its number in the first eight. */
const ID = /^([a-z]+_)([0-9a-f]{8})([0-9a-f]{8})([0-9a-f]{8,}(?::\d+)?)$/;
/** The number of a copy is below this; of the real ids, one in a million is too, and is not copied. */
const COPY = /^[a-z]+_[0-9a-f]{8}00000/;
const DUPLICATE_KEY = 11000;

/** Copies the turns that are there until about so many messages are stored, or goes on with that. Returns the number stored. */
export async function growHistory(db: Db, messages: number): Promise<number> {
  const own = (await realOnes(db.collection<Stored>('messages'))).length;
  if (own === 0) throw new Error('there are no turns to copy yet');
  const copies = Math.ceil(messages / own) - 1;
  for (const name of COLLECTIONS) await copyAll(db.collection<Stored>(name), copies);
  return own * (copies + 1);
}

type Stored = Document & { readonly _id: string };

/** What was there before the first copy: the engine gives documents in the order in which they were stored. */
async function realOnes(collection: Collection<Stored>): Promise<Stored[]> {
  const real: Stored[] = [];
  for await (const document of collection.find()) {
    if (COPY.test(document._id)) break;
    real.push(document);
  }
  return real;
}

async function copyAll(collection: Collection<Stored>, copies: number): Promise<void> {
  const real = await realOnes(collection);
  const last = real.at(-1);
  if (last === undefined) return;
  let copy = 1;
  while (copy <= copies && (await collection.findOne({ _id: idOfCopy(last._id, copy) })) !== null) copy += 1;
  let batch: Stored[] = [];
  for (; copy <= copies; copy++) {
    for (const document of real) batch.push(copyOf(document, copy) as Stored);
    if (batch.length < BATCH && copy < copies) continue;
    await insertMissing(collection, batch);
    batch = [];
  }
}

/** The copy at which it was cut off may be there in part. */
async function insertMissing(collection: Collection<Stored>, documents: readonly Stored[]): Promise<void> {
  try {
    await collection.insertMany(documents, { ordered: false });
  } catch (thrown) {
    if (!(thrown instanceof MongoBulkWriteError) || thrown.code !== DUPLICATE_KEY) throw thrown;
  }
}

/** The same value with each id in it changed alike, so that copies refer to one another as the originals do. */
function copyOf(value: unknown, copy: number): unknown {
  if (typeof value === 'string') return idOfCopy(value, copy);
  if (Array.isArray(value)) return value.map((element) => copyOf(element, copy));
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([field, element]) => [field, copyOf(element, copy)]));
}

/** Ids are hashes: those of copies lie as far apart, or all that is written later would find its place beside few pages of an index. */
const idOfCopy = (id: string, copy: number): string =>
  id.replace(ID, (_, prefix: string, head: string, _replaced, tail: string) => {
    const spread = (parseInt(head, 16) ^ Math.imul(copy, 0x9e3779b1)) >>> 0;
    return prefix + eightDigits(spread) + eightDigits(copy) + tail;
  });

const eightDigits = (value: number): string => value.toString(16).padStart(8, '0');
