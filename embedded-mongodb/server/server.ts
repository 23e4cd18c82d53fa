// The listening side: sockets in, frames to the dispatcher, answers out in the order of the questions of each connection.
import { createServer, type Socket } from 'node:net';
import { Dispatcher } from './dispatcher.js';
import { Engine, type EngineOptions } from './engine.js';
import { listen } from './listen.js';
import { startMaintenance } from './maintenance.js';
import type { Slices } from './task.js';
import { FrameReader, parseRequest, ProtocolViolation, replyFrame, replyHead, type Request } from './wire.js';

export interface ServerOptions extends EngineOptions {
  /** Port on 127.0.0.1, 0 for any free one; a Unix socket in the data folder by default, where the system has them. */
  readonly port?: number;
  /** How long one command may keep the others waiting. */
  readonly slices?: Slices;
}

export interface RunningServer {
  /** Connection string for the driver. */
  readonly uri: string;
  /** Closes all connections, then the data folder. Called again it waits for the same. */
  stop(): Promise<void>;
  /** Lets go of LMDB at once, as a crash would, for a thread that ends; nothing may be called any more. What was acknowledged is there at the next start. */
  abandon(): void;
}

/** Opens the data folder and listens. Errors: those of the folder, and of listening (EADDRINUSE). */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const engine = new Engine(options);
  const dispatcher = new Dispatcher(engine, options.slices);
  const sockets = new Set<Socket>();
  let lastConnection = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    lastConnection += 1;
    sockets.add(socket);
    engine.connections = sockets.size;
    const connectionId = lastConnection;
    socket.on('close', () => {
      sockets.delete(socket);
      engine.connections = sockets.size;
      dispatcher.disconnect(connectionId);
    });
    serve(socket, connectionId, dispatcher);
  });
  const uri = await listen(server, options.path, options.port).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  const stopMaintenance = startMaintenance(engine, options.ttlSweepMs);
  const stop = async (): Promise<void> => {
    stopMaintenance();
    dispatcher.stop();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
    await engine.close();
  };
  let stopped: Promise<void> | undefined;
  return {
    uri,
    stop: () => (stopped ??= stop()),
    abandon() {
      dispatcher.stop();
      engine.storage.abandon();
    },
  };
}

/** From this size on, writing an answer in two pieces is cheaper than copying it. */
const LARGE_BYTES = 2 ** 16;

function send(socket: Socket, request: Request, reply: Buffer): void {
  if (reply.length < LARGE_BYTES) {
    socket.write(replyFrame(request, reply));
    return;
  }
  socket.cork();
  socket.write(replyHead(request, reply));
  socket.write(reply);
  socket.uncork();
}

function serve(socket: Socket, connectionId: number, dispatcher: Dispatcher): void {
  const frames = new FrameReader();
  socket.on('error', () => socket.destroy()); // a client that goes away is no failure of the server
  socket.on('data', (piece) => {
    try {
      for (const frame of frames.push(piece)) {
        const request = parseRequest(frame);
        dispatcher.submit({
          request,
          connectionId,
          answer(reply) {
            if (!request.silent && socket.writable) send(socket, request, reply);
          },
        });
      }
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      socket.destroy();
    }
  });
}
