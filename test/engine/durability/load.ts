// The load under which the engine is killed: writers with rows of their own, and beside them index builds, drops, updates of everything and
// documents that expire.
import { type Collection, type Db, MongoClient, MongoServerError } from 'mongodb';
import type { Expected, Row } from './expected.js';

const WRITERS = 16;
const SIDE_ROWS = 2_000;
const EXPIRING_ROWS = 200;
/** Each of the jobs beside the writers is in so many of the rounds: fewer at a time get further. */
const SHARE_OF_ROUNDS = 0.6;
/** What a build or an update may end with when its collection is dropped meanwhile. */
const DROPPED_MEANWHILE = [26, 27, 175, 276];

export type Random = () => number;

/** Numbers in [0, 1) that depend on the seed only (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Load {
  /** Resolves with the first acknowledged write. */
  readonly begun: Promise<void>;
  /** Resolves when all connections are broken; errors of the server that should not have been. */
  ended(): Promise<string[]>;
}

/** Starts the load of one round on a running engine. Names of rows and collections contain the round. */
export async function startLoad(uri: string, round: number, seed: number, expected: Expected): Promise<Load> {
  const client = await MongoClient.connect(uri, { maxPoolSize: WRITERS + 4, serverSelectionTimeoutMS: 300, retryReads: false });
  const db = client.db('test');
  const rows = db.collection<Row>('rows');
  const unexpected: string[] = [];
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const forever = async (name: string, step: () => Promise<void>): Promise<void> => {
    try {
      for (;;) {
        await step();
        begin();
      }
    } catch (error) {
      // an answer of the server has a code; anything else means that the process was killed
      if (error instanceof MongoServerError && typeof error.code === 'number') unexpected.push(`${name}: ${error.code} ${error.message}`);
    } finally {
      begin(); // nothing to wait for where it cannot even begin
    }
  };
  const jobs = Array.from({ length: WRITERS }, (_, writer) =>
    forever('a writer', writing(rows, `${round}-${writer}`, randomOf(seed * 1000 + writer), expected)),
  );
  const random = randomOf(seed * 1000 + 502);
  const beside: readonly (readonly [string, () => Promise<void>])[] = [
    ['the index builder', indexer(rows, randomOf(seed * 1000 + 500), expected)],
    ['the sweeper', sweeper(rows, round, expected)],
    ['the dropper', dropper(db, round, randomOf(seed * 1000 + 501), expected)],
    ['the expirer', expirer(db, round, expected)],
  ];
  for (const [name, step] of beside) if (random() < SHARE_OF_ROUNDS) jobs.push(forever(name, step));
  return {
    begun,
    async ended() {
      await Promise.all(jobs);
      await client.close(true);
      return unexpected;
    },
  };
}

/** Inserts, changes, moves in indexes and deletes rows of its own. */
function writing(rows: Collection<Row>, name: string, random: Random, expected: Expected): () => Promise<void> {
  const own: Row[] = [];
  let next = 0;
  return async () => {
    const at = Math.floor(random() * own.length);
    const row = own[at];
    const kind = random();
    if (!row || kind < 0.5) {
      const inserted: Row = { _id: `${name}-${next}`, n: 0, code: `${name}-${next}`, group: next % 7, sweep: 0 };
      next += 1;
      const done = expected.begin(inserted._id, inserted);
      await rows.insertOne(inserted);
      done();
      own.push(inserted);
      return;
    }
    if (kind < 0.8) {
      const changed: Row = { ...row, n: row.n + 1, ...(kind < 0.65 ? { code: `${row._id}-${next}-${row.n}` } : {}) };
      const done = expected.begin(row._id, changed);
      await rows.findOneAndUpdate({ _id: row._id }, { $inc: { n: 1 }, $set: { code: changed.code } });
      done();
      own[at] = changed;
      return;
    }
    const done = expected.begin(row._id, undefined);
    await rows.deleteOne({ _id: row._id });
    done();
    own.splice(at, 1);
  };
}

