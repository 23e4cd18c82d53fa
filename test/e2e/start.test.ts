/** What a newcomer sees: the first start, the second, and the sentences for what can go wrong. On the real service as a process. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killServiceProcesses, runServiceProcess, startServiceProcess } from '../fakes/service-process.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-start-'));
});
afterAll(async () => {
  killServiceProcesses();
  await rm(folder, { recursive: true, force: true });
});

const oneSentence = (stderr: string) => {
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/\n\s+at /);
};

describe('starting', () => {
  it('loads the sample, prints where to go, keeps the admin key, answers, and starts again with everything it had', async () => {
    const environment = { DATA_DIR: join(folder, 'data') };
    const first = await startServiceProcess(environment);
    const { stdout } = first.output();
    expect(stdout).toMatch(/Loading the sample knowledge/);
    for (const line of ['Chat ', 'Docs ', 'Health ', 'Admin key ', 'telegram: off (set TELEGRAM_BOT_TOKEN']) expect(stdout).toContain(line);
    const key = (await readFile(join(folder, 'data/admin.key'), 'utf8')).trim();
    expect(stdout).toContain(key);
    expect((await stat(join(folder, 'data/admin.key'))).mode & 0o777).toBe(0o600);
    const { session_id: sessionId } = (await (await fetch(`${first.url}/api/sessions`, { method: 'POST' })).json()) as {
      session_id: string;
    };
    const answer = await fetch(`${first.url}/api/chat/sessions/${sessionId}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message: '¿Cuál es el plazo para devolver un panel?' }),
    });
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { sources: unknown[] }).sources.length).toBeGreaterThan(0);
    expect(await first.stop()).toBe(0);
    expect(first.output().stderr).toBe('');

    const second = await startServiceProcess(environment);
    expect(second.output().stdout).not.toContain(key);
    const history = (await (await fetch(`${second.url}/api/chat/sessions/${sessionId}/messages`)).json()) as { total: number };
    expect(history.total).toBe(2);
    await second.stop();
  }, 120_000);

  it('says which port is taken', async () => {
    const taken: Server = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const ended = await runServiceProcess({ DATA_DIR: join(folder, 'data'), PORT: String(port) });
    taken.close();
    expect(ended.code).toBe(1);
    oneSentence(ended.stderr);
    expect(ended.stderr).toContain(String(port));
  }, 120_000);

  it.each([
    ['a port that is none', { PORT: 'http' }, /PORT/],
    ['half a channel', { TELEGRAM_BOT_TOKEN: '123456789:AAFakeTokenForTestsOnly_0123456789abc' }, /TELEGRAM_WEBHOOK_SECRET/],
    ['a database that is none', { MONGODB_URI: 'postgres://localhost' }, /MONGODB_URI/],
    ['a database that does not answer', { MONGODB_URI: 'mongodb://user:hunter2@127.0.0.1:9/' }, /MONGODB_URI/],
  ])(
    'explains %s in one sentence',
    async (_name, environment, expected) => {
      const ended = await runServiceProcess({ DATA_DIR: join(folder, 'other'), ...environment });
      expect(ended.code).toBe(1);
      oneSentence(ended.stderr);
      expect(ended.stderr).toMatch(expected);
      expect(ended.stderr).not.toContain('hunter2');
    },
    120_000,
  );

  it('explains a data folder that is none, and one that is in use', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const none = await runServiceProcess({ DATA_DIR: file });
    expect(none.code).toBe(1);
    oneSentence(none.stderr);
    expect(none.stderr).toMatch(/DATA_DIR/);

    const running = await startServiceProcess({ DATA_DIR: join(folder, 'data') });
    const second = await runServiceProcess({ DATA_DIR: join(folder, 'data') });
    await running.stop();
    expect(second.code).toBe(1);
    oneSentence(second.stderr);
    expect(second.stderr).toMatch(/in use|another process/i);
  }, 120_000);

  const root = process.getuid?.() === 0;
  (root ? it.skip : it)('explains a folder that may not be written to (skipped for root, who may write anywhere)', async () => {
    const locked = await mkdtemp(join(folder, 'locked-'));
    await chmod(locked, 0o500);
    const ended = await runServiceProcess({ DATA_DIR: join(locked, 'data') });
    expect(ended.code).toBe(1);
    oneSentence(ended.stderr);
    expect(ended.stderr).toMatch(/DATA_DIR/);
  });
});
