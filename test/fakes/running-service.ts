/** The whole service in this process, as main.ts puts it together, on the sample alone and a free port; its log is kept for the test to look at. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '../../src/config.js';
import { startService } from '../../src/main.js';
import { startServer } from './database.js';
import { createHttpClient, type HttpClient } from './http-client.js';
import { memoryFolder } from './memory-folder.js';
import { copySampleData } from './sample-data.js';

export interface RunningService extends HttpClient {
  /** Every line that was logged, at level debug. */
  readonly log: readonly string[];
  readonly adminKey: string;
  stop(): Promise<void>;
}

/**
 * On the embedded engine, or on a real MongoDB where TEST_MONGODB=1.
 * @param environment with DATA_DIR, which holds the sample already: what is there is gone on with, and stays
 */
export async function startRunningService(environment: Readonly<Record<string, string>> = {}): Promise<RunningService> {
  const dataDir = environment['DATA_DIR'] ?? (await mkdtemp(join(memoryFolder(), 'parley-service-')));
  const isOwn = environment['DATA_DIR'] === undefined;
  const server = isOwn && process.env.TEST_MONGODB === '1' ? await startServer() : null;
  if (isOwn && server === null) await copySampleData(dataDir);
  const log: string[] = [];
  const config = parseConfig({
    NODE_ENV: 'test',
    PORT: '0',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'debug',
    RATE_LIMIT_DEFAULT: '100000',
    RATE_LIMIT_PROCESS: '100000',
    ...(server === null ? {} : { MONGODB_URI: server.getUri() }),
    ...environment,
  });
  const service = await startService(config, { writeLog: (line) => void log.push(line) });
  return {
    ...createHttpClient(`http://127.0.0.1:${service.port}`),
    log,
    adminKey: (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim(),
    async stop() {
      await service.stop();
      await server?.stop();
      if (isOwn) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
