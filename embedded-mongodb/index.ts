// The engine's front door: start a MongoDB-compatible server on a data folder and get the URI to connect to.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Gate } from './server/gate.js';
import type { StarterMessage, WorkerMessage, WorkerOptions } from './server/worker.js';

/** The engine's thread lets go of LMDB in some ms; longer than this only where the disk hangs. */
const GATE_LIMIT_MS = 1_000;

export interface EmbeddedMongoOptions {
  /** Data folder; made when absent. One process at a time may use it. */
  readonly path: string;
  /** Port on 127.0.0.1, 0 for any free one. By default a Unix socket in the data folder, or any free port where the system has no such sockets. */
  readonly port?: number;
  /** Pause between two sweeps of expired documents (TTL indexes), in ms; default 60,000. */
  readonly ttlSweepMs?: number;
  /**
   * Runs the server in the calling thread instead of a worker thread. The default is a worker wherever the compiled worker lies beside this
   * file, and the calling thread where it does not: sources run by a test runner that compiles on the fly.
   */
  readonly inThread?: boolean;
}

export interface EmbeddedMongo {
  /** Connection string for the official driver. */
  readonly uri: string;
  /** Closes all connections and the data folder. */
  stop(): Promise<void>;
}

/**
 * Starts the server and resolves when it accepts connections. Errors name the remedy: the folder is in use by another process, not writable,
 * or written by a newer version; the port is taken.
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const workerUrl = new URL('./server/worker.js', import.meta.url);
  const { inThread = !existsSync(fileURLToPath(workerUrl)), ...serverOptions } = options;
  if (!inThread) return startWorker(workerUrl, serverOptions);
  return startInThread(serverOptions);
}

async function startInThread(options: Omit<EmbeddedMongoOptions, 'inThread'>): Promise<EmbeddedMongo> {
  const { startServer } = await import('./server/server.js');
  const server = await startServer(options);
  const onExit = (): void => server.abandon();
  process.once('exit', onExit);
  return {
    uri: server.uri,
    async stop() {
      await server.stop();
      process.off('exit', onExit);
    },
  };
}

/**
 * However the process ends – an uncaught error, process.exit – it ends with its exit code as soon as the engine's thread has let go of LMDB, and
 * is killed (SIGKILL, 137 to a shell) where that takes longer than a second. What is not acknowledged by then may be there or not, as after a crash.
 */
function startWorker(url: URL, options: Omit<EmbeddedMongoOptions, 'inThread'>): Promise<EmbeddedMongo> {
  const gateMemory = Gate.memory();
  const worker = new Worker(url, { workerData: { ...options, gateMemory } satisfies WorkerOptions });
  const onExit = (): void => {
    const tell = (): void => worker.postMessage('end' satisfies StarterMessage);
    if (!new Gate(gateMemory).close(tell, GATE_LIMIT_MS)) process.kill(process.pid, 'SIGKILL');
  };
  process.once('exit', onExit);
  const exited = new Promise<void>((resolve) =>
    worker.once('exit', () => {
      process.off('exit', onExit);
      resolve();
    }),
  );
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: WorkerMessage) => {
      if ('error' in message) {
        reject(new Error(message.error));
        return;
      }
      worker.off('error', reject); // from here on a failing worker fails the process: its writes would otherwise be lost in silence
      resolve({
        uri: message.uri,
        async stop() {
          worker.postMessage('stop' satisfies StarterMessage);
          await exited;
        },
      });
    });
  });
}
