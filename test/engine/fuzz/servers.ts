// The two servers of the fuzz: the embedded engine and the MongoDB that judges it, each reached by a bare connection.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { startEmbeddedMongo } from '../../../embedded-mongodb/index.js';
import { memoryFolder } from '../../fakes/memory-folder.js';
import { openWire, type PipelineWire } from './pipeline-wire.js';

export interface Servers {
  readonly ours: PipelineWire;
  readonly theirs: PipelineWire;
  readonly stop: () => Promise<void>;
}

/** Whether a MongoDB is named that can judge. */
export const judged = process.env['MONGOMS_SYSTEM_BINARY'] !== undefined;

export async function startServers(): Promise<Servers> {
  const path = await mkdtemp(join(memoryFolder(), 'parley-fuzz-'));
  const [engine, real] = await Promise.all([startEmbeddedMongo({ path }), MongoMemoryServer.create()]);
  const [ours, theirs] = await Promise.all([openWire(engine.uri), openWire(real.getUri())]);
  return {
    ours,
    theirs,
    async stop() {
      ours.close();
      theirs.close();
      await Promise.all([engine.stop(), real.stop()]);
      await rm(path, { recursive: true, force: true });
    },
  };
}
