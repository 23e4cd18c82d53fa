/** The real service for chaos: a database that is a process of its own, and as many instances of the compiled service on it as are asked for. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoBinary } from 'mongodb-memory-server-core';
import { ROOT_FOLDER } from '../../src/root-folder.js';
import { type ChaosOptions } from './plan.js';
import { freePort, keepRunning, type Program } from './processes.js';

export interface ChaosService {
  readonly instances: readonly Program[];
  readonly urls: readonly string[];
  /** Null: the only instance has the embedded engine in it. */
  readonly database: Program | null;
  /** For whoever wants to look at what is stored; null: stop the instance, then open its data folder. */
  readonly databaseUri: string | null;
  readonly dataDir: string;
  stop(): Promise<void>;
}

const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
const BARE = { PATH, HOME, TMPDIR };

export async function startChaosService(
  { instances: count, database: kind, leaseSeconds }: Pick<ChaosOptions, 'instances' | 'database' | 'leaseSeconds'>,
  folder: string,
  channels: NodeJS.ProcessEnv,
): Promise<ChaosService> {
  const inProcess = kind === 'embedded' && count === 1;
  const databasePort = await freePort();
  const databaseUri = inProcess ? null : `mongodb://127.0.0.1:${databasePort}/?directConnection=true`;
  const started: Program[] = [];
  const stop = async () => {
    for (const program of started.reverse()) await program.stop();
  };
  try {
    const database = inProcess ? null : keepRunning(await databaseProgram(kind, join(folder, 'database-server'), databasePort));
    if (database !== null) started.push(database);
    await database?.readyNow();
    const instances: Program[] = [];
    const urls: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const port = await freePort();
      const dataDir = join(folder, `instance-${index}`);
      const environment = {
        ...BARE,
        NODE_ENV: 'test',
        LOG_LEVEL: 'warn',
        PORT: String(port),
        DATA_DIR: dataDir,
        ...(databaseUri === null ? {} : { MONGODB_URI: databaseUri }),
        LEASE_SECONDS: String(leaseSeconds),
        SENDS_PER_SECOND: '100000',
        SENDS_PER_CHAT: '1000',
        MESSAGES_PER_MINUTE: '1000000',
        RATE_LIMIT_DEFAULT: '1000000',
        ...channels,
      };
      const args = ['--enable-source-maps', join(ROOT_FOLDER, 'dist/src/main.js')];
      const instance = keepRunning({ name: `instance ${index}`, command: process.execPath, args, environment, ready: /Parley is running/ });
      started.push(instance);
      instances.push(instance);
      urls.push(`http://127.0.0.1:${port}`);
      await instance.readyNow(); // one after the other: the first one loads the sample
    }
    return { instances, urls, database, databaseUri, dataDir: join(folder, 'instance-0'), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function databaseProgram(kind: ChaosOptions['database'], path: string, port: number) {
  await mkdir(path, { recursive: true });
  if (kind === 'embedded') {
    const args = [join(ROOT_FOLDER, 'dist/embedded-mongodb/main.js'), '--path', path, '--port', String(port)];
    return { name: 'embedded engine', command: process.execPath, args, environment: BARE, ready: /mongodb:\/\// };
  }
  // The binary that tests use: MONGOMS_SYSTEM_BINARY, or one that is downloaded.
  const version = process.env['MONGOMS_VERSION'];
  const command = await MongoBinary.getPath(version === undefined ? {} : { version });
  const args = ['--dbpath', path, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'];
  return { name: 'MongoDB', command, args, environment: BARE, ready: /waiting for connections/i };
}
