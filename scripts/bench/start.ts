/**
 * `npm run bench:start`: how long the service takes to start on data that is there, from the command to the line that says it runs, beside a Node
 * that does nothing and one that only imports the same packages. The three take turns, so that a busy machine is busy for all of them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT_FOLDER } from '../../src/root-folder.js';

const RUNS = 7;
const TARGET_MS = 3_000;

/** What the service imports at its start; the readers of files are loaded when a file comes. */
const PACKAGES = [
  ...[
    '@agendajs/mongo-backend',
    'agenda',
    'bson',
    'cli-progress',
    'compression',
    'express',
    'express-rate-limit',
    'helmet',
    'lmdb',
    'marked',
  ],
  ...[
    'mongodb',
    'mongoose',
    'multer',
    'natural/lib/natural/stemmers/porter_stemmer.js',
    'natural/lib/natural/stemmers/porter_stemmer_es.js',
  ],
  ...['node-cache', 'pino', 'prom-client', 'swagger-ui-dist', 'telegraf', 'ws', 'yaml', 'zod', 'zod-openapi'],
];

/** Runs Node in the project's folder; resolves with the time until it prints the line, or ends where no line is given. */
async function timeNode(args: readonly string[], environment: NodeJS.ProcessEnv = {}, line?: RegExp): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: ROOT_FOLDER,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let seenAtMs: number | null = null;
  for await (const printed of createInterface({ input: child.stdout })) {
    if (line === undefined || seenAtMs !== null || !line.test(printed)) continue;
    seenAtMs = performance.now();
    child.kill('SIGTERM');
  }
  const [code] = await exited;
  if (code !== 0 || (line !== undefined && seenAtMs === null)) throw new Error(`node ${args[0] ?? ''} ended with code ${String(code)}`);
  return (seenAtMs ?? performance.now()) - began;
}

function printRow(name: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const [least, median, most] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  console.log(`  ${name.padEnd(34)} ${[least, median, most].map((time = NaN) => time.toFixed(0).padStart(7)).join(' ')}`);
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-start-'));
  const start = () => timeNode(['scripts/start.mjs'], { DATA_DIR: folder, PORT: '0' }, /Parley is running/);
  try {
    const firstMs = await start();
    const imports = `await Promise.all(${JSON.stringify(PACKAGES)}.map((name) => import(name)))`;
    const [bare, imported, started]: [number[], number[], number[]] = [[], [], []];
    for (let run = 0; run < RUNS; run += 1) {
      bare.push(await timeNode(['-e', '0']));
      imported.push(await timeNode(['--input-type=module', '-e', `${imports}; process.exit(0);`]));
      started.push(await start());
    }
    console.log(`${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, ${RUNS} runs in turn; ms\n`);
    console.log(`  ${''.padEnd(34)} ${['least', 'median', 'most'].map((name) => name.padStart(7)).join(' ')}`);
    printRow('node -e 0', bare);
    printRow('node, importing the same packages', imported);
    printRow('the service, second start', started);
    console.log(`\n  first start, loading the sample: ${firstMs.toFixed(0)} ms, once. Target of the second: ${TARGET_MS} ms.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
