// What the driver itself allows: a server in a worker thread that understands nothing and answers each command of the bench with ready bytes, where the
// engine listens. No server can be faster for the same driver on the same machine.
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { deserialize, type Document, Long, serialize } from 'bson';
import { listen } from '../../../embedded-mongodb/server/listen.js';
import { FrameReader, parseRequest, replyFrame } from '../../../embedded-mongodb/server/wire.js';
import { message } from './documents.js';

const HELLO: Document = {
  helloOk: true,
  isWritablePrimary: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  logicalSessionTimeoutMinutes: 30,
  minWireVersion: 0,
  maxWireVersion: 25,
  readOnly: false,
  ok: 1,
};

/** Answers by command; a find has as many documents as its limit, at most ten. */
const ANSWERS: Readonly<Record<string, (command: Document) => Document>> = {
  hello: () => HELLO,
  ismaster: () => HELLO,
  insert: () => ({ n: 1, ok: 1 }),
  findAndModify: () => ({ lastErrorObject: { n: 1, updatedExisting: true }, value: message(1), ok: 1 }),
  find: ({ limit }) => ({
    cursor: { firstBatch: Array.from({ length: Number(limit) }, (_, id) => message(id)), id: Long.ZERO, ns: 'bench.messages' },
    ok: 1,
  }),
};

/** Starts the server in a worker thread, listening as the engine does with this data folder. */
export async function startCeiling(folder: string): Promise<{ readonly uri: string; readonly stop: () => Promise<unknown> }> {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: folder });
  const uri = await new Promise<string>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  return { uri, stop: () => worker.terminate() };
}

async function serve(): Promise<void> {
  const ready = new Map<string, Buffer>();
  const answer = (body: Buffer): Buffer => {
    const command = deserialize(body);
    const name = Object.keys(command)[0] ?? '';
    const known = `${name} ${String(command['limit'])}`;
    const bytes = ready.get(known) ?? Buffer.from(serialize(ANSWERS[name]?.(command) ?? { ok: 1 }));
    ready.set(known, bytes);
    return bytes;
  };
  const server = createServer({ noDelay: true }, (socket) => {
    const frames = new FrameReader();
    socket.on('error', () => socket.destroy());
    socket.on('data', (piece) => {
      for (const request of frames.push(piece).map(parseRequest)) socket.write(replyFrame(request, answer(request.body)));
    });
  });
  parentPort?.postMessage(await listen(server, String(workerData), undefined));
}

if (!isMainThread) await serve();