const INDEXES = [
  { key: { group: 1, n: -1 }, name: 'group' },
  { key: { code: 1 }, name: 'code', unique: true },
  { key: { n: 1 }, name: 'n' },
] as const;

/** Builds and drops indexes on the rows that the others write to. */
function indexer(rows: Collection<Row>, random: Random, expected: Expected): () => Promise<void> {
  return async () => {
    const { key, ...options } = INDEXES[Math.floor(random() * INDEXES.length)] as (typeof INDEXES)[number];
    const wanted = random() < 0.65;
    const done = expected.beginNamed(`index ${options.name}`, wanted);
    if (wanted) await rows.createIndex(key, options);
    else await rows.dropIndex(options.name);
    done();
  };
}

/** The `sweep` of rows grows from round to round, above this number in each. */
export function firstSweep(round: number): number {
  return round * 1_000_000;
}

/** Updates all rows again and again. */
function sweeper(rows: Collection<Row>, round: number, expected: Expected): () => Promise<void> {
  let sweep = firstSweep(round);
  return async () => {
    sweep += 1;
    const done = expected.beginSweep(sweep);
    await rows.updateMany({}, { $max: { sweep } });
    done();
  };
}

/** Drops the collections that earlier rounds left, then fills some, builds an index on them and drops them, sometimes in the middle of the build. */
function dropper(db: Db, round: number, random: Random, expected: Expected): () => Promise<void> {
  let next = 0;
  /** The result notes that the collection is gone. */
  const drop = async (name: string): Promise<() => void> => {
    const gone = expected.beginNamed(`collection ${name}`, false);
    await db.collection(name).drop();
    return gone;
  };
  return async () => {
    if (next === 0) for (const { name } of await db.listCollections({ name: /^side-/ }).toArray()) (await drop(name))();
    const name = `side-${round}-${next}`;
    next += 1;
    const side = db.collection<{ _id: number; n: number }>(name);
    const made = expected.beginNamed(`collection ${name}`, true);
    await side.insertMany(Array.from({ length: SIDE_ROWS }, (_, _id) => ({ _id, n: (_id * 7919) % SIDE_ROWS })));
    made();
    let build: 'under way' | 'done' | 'cut short' = 'under way';
    const building = side.createIndex({ n: 1 }).then(
      () => (build = 'done'),
      (error: unknown) => {
        if (!(error instanceof MongoServerError && DROPPED_MEANWHILE.includes(Number(error.code)))) throw error;
        build = 'cut short';
      },
    );
    building.catch(() => undefined); // looked at below; the process may be killed before that
    await new Promise((resolve) => setTimeout(resolve, random() * 40));
    if (random() >= 0.5) return void (await building);
    const buildAtDrop = build as string;
    const [dropped, built] = await Promise.allSettled([drop(name), building]);
    if (dropped.status === 'rejected') throw dropped.reason;
    if (built.status === 'rejected') throw built.reason;
    // A build that the drop overtook on the way to the server makes the collection anew.
    if (buildAtDrop === 'done' || (build as string) === 'cut short') dropped.value();
  };
}

export interface Expiring {
  readonly _id: string;
  readonly until: Date;
}

/** Inserts documents that have expired, with one among them that has not. */
function expirer(db: Db, round: number, expected: Expected): () => Promise<void> {
  const expiring = db.collection<Expiring>('expiring');
  const [past, future] = [new Date(0), new Date(8e12)];
  let next = 0;
  return async () => {
    if (next === 0) await expiring.createIndex({ until: 1 }, { expireAfterSeconds: 0 });
    const name = `${round}-${next}`;
    next += 1;
    const done = expected.beginNamed(`document ${name}`, true);
    await expiring.insertMany([
      { _id: name, until: future },
      ...Array.from({ length: EXPIRING_ROWS }, (_, at) => ({ _id: `${name}-${at}`, until: past })),
    ]);
    done();
  };
}
