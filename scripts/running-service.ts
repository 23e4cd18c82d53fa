/** For scripts on the embedded engine: a service that runs holds its data folder, so they ask that service to do what they want done. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../src/config.js';
import { ConfigurationError } from '../src/domain/errors.js';

export interface RunningService {
  readonly url: string;
  /** With the admin key. Throws ConfigurationError where it refuses. */
  call(path: string, init?: RequestInit): Promise<unknown>;
}

/** Null where the database is a server's, or nobody runs. */
export async function findRunningService({ mongodb, port, dataDir }: Config): Promise<RunningService | null> {
  const url = `http://127.0.0.1:${port}`;
  if (mongodb.uri !== null || !(await isAlive(url))) return null;
  const keyFile = join(dataDir, 'admin.key');
  const key = await readFile(keyFile, 'utf8').catch((cause: unknown) => {
    const message = `A service runs at ${url}, and its key ${keyFile} cannot be read: set DATA_DIR as that service has it.`;
    throw new ConfigurationError(message, { cause });
  });
  return {
    url,
    async call(path, init = {}) {
      const headers = { ...(init.headers as Record<string, string> | undefined), 'x-api-key': key.trim() };
      const response = await fetch(`${url}${path}`, { ...init, headers });
      const body = (await response.json()) as { message?: string };
      if (!response.ok)
        throw new ConfigurationError(`The service at ${url} refused (${response.status}): ${body.message ?? 'no reason given'}`);
      return body;
    },
  };
}

async function isAlive(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch (thrown) {
    if (thrown instanceof TypeError || (thrown instanceof DOMException && thrown.name === 'TimeoutError')) return false; // nobody answers there
    throw thrown;
  }
}
