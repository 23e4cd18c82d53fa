/** Fetching pages: within limits, and never from where a server could be made to look at its own network. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FetchError, fetchPage, isPrivateAddress } from '../../../src/knowledge/fetch-page.js';

let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/page') response.end('<h1>Hello</h1>');
    else if (request.url === '/large') response.end(Buffer.alloc(50_000));
    else if (request.url === '/moved') response.writeHead(302, { location: '/page' }).end();
    else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (request.url === '/file') response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    else if (request.url === '/slow') return;
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Far more time than an answer takes, but for what never answers. */
const limits = { maxBytes: 10_000, timeoutMs: 60_000, allowPrivate: true };

describe('fetching a page', () => {
  it('gives the bytes and the address they came from', async () => {
    const page = await fetchPage(`${base}/moved`, limits);
    expect(page.url).toBe(`${base}/page`);
    expect(page.bytes.toString()).toBe('<h1>Hello</h1>');
  });

  it.each([
    ['/large', 'larger than'],
    ['/loop', 'redirects more than'],
    ['/slow', 'took too long'],
    ['/missing', 'answered 404'],
    ['/file', 'http:// or https://'],
  ])('refuses %s', async (path, message) => {
    const fetching = fetchPage(`${base}${path}`, path === '/slow' ? { ...limits, timeoutMs: 300 } : limits);
    await expect(fetching).rejects.toThrow(FetchError);
    await expect(fetching).rejects.toThrow(message);
  });

  it.each(['file:///etc/passwd', 'ftp://example.com/', 'not an address', 'http://user:secret@example.com/'])(
    'refuses %s',
    async (address) => {
      await expect(fetchPage(address, limits)).rejects.toThrow(FetchError);
    },
  );

  it.each(['/page', '/moved'])('refuses a private address unless it is allowed: %s', async (path) => {
    await expect(fetchPage(`${base}${path}`, { ...limits, allowPrivate: false })).rejects.toThrow('private address');
    const byName = base.replace('127.0.0.1', 'localhost');
    await expect(fetchPage(`${byName}${path}`, { ...limits, allowPrivate: false })).rejects.toThrow('private address');
  });

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::a00:1',
  ])('takes %s for private', (address) => expect(isPrivateAddress(address)).toBe(true));

  it.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1::1'])('takes %s for public', (address) =>
    expect(isPrivateAddress(address)).toBe(false),
  );
});
