/**
 * Reads files in a thread of its own, one at a time, within a time limit. Where the thread's compiled file is not there (tests run the TypeScript
 * sources) it reads in this thread, with the same limit.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { DetectedType } from './detect-type.js';
import { type LoaderLimits, UnreadableFileError } from './loaded-file.js';
import { type ReadFile, readFileContent } from './read-file.js';
import type { ReadRequest, ReadResponse } from './reader-thread.js';

export interface FileReader {
  /** Throws UnreadableFileError. */
  read(bytes: Buffer, type: DetectedType): Promise<ReadFile>;
  close(): Promise<void>;
}

const THREAD = new URL('./reader-thread.js', import.meta.url);
const MAX_HEAP_MB = 512;

export function createFileReader(limits: LoaderLimits, program: URL = THREAD): FileReader {
  const threaded = program.protocol !== 'file:' || existsSync(fileURLToPath(program));
  let thread: Worker | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  return {
    read(bytes, type) {
      const result = queue.then(() => (threaded ? readInThread(bytes, type) : readHere(bytes, type, limits)));
      queue = result.catch(() => undefined); // the queue goes on; whoever asked has the rejection
      return result;
    },
    async close() {
      await thread?.terminate();
      thread = null;
    },
  };

  function readInThread(bytes: Buffer, type: DetectedType): Promise<ReadFile> {
    const worker = (thread ??= startThread(program));
    worker.ref();
    return new Promise<ReadFile>((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        worker.off('message', onMessage).off('error', onError).unref();
      };
      const giveUp = (failure: 'timed-out' | 'too-large-unpacked', cause?: unknown) => {
        settle();
        thread = null;
        worker.on('error', () => undefined); // it is being ended; what it says on the way does not matter
        void worker.terminate();
        reject(new UnreadableFileError(failure, { cause }));
      };
      const onMessage = (response: ReadResponse) => {
        settle();
        if (response.ok) resolve(response.file);
        else reject(new UnreadableFileError(response.failure));
      };
      // The thread dies when a file needs more memory than it may have.
      const onError = (error: unknown) => giveUp('too-large-unpacked', error);
      const timer = setTimeout(() => giveUp('timed-out'), limits.timeoutMs);
      worker.on('message', onMessage).on('error', onError);
      worker.postMessage({ bytes, type, limits } satisfies ReadRequest);
    });
  }
}

const startThread = (program: URL) => new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } });

async function readHere(bytes: Buffer, type: DetectedType, limits: LoaderLimits): Promise<ReadFile> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnreadableFileError('timed-out')), limits.timeoutMs);
  });
  try {
    return await Promise.race([readFileContent(bytes, type, limits), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
