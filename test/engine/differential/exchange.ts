// An exchange: commands sent one after the other to an empty database, as data. The replies are texts that hold types, order of fields and error
// codes, so that those of different servers can be compared as they are.
import * as bson from 'bson';
import type { PipelineWire } from '../fuzz/pipeline-wire.js';
import { readReply } from '../fuzz/reply.js';
import { source } from '../fuzz/source.js';
import type { Plain } from './case.js';

/** A command; one that needs the id of the cursor opened last is made from it. */
export type Ask = Plain | ((cursor: bson.Long) => Plain);

export interface Step {
  readonly ask: Ask;
  /** Dotted paths of the reply that are compared; absent: all of it. */
  readonly only?: readonly string[];
  /** Sent over a second connection. */
  readonly beside?: true;
  /** MongoDB does it, the embedded engine refuses it and names the way out. */
  readonly refused?: true;
  /** Another database than the exchange's own. */
  readonly db?: string;
}

export interface Exchange {
  /** Unique in its file. */
  readonly name: string;
  /** What is there before; not compared. */
  readonly given?: readonly Plain[];
  readonly steps: readonly (Step | Plain)[];
}

export interface Heard {
  readonly text: string;
  /** The words of a refusal. */
  readonly refusal?: string | undefined;
}

export function isStep(step: Step | Plain): step is Step {
  return 'ask' in step;
}

/** MongoDB does all of these, the embedded engine refuses them. */
export function refusedHere(...asks: Ask[]): Step[] {
  return asks.map((ask) => ({ ask, refused: true }));
}

/** One exchange for each command, on the same documents. */
export function each(prefix: string, given: readonly Plain[], asks: readonly (Step | Plain)[]): Exchange[] {
  return asks.map((step) => ({ name: `${prefix} ${shown(isStep(step) ? step.ask : step)}`, given, steps: [step] }));
}

function shown(ask: Ask): string {
  return typeof ask === 'function' ? 'with the cursor' : source(ask);
}

/** Has the exchange with a server over two connections; what is heard to each step. */
export async function have({ given = [], steps }: Exchange, wires: readonly [PipelineWire, PipelineWire]): Promise<Heard[]> {
  let cursor = bson.Long.ZERO;
  const send = async (wire: PipelineWire, command: Plain, db: string): Promise<Buffer> => {
    const fields = [...(command instanceof Map ? command : Object.entries(command)), ['$db', db]] as [string, unknown][];
    const [reply] = await wire.run([bson.serialize(new Map(fields), { ignoreUndefined: true })]);
    return reply as Buffer;
  };
  await send(wires[0], { dropDatabase: 1 }, DATABASE);
  for (const command of given) {
    const reply = readReply(await send(wires[0], command, DATABASE));
    if (reply.error !== undefined) throw new Error(`what an exchange starts from was not accepted: ${reply.message}`);
  }
  const heard: Heard[] = [];
  for (const step of steps) {
    const { ask, only, beside, db = DATABASE }: Step = isStep(step) ? step : { ask: step };
    const reply = await send(wires[beside ? 1 : 0], typeof ask === 'function' ? ask(cursor) : ask, db);
    cursor = openCursor(reply) ?? cursor;
    const { text, refusal } = readReply(only ? picked(reply, only) : reply);
    heard.push({ text: masked(text, cursor), ...(refusal === undefined ? {} : { refusal }) });
  }
  return heard;
}

const DATABASE = 'exchange';

/** With every value of the type it has. MongoDB's statistics repeat a name, which the engine's own decoder refuses. */
const decoded = (reply: Buffer): bson.Document => bson.deserialize(reply, { promoteValues: false, bsonRegExp: true });

function openCursor(reply: Buffer): bson.Long | undefined {
  const id = stepInto(stepInto(decoded(reply), 'cursor'), 'id');
  return id instanceof bson.Long && !id.isZero() ? id : undefined;
}

/** MongoDB 9 writes this to every index; 8, which the engine calls itself, does not. */
const SIMPLE_COLLATION = /, "collation": \{"locale": "simple"\}|"collation": \{"locale": "simple"\}, /g;

/** Ids of cursors and collections, and the words of errors, are each server's own. */
function masked(text: string, cursor: bson.Long): string {
  const known = cursor.isZero() ? text : text.replaceAll(`L(${cursor.toString()})`, 'L(cursor)');
  return known
    .replaceAll(/Binary\(4, [0-9a-f-]+\)/g, 'UUID')
    .replaceAll(SIMPLE_COLLATION, '')
    .replaceAll(/"errmsg": "(?:[^"\\]|\\.)*", /g, '');
}

/** What stands at some paths, and always what tells an error. */
function picked(reply: Buffer, paths: readonly string[]): Buffer {
  const doc = decoded(reply);
  const parts = [...paths, 'ok', 'errmsg', 'code', 'codeName'].flatMap((path): [string, unknown][] => {
    const value = path.split('.').reduce<unknown>(stepInto, doc);
    return value === undefined ? [] : [[path, value]];
  });
  return Buffer.from(bson.serialize(new Map(parts)));
}

const stepInto = (value: unknown, part: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[part] : undefined;
