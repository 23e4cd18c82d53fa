/** The real service as a process of its own: started as `npm start` does, on a temporary data folder and a free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const PROJECT = join(import.meta.dirname, '..', '..');

export interface ServiceProcess {
  readonly url: string;
  /** What it has printed so far. */
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  readonly process: ChildProcess;
  /** SIGTERM, or another signal; resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Processes that a failing test left behind; the runner waits for none of them. */
const RUNNING = new Set<ChildProcess>();
export const killServiceProcesses = (): void => {
  for (const child of RUNNING) child.kill('SIGKILL');
};

type Environment = Readonly<Record<string, string>>;

/** Starts it and waits for nothing: for tests that end it at any moment. */
export function launchServiceProcess(environment: Environment, entry = 'src/main', args: readonly string[] = []) {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const child = spawn(process.execPath, [join(PROJECT, 'scripts/run.mjs'), entry, ...args], {
    cwd: environment.WORKING_FOLDER ?? PROJECT,
    env: { PATH, HOME, TMPDIR, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  RUNNING.add(child);
  child.once('exit', () => RUNNING.delete(child));
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  return { child, printed };
}

/** Resolves once it says where to chat; rejects with what it printed where it ends before. */
export async function startServiceProcess(environment: Environment, entry = 'src/main'): Promise<ServiceProcess> {
  const { child, printed } = launchServiceProcess(environment, entry);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /Chat\s+(http:\S+?)\/\s/.exec(printed.stdout)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`the service ended with code ${code}: ${printed.stdout}${printed.stderr}`)));
  });
  return {
    url,
    output: () => printed,
    process: child,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
      return child.exitCode;
    },
  };
}

/** For starts that are expected to fail: runs until it ends. */
export async function runServiceProcess(environment: Environment): Promise<Ended> {
  const { child, printed } = launchServiceProcess(environment);
  await once(child, 'close');
  return { code: child.exitCode, ...printed };
}
