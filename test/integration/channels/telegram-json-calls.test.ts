/** Calls without a file, against a server that does what Telegram and what stands before it may do: nothing of it may be taken for "not sent". */
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { createTelegramClient } from '../../../channels/telegram/client.js';

let server: Server;
let sockets = 0;

async function clientOf(answer: RequestListener, root = '') {
  sockets = 0;
  server = createServer(answer).on('connection', () => (sockets += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return createTelegramClient({ token: '1234567:testTOKEN-testTOKEN', apiRoot: `http://127.0.0.1:${port}${root}` });
}
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const message = { chat_id: 7, text: 'Hola, ¿qué tal? 👋' };
const result = { message_id: 5 };

it('posts JSON below the root that it is given, over connections that it keeps', async () => {
  const received: unknown[] = [];
  const client = await clientOf((request, response) => {
    const parts: Buffer[] = [];
    request
      .on('data', (part: Buffer) => parts.push(part))
      .on('end', () => {
        received.push([request.method, request.url, request.headers['content-type'], JSON.parse(Buffer.concat(parts).toString())]);
        response.end(JSON.stringify({ ok: true, result }));
      });
  }, '/bots');
  for (let calls = 0; calls < 10; calls++) expect(await client.call('sendMessage', message)).toEqual(result);
  const sent = ['POST', '/bots/bot1234567:testTOKEN-testTOKEN/sendMessage', 'application/json', message];
  expect(received).toEqual(Array.from({ length: 10 }, () => sent));
  expect(sockets).toBeLessThan(5);
});

it.each<readonly [string, RequestListener]>([
  ['the connection is cut before the answer', (request) => request.socket.destroy()],
  [
    'the answer is cut',
    (_request, response) => void response.writeHead(200, { 'content-length': 100 }).write('{"ok":', () => response.destroy()),
  ],
  ['the answer is no JSON', (_request, response) => void response.end('<html>')],
  ['the answer does not come in time', () => undefined],
  ['the answer does not end in time', (_request, response) => void response.writeHead(200).write('{"ok":')],
])('does not know what became of it where %s', async (_what, answer) => {
  const client = await clientOf(answer);
  const thrown: unknown = await client.call('sendMessage', message, { timeoutMs: 300 }).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ kind: 'unknown', retry: { afterMs: 0 } });
  expect(`${String(thrown)} ${String((thrown as Error).cause)}`).not.toContain('testTOKEN');
});

it('ends a call whose signal is aborted', async () => {
  const stopping = new AbortController();
  const client = await clientOf(() => stopping.abort());
  await expect(client.call('getUpdates', {}, { signal: stopping.signal })).rejects.toMatchObject({ kind: 'unknown' });
});
