/** What a client may send before its session is known, while the database takes its time: a bound, for anybody can open a line. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import type { HttpConfig, HttpServices } from '../../../src/http/services.js';
import { createWebSocketServer, type SocketServer } from '../../../src/http/websocket.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';

let http: Server;
let sockets: SocketServer;
beforeAll(async () => {
  const config = { trustProxy: 0, allowedOrigins: [], sessionTtlMs: 1000, rateLimits: { default: 100, process: 10 } };
  const services = {
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics(),
    rates: { hit: async () => ({ hits: 1, resetsAt: new Date() }) },
    sessions: { find: () => new Promise(() => undefined) }, // the database never answers
  };
  sockets = createWebSocketServer(config as unknown as HttpConfig, services as unknown as HttpServices);
  http = createServer().on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
});
afterAll(() => {
  sockets.close();
  http.close();
});

it('is a hundred frames; whoever sends more is closed', async () => {
  const { port } = http.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws?session_id=sess_${'0'.repeat(32)}`);
  await once(client, 'open');
  const closed = once(client, 'close');
  for (let sent = 0; sent < 101; sent += 1) client.send('{"type":"typing"}');
  expect((await closed)[0]).toBe(4008);
});
