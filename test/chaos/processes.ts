/** Processes of a chaos run: started, killed, frozen and started again, on ports that stay the same. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProgramOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** What it prints once it can be used. */
  readonly ready: RegExp;
}

/** A program that is kept running: when it ends, it is started again, as a supervisor does. */
export interface Program {
  readonly name: string;
  readonly up: () => boolean;
  /** Resolves once it can be used; rejects with what it printed where it never could and fails to start again and again. */
  readyNow(): Promise<void>;
  /** SIGKILL; started again after so long, or once it is told to. */
  kill(away?: number | Promise<unknown>): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** SIGTERM, and no further start. */
  stop(): Promise<void>;
  /** Starts that failed, and ends that nobody asked for once it was ready. */
  readonly failedStarts: () => number;
  readonly crashes: readonly string[];
  /** What it printed, the last of it. */
  readonly output: () => string;
}

const RESTART_MS = 200;
const OUTPUT_KEPT = 200_000;
const MAX_FIRST_STARTS = 3;

export function keepRunning({ name, command, args, environment, ready }: ProgramOptions): Program {
  let child: ChildProcess;
  let isReady = false;
  let wasReady = false;
  let ended = false;
  let asked = false;
  let printed = '';
  let failedStarts = 0;
  let away: number | Promise<unknown> = RESTART_MS;
  const crashes: string[] = [];

  const start = (): void => {
    isReady = false;
    asked = false;
    let sinceStart = '';
    const started = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    const hear = (text: string) => {
      printed = (printed + text).slice(-OUTPUT_KEPT);
      if (isReady || child !== started) return;
      sinceStart += text;
      isReady = ready.test(sinceStart);
      wasReady ||= isReady;
    };
    started.stdout.setEncoding('utf8').on('data', hear);
    started.stderr.setEncoding('utf8').on('data', hear);
    started.once('exit', (code, signal) => {
      if (!asked && isReady) crashes.push(`${name} ended by itself (${code ?? signal ?? 'unknown'})`);
      else if (!asked) failedStarts += 1;
      isReady = false;
      void (typeof away === 'number' ? sleep(away) : away).then(() => {
        if (!ended) start();
      });
      away = RESTART_MS;
    });
  };
  start();

  process.once('exit', () => child.kill('SIGKILL')); // nothing outlives the run, however it ends

  const running = () => child.exitCode === null && child.signalCode === null;
  return {
    name,
    up: () => isReady,
    async readyNow() {
      while (!isReady) {
        if (!wasReady && failedStarts >= MAX_FIRST_STARTS) throw new Error(`${name} cannot be started: ${printed.slice(-2_000)}`);
        await sleep(20);
      }
    },
    async kill(awayFor = RESTART_MS) {
      while (!running()) await sleep(5);
      asked = true;
      away = awayFor;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      ended = true;
      asked = true;
      if (!running()) return;
      const exited = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await exited;
    },
    failedStarts: () => failedStarts,
    crashes,
    output: () => printed,
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
