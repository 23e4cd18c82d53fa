/** The real service, and the fake Telegram API it talks to, each as a process of its own, with what the system says of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT_FOLDER } from '../../src/root-folder.js';

export interface Send {
  readonly chatId: string;
  readonly text: string;
  /** Unix time in ms with fractions. */
  readonly atMs: number;
}

export interface BenchService {
  readonly webhook: string;
  readonly secret: string;
  /** What the fake Telegram API took, from an index on. */
  sendsFrom(index: number): Promise<Send[]>;
  /** Mean ms and count of each step since the last call. */
  stepTimes(): Promise<Map<string, { meanMs: number; count: number }>>;
  /** Most memory the service has held, in MB; CPU seconds that service and fake have used; null where the system does not tell. */
  usage(): Promise<{ peakMb: number; serviceCpu: number; fakeCpu: number } | null>;
  stop(): Promise<void>;
}

const SECRET = 'bench-secret';
const TOKEN = '123456:bench-bench-bench-bench-bench-bench';

export async function startBenchService(): Promise<BenchService> {
  const fake = spawn(process.execPath, ['--import', './test/typescript.mjs', 'test/fakes/fake-telegram-api.ts'], { cwd: ROOT_FOLDER });
  const { url: fakeUrl } = JSON.parse(await firstLine(fake, /^\{/)) as { url: string };
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const port = await freePort();
  const service = spawn(process.execPath, [join(ROOT_FOLDER, 'dist/src/main.js')], {
    cwd: dataDir,
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_WEBHOOK_SECRET: SECRET,
      TELEGRAM_API_ROOT: fakeUrl,
      // The emulated account is a paid one: Telegram itself would hold a free one to 30 messages a second.
      SENDS_PER_SECOND: '100000',
    },
  });
  service.stderr.pipe(process.stderr);
  await firstLine(service, /Parley is running/);
  service.stdout.resume();
  const root = `http://127.0.0.1:${port}`;
  let lastSteps = new Map<string, { sum: number; count: number }>();

  return {
    webhook: `${root}/webhooks/telegram`,
    secret: SECRET,
    sendsFrom: async (index) => (await (await fetch(`${fakeUrl}/control/sends?from=${index}`)).json()) as Send[],
    async stepTimes() {
      const steps = readSteps(await (await fetch(`${root}/metrics`)).text());
      const since = new Map<string, { meanMs: number; count: number }>();
      for (const [step, { sum, count }] of steps) {
        const before = lastSteps.get(step) ?? { sum: 0, count: 0 };
        if (count > before.count)
          since.set(step, { meanMs: ((sum - before.sum) / (count - before.count)) * 1000, count: count - before.count });
      }
      lastSteps = steps;
      return since;
    },
    async usage() {
      const [serviceUse, fakeUse] = await Promise.all([usageOf(service), usageOf(fake)]);
      return serviceUse === null || fakeUse === null
        ? null
        : { peakMb: serviceUse.peakMb, serviceCpu: serviceUse.cpuSeconds, fakeCpu: fakeUse.cpuSeconds };
    },
    async stop() {
      service.kill('SIGTERM');
      await once(service, 'exit');
      fake.kill();
      await rm(dataDir, { recursive: true, force: true });
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
async function usageOf(child: ChildProcess): Promise<{ peakMb: number; cpuSeconds: number } | null> {
  if (process.platform !== 'linux') return null;
  const [status, stat] = await Promise.all(['status', 'stat'].map((file) => readFile(`/proc/${child.pid}/${file}`, 'utf8')));
  const peakKb = Number(/VmHWM:\s+(\d+)/.exec(status ?? '')?.[1] ?? 0);
  // Fields 14 and 15 (user and system time, in ticks of 10 ms), counted behind the name in parentheses.
  const fields = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
  return { peakMb: peakKb / 1024, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100 };
}
