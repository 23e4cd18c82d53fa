/** Operations that meet a socket which is just closing fail as any on a lost connection does; with the driver's own connections they never end. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Socket } from 'node:net';
import { isDatabaseAway } from '../../../src/storage/database-away.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

/** More than a socket's buffers hold while the server does not read. */
const LARGE = 'x'.repeat(12 * 2 ** 20);

/** The sockets that this process opened. */
const sockets = new Set<Socket>();
const note = (message: unknown) => void sockets.add((message as { socket: Socket }).socket);
let database: TestDatabase;

beforeEach(async () => {
  subscribe('net.client.socket', note);
  database = await startTestDatabase();
});
afterEach(async () => {
  unsubscribe('net.client.socket', note);
  sockets.clear();
  await database.close();
});

const ping = () => database.db.command({ ping: 1 });
const failure = (operation: Promise<unknown>): Promise<unknown> => operation.then(() => null).catch((thrown: unknown) => thrown);

describe('an operation', () => {
  it('fails when its socket is destroyed and has not told so yet, and the next one opens another', async () => {
    await ping();
    for (const socket of sockets) socket.destroy(); // "close" is told in a later turn of the event loop
    expect(isDatabaseAway(await failure(ping()))).toBe(true);
    expect(await ping()).toMatchObject({ ok: 1 });
  });

  it('fails when its socket is destroyed while it waits for the server to read', async () => {
    await ping();
    const before = new Map([...sockets].map((socket) => [socket, socket.bytesWritten]));
    const writing = failure(database.db.collection<{ _id: string; text: string }>('large').insertOne({ _id: 'a', text: LARGE }));
    const grown = () => [...sockets].filter((socket) => socket.bytesWritten > (before.get(socket) ?? 0) + LARGE.length / 2);
    while (grown().length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const socket of grown()) socket.destroy();
    expect(isDatabaseAway(await writing)).toBe(true);
  });
});
