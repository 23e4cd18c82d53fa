/** Whose address and whose page a WebSocket comes from. */
import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { clientAddress, isAllowedOrigin } from '../../../src/http/client-origin.js';

/** The parts of a request that are looked at. */
const request = (headers: { origin?: string; host?: string }, forwarded?: string): IncomingMessage =>
  ({
    headers,
    headersDistinct: forwarded === undefined ? {} : { 'x-forwarded-for': [forwarded] },
    socket: { remoteAddress: '10.0.0.1' },
  }) as unknown as IncomingMessage;

describe('clientAddress', () => {
  it.each([
    ['no proxy is trusted: what a client says of itself counts for nothing', 0, '6.6.6.6', '10.0.0.1'],
    ['one proxy: the last address it saw', 1, '6.6.6.6, 203.0.113.7', '203.0.113.7'],
    ['two proxies', 2, '6.6.6.6, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['more proxies trusted than there are', 3, '203.0.113.7', '203.0.113.7'],
    ['a proxy that says nothing', 1, undefined, '10.0.0.1'],
  ])('%s', (_case, proxies, forwarded, address) => {
    expect(clientAddress(request({}, forwarded), proxies)).toBe(address);
  });
});

describe('isAllowedOrigin', () => {
  it.each([
    [undefined, true],
    ['https://chat.example:8443', true],
    ['https://shop.example', true],
    ['https://chat.example', false],
    ['https://shop.example.evil', false],
    ['null', false],
    ['garbage', false],
  ])('%s: %s', (origin, allowed) => {
    const headers = { host: 'Chat.example:8443', ...(origin === undefined ? {} : { origin }) };
    expect(isAllowedOrigin(request(headers), ['https://shop.example'])).toBe(allowed);
  });
});
