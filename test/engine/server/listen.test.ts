// Where the engine listens: a socket that only its user may use, or TCP where a port is asked for or there can be no socket.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { type RunningServer, startServer } from '../../../embedded-mongodb/server/server.js';
import { memoryFolder } from '../../fakes/memory-folder.js';

const TCP = /^mongodb:\/\/127\.0\.0\.1:\d+\/\?directConnection=true$/;
const SOCKETS = process.platform !== 'win32';

let path: string;
let running: RunningServer[];

beforeEach(async () => {
  path = await mkdtemp(join(memoryFolder(), 'parley-listen-'));
  running = [];
});

afterEach(async () => {
  for (const server of running) await server.stop();
  await rm(path, { recursive: true, force: true });
});

/** Starts a server, asks it something, and gives where it listens. */
async function listening(options: { readonly path: string; readonly port?: number }): Promise<string> {
  const server = await startServer(options);
  running.push(server);
  const client = await MongoClient.connect(server.uri);
  expect(await client.db('test').command({ ping: 1 })).toEqual({ ok: 1 });
  await client.close();
  return server.uri;
}

test('by default on a socket in the data folder, for its user only, even where a killed process left one; it goes with the server', async () => {
  const socket = join(path, 'engine.sock');
  await writeFile(socket, 'left behind');
  const uri = await listening({ path });
  if (!SOCKETS) expect(uri).toMatch(TCP);
  else {
    expect(uri).toBe(`mongodb://${encodeURIComponent(socket)}/?directConnection=true`);
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    await running[0]?.stop();
    expect(existsSync(socket)).toBe(false);
  }
});

test('on TCP where the path of the socket would be too long', async () => {
  expect(await listening({ path: join(path, 'x'.repeat(100)) })).toMatch(TCP);
});

test('on a port that is asked for; one that is taken is an error, and leaves the folder free', async () => {
  const uri = await listening({ path, port: 0 });
  expect(uri).toMatch(TCP);
  const other = join(path, 'other');
  await expect(startServer({ path: other, port: Number(new URL(uri).port) })).rejects.toThrow('EADDRINUSE');
  expect(await listening({ path: other, port: 0 })).toMatch(TCP);
});
