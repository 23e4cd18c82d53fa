/** A service that ends by itself under load, by a defect or because nobody reads its output: gone with exit code 1, and what it acknowledged is there. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryFolder } from '../fakes/memory-folder.js';
import { copySampleData } from '../fakes/sample-data.js';
import { killServiceProcesses, type ServiceProcess, startServiceProcess } from '../fakes/service-process.js';

const SESSIONS = 6;
/** On demand: a defect, and a line of the log. */
const ON_DEMAND = [
  "process.on('SIGUSR2', () => { throw new Error('a defect'); });",
  "process.on('SIGHUP', () => process.stderr.write('a line of the log\\n'));",
].join('');
const PRELOADED = `--import=data:text/javascript,${encodeURIComponent(ON_DEMAND)}`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(memoryFolder(), 'parley-ends-'));
});
afterAll(async () => {
  killServiceProcesses();
  await rm(folder, { recursive: true, force: true });
});

const messagesOf = (url: string, sessionId: string) => `${url}/api/chat/sessions/${sessionId}/messages`;

interface Load {
  /** Messages with an answer, by session. */
  readonly answered: ReadonlyMap<string, number>;
  /** Resolves when the service is gone for every session. */
  readonly over: Promise<unknown>;
}

/** Resolves when each session has had an answer; they go on asking until the service is gone. */
async function ask(url: string): Promise<Load> {
  const answered = new Map<string, number>();
  const begun: Promise<void>[] = [];
  const over = Array.from({ length: SESSIONS }, async () => {
    let begin: () => void = () => undefined;
    begun.push(new Promise((resolve) => (begin = resolve)));
    const opened = await fetch(`${url}/api/sessions`, { method: 'POST' });
    const { session_id: id } = (await opened.json()) as { session_id: string };
    const body = JSON.stringify({ message: '¿Cuál es el plazo para devolver un panel?' });
    const post = () => fetch(messagesOf(url, id), { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    for (;;) {
      const reply = await post().catch(() => undefined);
      if (reply === undefined) return;
      if (reply.ok) answered.set(id, (answered.get(id) ?? 0) + 1);
      begin();
    }
  });
  await Promise.all(begun);
  return { answered, over: Promise.all(over) };
}

it.each<[string, (service: ServiceProcess) => unknown, RegExp]>([
  ['a defect', (service) => service.process.kill('SIGUSR2'), /Error: a defect/],
  [
    'nobody reads its standard error',
    (service) => {
      service.process.stderr?.destroy();
      service.process.kill('SIGHUP');
    },
    /^/,
  ],
])(
  '%s',
  async (_name, strike, printed) => {
    const environment = { DATA_DIR: join(folder, String(printed.source.length)), RATE_LIMIT_DEFAULT: '100000', LOG_LEVEL: 'debug' };
    await copySampleData(environment.DATA_DIR);
    const service = await startServiceProcess({ ...environment, NODE_OPTIONS: PRELOADED });
    const load = await ask(service.url);
    const exited = once(service.process, 'exit');
    strike(service);
    expect(await exited).toEqual([1, null]);
    expect(service.output().stderr).toMatch(printed);
    await load.over;

    const again = await startServiceProcess(environment);
    for (const [session, count] of load.answered) {
      const history = (await (await fetch(messagesOf(again.url, session))).json()) as { total: number };
      expect(history.total).toBeGreaterThanOrEqual(2 * count);
    }
    expect(load.answered.size).toBe(SESSIONS);
    expect(await again.stop()).toBe(0);
  },
  120_000,
);
