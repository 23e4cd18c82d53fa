/** `npm run data` as a process of its own, and data that is hard to carry over: ids of all types, fields named like numbers, every kind of index. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BSON, type Document } from 'bson';
import { Binary, Decimal128, Double, Long, MaxKey, MinKey, type MongoClient, ObjectId, Timestamp } from 'mongodb';
import { PROJECT } from '../../fakes/service-process.js';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts it and does not wait; `DATA_DIR` and the like go into `environment`. */
export function launchData(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const child: ChildProcess = spawn(process.execPath, [join(PROJECT, 'scripts/run.mjs'), 'scripts/data', ...args], {
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  const finished = new Promise<Finished>((resolve) => child.once('close', (code) => resolve({ code, ...printed })));
  return { child, finished };
}

export const runData = (args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Finished> =>
  launchData(args, environment).finished;

/** `_id`s of every type that may be one, such that comparing within a type, or as JavaScript values, would lose some. */
const IDS: readonly unknown[] = [
  new MinKey(),
  null,
  NaN,
  -Infinity,
  new Long(-7n),
  new Double(-0),
  2.5,
  new Decimal128('3.25'),
  Infinity,
  '',
  '$dollar',
  'text',
  new Map<string, unknown>([
    ['2', 1],
    ['1', 'x'],
  ]),
  { a: { b: [1, { c: null }] } },
  new Binary(Buffer.from('bytes')),
  new ObjectId('0123456789abcdef01234567'),
  false,
  true,
  new Date(0),
  new Timestamp({ t: 5, i: 6 }),
  new MaxKey(),
];

/** Documents of `many`; more than one batch. */
export const MANY = 1200;

/** Fills the databases `parley` and `other`. */
export async function seed(client: MongoClient, many = MANY): Promise<void> {
  const db = client.db('parley');
  const odd = IDS.map((_id, position) =>
    BSON.serialize(
      new Map<string, unknown>([
        ['_id', _id],
        ['position', position],
        [
          '10',
          new Map([
            ['9', new Double(2)],
            ['1', new Double(-0)],
          ]),
        ],
        ['__proto__', 'kept'],
        ['long', new Long(1n)],
      ]) as Document,
    ),
  );
  await insertBytes(client, 'odd', odd);
  const rows = Array.from({ length: many }, (_, n) => ({
    _id: (n % 3 === 0 ? `text ${n}` : n % 3 === 1 ? n : { n }) as unknown as ObjectId,
    n,
    at: new Date(1_700_000_000_000 + n),
    expires: new Date(0),
    email: `User${n}@example.org`,
    tags: ['a', n],
    padding: 'x'.repeat(1000),
  }));
  for (let from = 0; from < many; from += 1000) await db.collection('many').insertMany(rows.slice(from, from + 1000));
  await db
    .collection('many')
    .createIndexes([
      { key: { n: 1 } },
      { key: { email: 1 }, unique: true, collation: { locale: 'en', strength: 2 } },
      { key: { tags: 1, n: -1 } },
      { key: { n: -1, email: 1 }, name: 'partial', partialFilterExpression: { n: { $gt: 5 } } },
      { key: { absent: 1 }, sparse: true },
      { key: { expires: 1 }, expireAfterSeconds: 2_000_000_000 },
    ]);
  await db.createCollection('empty');
  await client.db('other').collection<Document>('name with / and %').insertOne({ x: 1 });
}

/** The driver's own way for serialized documents, as scripts/data uses it. */
async function insertBytes(client: MongoClient, collection: string, documents: readonly Uint8Array[]): Promise<void> {
  const { makeDocumentSequence } = createRequire(import.meta.url)('mongodb/lib/cmap/commands.js') as {
    makeDocumentSequence: (...args: unknown[]) => unknown;
  };
  const reply = await client
    .db('parley')
    .command({ insert: collection, documents: makeDocumentSequence('documents', documents, documents) });
  if (reply.n !== documents.length)
    throw new Error(`only ${reply.n} of ${documents.length} documents went in: ${JSON.stringify(reply.writeErrors)}`);
}

/** Everything in a database's collections: their documents' bytes in hex, in no order, and their indexes. Read apart from the tool. */
export async function dump(client: MongoClient, database: string): Promise<Record<string, { documents: string[]; indexes: unknown[] }>> {
  const found: Record<string, { documents: string[]; indexes: unknown[] }> = {};
  for (const { name } of await client.db(database).listCollections().toArray()) {
    const collection = client.db(database).collection(name);
    const raw = (await collection.find({}, { raw: true }).toArray()) as unknown as Buffer[];
    const indexes = await collection.indexes();
    found[name] = {
      documents: raw.map((document) => document.toString('hex')).sort(),
      indexes: indexes.map(({ name: index, key, unique, sparse, expireAfterSeconds }) => ({
        index,
        key,
        unique,
        sparse,
        expireAfterSeconds,
      })),
    };
  }
  return found;
}
