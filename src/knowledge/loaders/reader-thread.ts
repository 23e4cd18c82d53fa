/** The thread that runs the loaders, so that a hostile or huge file neither blocks the event loop nor takes the process's memory with it. */
import { parentPort } from 'node:worker_threads';
import type { DetectedType } from './detect-type.js';
import { type LoaderLimits, UnreadableFileError } from './loaded-file.js';
import { type ReadFile, readFileContent } from './read-file.js';
import type { ExtractionFailure } from '../../domain/attachment.js';

export interface ReadRequest {
  readonly bytes: Uint8Array;
  readonly type: DetectedType;
  readonly limits: LoaderLimits;
}

export type ReadResponse = { readonly ok: true; readonly file: ReadFile } | { readonly ok: false; readonly failure: ExtractionFailure };

parentPort?.on('message', (request: ReadRequest) => {
  void answer(request).then((response) => parentPort?.postMessage(response));
});

async function answer({ bytes, type, limits }: ReadRequest): Promise<ReadResponse> {
  try {
    return { ok: true, file: await readFileContent(Buffer.from(bytes), type, limits) };
  } catch (thrown) {
    // A loader that throws anything else met content that its author did not foresee: for the sender that is a damaged file.
    return { ok: false, failure: thrown instanceof UnreadableFileError ? thrown.failure : 'damaged' };
  }
}
