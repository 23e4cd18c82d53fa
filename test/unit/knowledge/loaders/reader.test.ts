/** The reader thread, with stand-ins for its program: it answers in turn, and is ended and replaced when it hangs or breaks. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS, UnreadableFileError } from '../../../../src/knowledge/loaders/loaded-file.js';
import { createFileReader, type FileReader } from '../../../../src/knowledge/loaders/reader.js';

const TYPE = { kind: 'pdf', contentType: 'application/pdf' } as const;

/** Answers with the file's text; hangs on `hang`, dies on `die`, reports a damaged file on `bad`. */
const PROGRAM = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ bytes }) => {
      const text = Buffer.from(bytes).toString();
      if (text === 'hang') return;
      if (text === 'die') throw new Error('out of memory');
      if (text === 'bad') return parentPort.postMessage({ ok: false, failure: 'damaged' });
      parentPort.postMessage({ ok: true, file: { contentType: 'text/plain', pages: [{ page: null, text }], pictures: [] } });
    });`)}`,
);

let reader: FileReader;
afterEach(() => reader.close());

/** Far more time than a thread takes to start and to answer, but for one that hangs. */
const open = (timeoutMs = 60_000) => (reader = createFileReader({ ...DEFAULT_LIMITS, timeoutMs }, PROGRAM));
const read = (text: string) => reader.read(Buffer.from(text), TYPE).then((file) => file.pages[0]?.text);

async function failureOf(text: string): Promise<string> {
  const thrown: unknown = await read(text).catch((reason: unknown) => reason);
  if (!(thrown instanceof UnreadableFileError)) throw new Error('it was read');
  return thrown.failure;
}

describe('reader thread', () => {
  it('reads one file after the other', async () => {
    open();
    expect(await Promise.all(['a', 'b', 'c'].map(read))).toEqual(['a', 'b', 'c']);
  });

  it('hands on why a file cannot be read', async () => {
    open();
    expect(await failureOf('bad')).toBe('damaged');
    expect(await read('next')).toBe('next');
  });

  it('ends a thread that hangs, and reads on', async () => {
    open(2_000);
    const [hung, next] = await Promise.all([failureOf('hang'), read('next')]);
    expect([hung, next]).toEqual(['timed-out', 'next']);
  });

  it('survives a thread that dies', async () => {
    open();
    expect(await failureOf('die')).toBe('too-large-unpacked');
    expect(await read('next')).toBe('next');
  });
});
