// The worker thread of the server: starts it, says where it listens, and stops it when told. Heavy queries stall this thread, not the app's.
import { parentPort, workerData } from 'node:worker_threads';
import { Gate } from './gate.js';
import { type RunningServer, type ServerOptions, startServer } from './server.js';

/** What the worker is started with. */
export type WorkerOptions = Omit<ServerOptions, 'onError' | 'now'> & { readonly gateMemory: SharedArrayBuffer };

/** What the worker tells its starter, once. */
export type WorkerMessage = { readonly uri: string } | { readonly error: string };

/** What the starter tells the worker: to stop, or that the process ends now. */
export type StarterMessage = 'stop' | 'end';

async function run(): Promise<void> {
  if (!parentPort) throw new Error('server/worker.js runs as a worker thread; start the server with startEmbeddedMongo');
  const port = parentPort;
  const { gateMemory, ...options } = workerData as WorkerOptions;
  const gate = new Gate(gateMemory);
  gate.enter();
  const starting = startServer(options);
  port.on('message', (message: StarterMessage) => {
    const obey = async (server: RunningServer): Promise<void> => {
      if (message === 'stop') {
        await server.stop();
        port.close();
      } else {
        server.abandon();
        gate.leave();
        gate.enter(); // which is closed: the thread does nothing any more
      }
    };
    void starting.then(obey, () => undefined); // why it did not start is told below
  });
  try {
    const server = await starting;
    process.once('exit', () => {
      server.abandon();
      gate.leave();
    });
    port.postMessage({ uri: server.uri } satisfies WorkerMessage);
  } catch (error) {
    gate.leave();
    port.postMessage({ error: error instanceof Error ? error.message : String(error) } satisfies WorkerMessage);
    port.close();
  }
}

await run();
