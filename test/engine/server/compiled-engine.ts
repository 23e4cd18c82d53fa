// The engine as it runs in production: compiled, in a process of its own, which a test may kill.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Often, so that the processes of tests are seen, and killed, while documents expire. */
const TTL_SWEEP_MS = 100;

export interface CompiledEngine {
  /** Starts a process on a data folder, Node with `nodeArgs`; rejects with what it wrote to stderr when it ends before it listens. */
  start(path: string, nodeArgs?: readonly string[]): Promise<{ readonly uri: string; readonly process: ChildProcess }>;
  /** Kills the processes that are left and removes the compiled files. */
  remove(): void;
}

/** Compiles sources into a folder of their own, beside node_modules so that their imports resolve; the caller removes it. */
export function compileSources(...sources: readonly string[]): string {
  const folder = join(ROOT, 'node_modules', '.cache', `compiled-for-test-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }'); // or Node would have to find out for each file
  const swc = join(ROOT, 'node_modules/@swc/cli/bin/swc.js');
  const build = spawnSync(process.execPath, [swc, ...sources, '--out-dir', folder, '--extensions', '.ts', '--quiet'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (build.status !== 0) throw new Error(`${sources.join(', ')} do not compile: ${build.stderr}`);
  return folder;
}

export function compileEngine(): CompiledEngine {
  const folder = compileSources('embedded-mongodb');
  const main = join(folder, 'embedded-mongodb', 'main.js');
  const started: ChildProcess[] = [];
  return {
    start: (path, nodeArgs) => startProcess(main, path, nodeArgs, (child) => started.push(child)),
    remove() {
      for (const child of started) child.kill('SIGKILL'); // one that a failed test left would keep the test runner from ending
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function startProcess(
  main: string,
  path: string,
  nodeArgs: readonly string[] = [],
  onSpawn?: (child: ChildProcess) => void,
): ReturnType<CompiledEngine['start']> {
  const child = spawn(process.execPath, [...nodeArgs, main, '--path', path, '--ttl-sweep-ms', String(TTL_SWEEP_MS)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onSpawn?.(child);
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(errors.trim())));
    child.stdout.once('data', (line: Buffer) => resolve({ uri: line.toString().trim(), process: child }));
  });
}

/** Kills the process so that it can do nothing more, and waits until it is gone. */
export async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
