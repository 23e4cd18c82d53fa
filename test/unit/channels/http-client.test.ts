import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpClient, failureOfStatus } from '../../../channels/shared/http-client.js';
import type { ChannelError } from '../../../src/domain/errors.js';

let server: Server;
let root: URL;

beforeAll(async () => {
  server = createServer((request, response) => {
    switch (request.url) {
      case '/echo':
        request.pipe(response.setHeader('x-method', request.method ?? ''));
        return;
      case '/redirect':
        response.writeHead(302, { location: 'http://example.com/' }).end();
        return;
      case '/declared':
        response.writeHead(200, { 'content-length': '5000' }).end('x'.repeat(5000));
        return;
      case '/streamed':
        response.write('x'.repeat(2000));
        response.end('x'.repeat(2000));
        return;
      case '/cut':
        request.socket.destroy();
        return;
      case '/cut-in-body':
        response.write('x', () => request.socket.destroy());
        return;
      default: // never answers
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  root = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Far more than an answer takes; and for what never answers. */
const [PATIENT_MS, SHORT_MS] = [60_000, 300];
const get = (path: string, base = root, timeoutMs = PATIENT_MS) =>
  createHttpClient({ allowedOrigins: [base.origin], timeoutMs, maxBytes: 3000 })('test call', new URL(path, base));
const failure = async (call: Promise<unknown>): Promise<ChannelError> => {
  const thrown: unknown = await call.then(
    () => null,
    (error: unknown) => error,
  );
  return thrown as ChannelError;
};

describe('createHttpClient', () => {
  it('sends a body and gives back status, headers and bytes', async () => {
    const client = createHttpClient({ allowedOrigins: [root.origin], timeoutMs: PATIENT_MS, maxBytes: 100 });
    const response = await client('test call', new URL('echo', root), { method: 'POST', body: Buffer.from([1, 0, 2]) });
    expect(response).toMatchObject({ status: 200, bytes: Buffer.from([1, 0, 2]) });
    expect(response.headers.get('x-method')).toBe('POST');
  });

  it.each(['https://api.example.com', 'https://127.0.0.1', 'http://127.0.0.1'])(
    'calls nothing but what is allowed: %s is',
    async (allowed) => {
      const client = createHttpClient({ allowedOrigins: [allowed], timeoutMs: PATIENT_MS, maxBytes: 100 });
      expect(await failure(client('test call', new URL('echo', root)))).toMatchObject({ kind: 'payload-refused', retry: 'never' });
    },
  );

  it('does not go in the clear where only https is allowed', async () => {
    const client = createHttpClient({ allowedOrigins: [root.origin.replace('http:', 'https:')], timeoutMs: PATIENT_MS, maxBytes: 100 });
    expect(await failure(client('test call', new URL('echo', root)))).toMatchObject({ kind: 'payload-refused', retry: 'never' });
  });

  it('follows no redirect', async () => {
    expect((await get('redirect')).status).toBe(302);
  });

  it.each(['declared', 'streamed'])('stops at a body over the limit: %s', async (path) => {
    expect(await failure(get(path))).toMatchObject({ kind: 'payload-refused', retry: 'never' });
  });

  it.each([
    ['cut', PATIENT_MS],
    ['cut-in-body', PATIENT_MS],
    ['silence', SHORT_MS],
  ])('does not know what became of a request: %s', async (path, timeoutMs) => {
    expect(await failure(get(path, root, timeoutMs))).toMatchObject({ kind: 'unknown', retry: { afterMs: 0 } });
  });

  it('knows that nothing happened where no connection was made', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    expect(await failure(get('echo', new URL(`http://127.0.0.1:${port}/`)))).toMatchObject({ kind: 'unavailable' });
    expect(await failure(get('echo', new URL('http://no-such-host.invalid/')))).toMatchObject({ kind: 'unavailable' });
  });

  it('names the call and not its address in errors', async () => {
    expect((await failure(get('silence?token=secret', root, SHORT_MS))).message).not.toContain('secret');
  });
});

describe('failureOfStatus', () => {
  it.each([
    [400, 'payload-refused', 'never'],
    [401, 'credentials-rejected', 'never'],
    [404, 'payload-refused', 'never'],
    [408, 'unknown', { afterMs: 0 }],
    [429, 'rate-limited', { afterMs: 7000 }],
    [500, 'unavailable', { afterMs: 0 }],
    [502, 'unknown', { afterMs: 0 }],
    [503, 'unavailable', { afterMs: 0 }],
    [504, 'unknown', { afterMs: 0 }],
  ])('%i is %s', (status, kind, retry) => {
    expect(failureOfStatus('test call', status, 7000)).toMatchObject({ kind, retry });
  });
});
