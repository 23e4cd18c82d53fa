// A bare OP_MSG connection that sends many commands in one go and gives the reply documents as the bytes they came in.
import { openSocket } from './open-socket.js';

const OP_MSG = 2013;
/** Header, flags and the kind byte of the one section. */
const PREFIX_BYTES = 21;

export interface PipelineWire {
  /** Runs commands (encoded) one after the other; their replies in order. Error: the server closed the connection. */
  readonly run: (commands: readonly Uint8Array[]) => Promise<Buffer[]>;
  readonly close: () => void;
}

function frameOf(command: Uint8Array): Buffer {
  const frame = Buffer.alloc(PREFIX_BYTES + command.length);
  frame.writeInt32LE(frame.length, 0);
  frame.writeInt32LE(1, 4);
  frame.writeInt32LE(OP_MSG, 12);
  frame.set(command, PREFIX_BYTES);
  return frame;
}

export async function openWire(uri: string): Promise<PipelineWire> {
  const socket = await openSocket(uri);
  let pending: Buffer[] = [];
  let size = 0;
  /** What the first reply in `pending` takes: a large one comes in many chunks, which are joined once. */
  let firstBytes = 4;
  let replies: Buffer[] = [];
  let settle: { wanted: number; resolve: (replies: Buffer[]) => void; reject: (error: Error) => void } | undefined;
  const take = (): void => {
    const all = Buffer.concat(pending, size);
    let at = 0;
    while (all.length - at >= 4 && all.length - at >= all.readInt32LE(at)) {
      const end = at + all.readInt32LE(at);
      replies.push(all.subarray(at + PREFIX_BYTES, end));
      at = end;
    }
    pending = [all.subarray(at)];
    size = all.length - at;
    firstBytes = size < 4 ? 4 : all.readInt32LE(at);
    if (settle && replies.length >= settle.wanted) {
      const { resolve } = settle;
      settle = undefined;
      resolve(replies);
    }
  };
  socket.on('data', (chunk) => {
    pending.push(chunk);
    size += chunk.length;
    if (size >= firstBytes) take();
  });
  socket.once('error', (error) => settle?.reject(error));
  socket.once('close', () => settle?.reject(new Error(`the server at ${uri} closed the connection`)));
  return {
    run: (commands) =>
      new Promise((resolve, reject) => {
        replies = [];
        settle = { wanted: commands.length, resolve, reject };
        socket.write(Buffer.concat(commands.map(frameOf)));
      }),
    close: () => void socket.destroy(),
  };
}
