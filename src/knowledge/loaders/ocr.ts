/**
 * Reads pictures with tesseract in Spanish and English, offline: one worker, one picture at a time, with a time limit. The worker is started
 * with the first picture and ended when there has been none for a while, since it holds over 100 MB.
 */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Worker } from 'tesseract.js';
import { UnreadableFileError } from './loaded-file.js';

export interface TextRecogniser {
  /** Throws UnreadableFileError (`damaged`, `timed-out`). */
  recognise(image: Uint8Array): Promise<string>;
  close(): Promise<void>;
}

const LANGUAGES = ['spa', 'eng'] as const;
const IDLE_MS = 60_000;

export function createTextRecogniser(timeoutMs: number): TextRecogniser {
  let worker: Worker | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  const close = async () => {
    clearTimeout(idle);
    const ended = worker;
    worker = null;
    await ended?.terminate();
  };

  return {
    recognise(image) {
      const result = queue.then(() => recogniseNext(image));
      queue = result.catch(() => undefined); // the queue goes on; whoever asked has the rejection
      return result;
    },
    close,
  };

  async function recogniseNext(image: Uint8Array): Promise<string> {
    clearTimeout(idle);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new UnreadableFileError('timed-out')), timeoutMs);
    });
    try {
      worker ??= await startWorker();
      const { data } = await Promise.race([worker.recognize(Buffer.from(image)), timeout]);
      return data.text.trim();
    } catch (thrown) {
      await close(); // it may still be at work on the picture, or broken by it
      throw thrown instanceof UnreadableFileError ? thrown : new UnreadableFileError('damaged', { cause: thrown });
    } finally {
      clearTimeout(timer);
      idle = setTimeout(() => void close(), IDLE_MS);
      idle.unref();
    }
  }
}

/** tesseract wants the data of all languages in one folder; npm brings each in a package of its own. */
async function startWorker(): Promise<Worker> {
  const { createWorker, OEM } = await import('tesseract.js');
  const require = createRequire(import.meta.url);
  const folder = await mkdtemp(join(tmpdir(), 'parley-ocr-'));
  try {
    for (const language of LANGUAGES) {
      const data = join(
        dirname(require.resolve(`@tesseract.js-data/${language}/package.json`)),
        '4.0.0_best_int',
        `${language}.traineddata.gz`,
      );
      await copyFile(data, join(folder, `${language}.traineddata.gz`));
    }
    // Without an error handler a picture that cannot be decoded ends the process; the promise of `recognize` is rejected all the same.
    return await createWorker([...LANGUAGES], OEM.LSTM_ONLY, {
      langPath: folder,
      gzip: true,
      cacheMethod: 'none',
      errorHandler: () => undefined,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
