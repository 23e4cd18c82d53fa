// Runs tests of clients on the embedded engine and, where MONGOMS_SYSTEM_BINARY names one, on a real MongoDB: what a client relies on must hold on both.
import { afterAll, beforeAll, describe } from '@jest/globals';
import { type Db, MongoClient } from 'mongodb';
import { startEngine } from './start-engine.js';

export interface Server {
  readonly uri: string;
  readonly db: Db;
  stop(): Promise<void>;
}

async function startReal(): Promise<Server> {
  const { MongoMemoryServer } = await import('mongodb-memory-server-core');
  const server = await MongoMemoryServer.create();
  const client = await MongoClient.connect(server.getUri());
  return {
    uri: server.getUri(),
    db: client.db('test'),
    async stop() {
      await client.close();
      await server.stop();
    },
  };
}

/** Defines the tests once for each server; they reach it through the function that they are given. */
export function onEachServer(define: (server: () => Server) => void): void {
  const on = (start: () => Promise<Server>) => (): void => {
    let server: Server;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.stop());
    define(() => server);
  };
  describe('on the embedded engine', on(startEngine));
  const live = process.env['MONGOMS_SYSTEM_BINARY'] !== undefined;
  (live ? describe : describe.skip)('on a real MongoDB (skipped where MONGOMS_SYSTEM_BINARY names none)', on(startReal));
}
