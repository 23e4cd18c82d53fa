// The worker thread of the server: starts it, says where it listens, and stops it when told. Heavy queries stall this thread, not the app's.
import { parentPort, workerData } from 'node:worker_threads';
import { Gate } from './gate.js';
import { type ServerOptions, startServer } from './server.js';

/** What the worker is started with. */
export type WorkerOptions = Omit<ServerOptions, 'gate' | 'onError' | 'now'> & { readonly gateMemory: SharedArrayBuffer };

/** What the worker tells its starter, once. */
export type WorkerMessage = { readonly uri: string } | { readonly error: string };

async function run(): Promise<void> {
  if (!parentPort) throw new Error('server/worker.js runs as a worker thread; start the server with startEmbeddedMongo');
  const port = parentPort;
  try {
    const { gateMemory, ...options } = workerData as WorkerOptions;
    const server = await startServer({ ...options, gate: new Gate(gateMemory) });
    port.once('message', () => {
      void server.stop().then(() => port.close());
    });
    port.postMessage({ uri: server.uri } satisfies WorkerMessage);
  } catch (error) {
    port.postMessage({ error: error instanceof Error ? error.message : String(error) } satisfies WorkerMessage);
    port.close();
  }
}

await run();
