/** What the load is put on: a bot as a process of its own, the fake Telegram API it talks to, and what the system says of both. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT_FOLDER } from '../../../src/root-folder.js';

export interface Send {
  readonly chatId: string;
  readonly text: string;
  /** Unix time in ms with fractions. */
  readonly atMs: number;
}

export interface StepTime {
  readonly meanMs: number;
  readonly count: number;
}

export interface Usage {
  /** Most memory the bot has held. */
  readonly peakMb: number;
  /** CPU seconds the bot has used, all of its threads. */
  readonly cpuSeconds: number;
  /** Of that, each thread by its id: the one it began with has the process's; an embedded engine and V8 have their own. */
  readonly threadSeconds: ReadonlyMap<number, number>;
  /** CPU seconds of the fake Telegram API. */
  readonly platformSeconds: number;
}

export interface Target {
  readonly name: string;
  readonly webhook: string;
  readonly secret: string;
  /** Of the bot. */
  readonly pid: number;
  /** What the fake Telegram API took since the last call. */
  newSends(): Promise<Send[]>;
  /** Mean ms and count of each step since the last call; none for the echo. */
  stepTimes(): Promise<Map<string, StepTime>>;
  /** Null where the system does not tell. */
  usage(): Promise<Usage | null>;
  stop(): Promise<void>;
}

export interface TargetOptions {
  readonly name: string;
  /** The compiled program, from the root of the project. */
  readonly program: string;
  /** The line by which it says that it listens. */
  readonly ready: RegExp;
  readonly dataDir: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Where to put CPU profiles, one for each thread; none are taken where it is left out. */
  readonly profileDir?: string | undefined;
}

const SECRET = 'bench-secret';
const TOKEN = '123456:bench-bench-bench-bench-bench-bench';

export async function startTarget({ name, program, ready, dataDir, environment, profileDir }: TargetOptions): Promise<Target> {
  const fake = spawn(process.execPath, ['--import', './test/typescript.mjs', 'test/fakes/fake-telegram-api.ts'], { cwd: ROOT_FOLDER });
  const { url: fakeUrl } = JSON.parse(await firstLine(fake, /^\{/)) as { url: string };
  const port = await freePort();
  const profiling = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const bot = spawn(process.execPath, [...profiling, join(ROOT_FOLDER, program)], {
    cwd: dataDir,
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATA_DIR: dataDir,
      LOG_LEVEL: 'error',
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_WEBHOOK_SECRET: SECRET,
      TELEGRAM_API_ROOT: fakeUrl,
      // The emulated account and its chats know no limits, nor does the service hold back a chat that floods: its own speed is what counts here.
      SENDS_PER_SECOND: '100000',
      SENDS_PER_CHAT: '100000',
      MESSAGES_PER_MINUTE: '1000000',
      ...environment,
    },
  });
  bot.stderr.pipe(process.stderr);
  await firstLine(bot, ready);
  bot.stdout.resume();
  const root = `http://127.0.0.1:${port}`;
  let sendsSeen = 0;
  let lastSteps = new Map<string, { sum: number; count: number }>();

  return {
    name,
    webhook: `${root}/webhooks/telegram`,
    secret: SECRET,
    pid: bot.pid ?? 0,
    async newSends() {
      const sends = (await (await fetch(`${fakeUrl}/control/sends?from=${sendsSeen}`)).json()) as Send[];
      sendsSeen += sends.length;
      return sends;
    },
    async stepTimes() {
      const metrics = await fetch(`${root}/metrics`);
      const steps = metrics.ok ? readSteps(await metrics.text()) : new Map<string, { sum: number; count: number }>();
      const since = new Map<string, StepTime>();
      for (const [step, { sum, count }] of steps) {
        const before = lastSteps.get(step) ?? { sum: 0, count: 0 };
        if (count > before.count)
          since.set(step, { meanMs: ((sum - before.sum) / (count - before.count)) * 1000, count: count - before.count });
      }
      lastSteps = steps;
      return since;
    },
    usage: () => usageOf(bot, fake),
    async stop() {
      bot.kill('SIGTERM');
      if (bot.exitCode === null) await once(bot, 'exit');
      fake.kill();
    },
  };
}

async function firstLine(child: ChildProcess, pattern: RegExp): Promise<string> {
  if (child.stdout === null) throw new Error('the process has no output to read');
  for await (const line of createInterface({ input: child.stdout })) {
    if (pattern.test(line)) return line;
  }
  throw new Error(`a process of the benchmark ended before it said ${pattern.source}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function readSteps(metrics: string): Map<string, { sum: number; count: number }> {
  const steps = new Map<string, { sum: number; count: number }>();
  for (const [, what, step = '', value] of metrics.matchAll(/^parley_step_seconds_(sum|count)\{step="([^"]+)"\} (\S+)$/gm)) {
    const known = steps.get(step) ?? { sum: 0, count: 0 };
    steps.set(step, what === 'sum' ? { ...known, sum: Number(value) } : { ...known, count: Number(value) });
  }
  return steps;
}

/** From /proc, on Linux only. */
async function usageOf(bot: ChildProcess, platform: ChildProcess): Promise<Usage | null> {
  if (process.platform !== 'linux') return null;
  const files = [`${bot.pid}/status`, `${bot.pid}/stat`, `${platform.pid}/stat`];
  const [status = '', whole = '', other = ''] = await Promise.all(files.map((file) => readFile(`/proc/${file}`, 'utf8')));
  const tasks = await readdir(`/proc/${bot.pid}/task`);
  const threads = tasks.map(
    async (task) => [Number(task), cpuSecondsOf(await readFile(`/proc/${bot.pid}/task/${task}/stat`, 'utf8'))] as const,
  );
  return {
    peakMb: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024,
    cpuSeconds: cpuSecondsOf(whole),
    threadSeconds: new Map(await Promise.all(threads)),
    platformSeconds: cpuSecondsOf(other),
  };
}

/** Fields 14 and 15 (user and system time, in ticks of 10 ms), counted behind the name in parentheses. */
function cpuSecondsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
