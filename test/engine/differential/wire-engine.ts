// Runs cases on a server over OP_MSG, with no driver in between: bytes go out and come back as the engine's own codec has them.
import { decode, type Doc, encode, int32, isArray, isDoc, isNumber, type Value } from '../../../embedded-mongodb/bson/index.js';
import { openSocket } from '../fuzz/open-socket.js';
import { type Case, type Engine, type Outcome, type Plain, toDoc } from './case.js';
import { showAll } from './show.js';

const OP_MSG = 2013;

/** A connection that runs one command at a time. */
export interface Wire {
  readonly command: (command: Doc) => Promise<Doc>;
  readonly close: () => void;
}

export async function connect(uri: string): Promise<Wire> {
  const socket = await openSocket(uri);
  let received = Buffer.alloc(0);
  let waiting: ((reply: Doc) => void) | undefined;
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 16 || received.length < received.readInt32LE(0)) return;
    const reply = decode(received, 21);
    received = received.subarray(received.readInt32LE(0));
    waiting?.(reply);
  });
  const command = (body: Doc): Promise<Doc> =>
    new Promise((resolve) => {
      waiting = resolve;
      const bytes = encode(body);
      const header = Buffer.alloc(21);
      header.writeInt32LE(21 + bytes.length, 0);
      header.writeInt32LE(1, 4);
      header.writeInt32LE(OP_MSG, 12);
      socket.write(Buffer.concat([header, bytes]));
    });
  return { command, close: () => socket.destroy() };
}

function errorOf(reply: Doc): Outcome | undefined {
  const writeErrors = reply.get('writeErrors');
  const [first] = isArray(writeErrors) ? writeErrors : [];
  const failed = isDoc(first) ? first : Number(reply.get('ok')) === 1 ? undefined : reply;
  if (!failed) return undefined;
  const message = failed.get('errmsg');
  return { error: Number(failed.get('code')), refusal: typeof message === 'string' && message.includes('MONGODB_URI') };
}

function batchOf(reply: Doc): Doc[] {
  const cursor = reply.get('cursor');
  const batch = isDoc(cursor) ? cursor.get('firstBatch') : undefined;
  return isArray(batch) ? batch.filter(isDoc) : [];
}

/** The server of a connection; cases are asked on the collection `name`. */
export function wireEngine(wire: Wire, name = 'c'): Engine {
  let filled: readonly Plain[] | undefined; // the documents that are there, after cases that only read
  const send = (fields: [string, Value][]): Promise<Doc> => wire.command(new Map<string, Value>([...fields, ['$db', 'differential']]));
  const fill = async (into: string, docs: readonly Plain[]): Promise<void> => {
    await send([
      ['delete', into],
      [
        'deletes',
        [
          new Map<string, Value>([
            ['q', new Map()],
            ['limit', int32(0)],
          ]),
        ],
      ],
    ]);
    if (docs.length === 0) return;
    const error = errorOf(
      await send([
        ['insert', into],
        ['documents', docs.map(toDoc)],
      ]),
    );
    if (error) throw new Error(`the documents of a case were not accepted: ${JSON.stringify(error)}`);
  };
  const run = async ({ docs, run: command }: Case): Promise<Outcome> => {
    if (docs !== filled) await fill(name, docs);
    filled = 'update' in command ? undefined : docs;
    if ('find' in command) {
      const reply = await send([
        ['find', name],
        ['filter', toDoc(command.find)],
        ...(command.projection ? [['projection', toDoc(command.projection)] as [string, Value]] : []),
        ...(command.sort ? [['sort', toDoc(command.sort)] as [string, Value]] : []),
        ['skip', int32(command.skip ?? 0)],
        ['limit', int32(command.limit ?? 0)],
        ['batchSize', int32(1000)],
      ]);
      return errorOf(reply) ?? { docs: showAll(batchOf(reply)) };
    }
    if ('aggregate' in command) {
      for (const [other, content] of Object.entries(command.others ?? {})) await fill(other, content);
      const first = command.aggregate[0];
      const target: Value = first && '$documents' in first ? int32(1) : name;
      const reply = await send([
        ['aggregate', target],
        ['pipeline', command.aggregate.map(toDoc)],
        ['cursor', new Map<string, Value>([['batchSize', int32(1000)]])],
      ]);
      return errorOf(reply) ?? { docs: showAll(batchOf(reply)) };
    }
    const reply = await send([
      ['update', name],
      [
        'updates',
        [
          new Map<string, Value>([
            ['q', toDoc(command.filter ?? {})],
            ['u', Array.isArray(command.update) ? command.update.map(toDoc) : toDoc(command.update)],
            ['upsert', command.upsert ?? false],
            ['multi', command.multi ?? false],
            ...(command.arrayFilters ? [['arrayFilters', command.arrayFilters.map(toDoc)] as [string, Value]] : []),
          ]),
        ],
      ],
    ]);
    const after = await send([
      ['find', name],
      ['filter', new Map()],
      ['batchSize', int32(1000)],
    ]);
    const counts = ['n', 'nModified']
      .map((key) => reply.get(key))
      .filter(isNumber)
      .map(Number);
    return errorOf(reply) ?? { docs: showAll(batchOf(after)), reply: `n ${counts[0]} modified ${counts[1]}` };
  };
  return { run };
}
