/**
 * kill -9 between any two steps, twice in a row, then a start that is left alone: each message is answered once. The one exception is a death
 * between the platform's acceptance and our knowing of it: then the reply is sent again, and flagged.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type MongoMemoryServer } from 'mongodb-memory-server-core';
import { type DeliveryStep } from '../../../src/delivery/steps.js';
import { compileSources } from '../../engine/server/compiled-engine.js';
import { startServer } from '../../fakes/database.js';
import { memoryFolder } from '../../fakes/memory-folder.js';
import { type CrashChildInput, type CrashChildOutput } from './crash-child.js';

const STEPS: readonly DeliveryStep[] = [
  'emit:stored',
  'lane:claimed',
  'turn:computed',
  'turn:committed',
  'effects:applied',
  'inbox:done',
  'outbox:sending',
  'outbox:called',
  'outbox:sent',
];

let server: MongoMemoryServer | null = null;
/** Of the service and of the process that is killed: compiled once rather than by each of the processes. */
let compiled: string;
beforeAll(async () => {
  compiled = compileSources('src', 'embedded-mongodb', 'test/fakes', 'test/integration/delivery');
  server = process.env.TEST_MONGODB === '1' ? await startServer() : null;
});
afterAll(async () => {
  await server?.stop();
  await rm(compiled, { recursive: true, force: true });
});

async function run(input: CrashChildInput): Promise<{ signal: string | null; output: string; errors: string }> {
  const child = spawn(process.execPath, [join(compiled, 'test/integration/delivery/crash-child.js'), JSON.stringify(input)]);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { signal, output, errors };
}

/** A platform in a process that does not die: what it accepted is what the customer sees. */
async function startPlatform() {
  const accepted: string[] = [];
  const platform = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      accepted.push(body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve));
  const { port } = platform.address() as AddressInfo;
  return { accepted, url: `http://127.0.0.1:${port}/`, close: () => platform.close() };
}

describe('kill -9', () => {
  it.each(STEPS)(
    'after %s, twice: answered once, in order',
    async (step) => {
      const dataDir = await mkdtemp(join(memoryFolder(), 'parley-crash-'));
      const platform = await startPlatform();
      const input = { uri: server?.getUri() ?? null, database: step.replace(':', '-'), dataDir, platform: platform.url };
      const first = await run({ ...input, killAt: step });
      const second = await run({ ...input, killAt: step });
      const last = await run({ ...input, killAt: null });
      platform.close();
      await rm(dataDir, { recursive: true, force: true });

      expect([first.signal, last.signal]).toEqual(['SIGKILL', null]);
      expect(last.errors).not.toContain('"level":"error"');
      const stored = JSON.parse(last.output) as CrashChildOutput;
      const inDoubt = stored.outbox.map((entry) => entry.uncertain);
      const doubts = inDoubt.reduce((sum, count) => sum + count, 0);
      expect(stored.turns.map((turn) => turn.uncertainSends > 0)).toEqual(inDoubt.map((count) => count > 0));

      const once = platform.accepted.filter((text, index) => platform.accepted[index - 1] !== text);
      expect(once).toEqual(['re: 1', 're: 2']);
      const doubled = platform.accepted.length - once.length;
      // A step that a successor finds done is not gone through again: then the second process is not killed.
      const kills = second.signal === 'SIGKILL' ? 2 : 1;
      if (step === 'outbox:called') expect([doubled, doubts]).toEqual([kills, kills]);
      else if (step === 'outbox:sending') expect([doubled, doubts]).toEqual([0, kills]);
      // Sends go on beside turns, so a kill after a turn's own step may catch the reply before it in flight.
      else expect(doubled).toBeLessThanOrEqual(doubts);
      if (STEPS.indexOf(step) < STEPS.indexOf('effects:applied')) expect(doubts).toBe(0);
      expect(stored.outbox.map((entry) => [entry.text, entry.state])).toEqual([
        ['re: 1', 'sent'],
        ['re: 2', 'sent'],
      ]);
      expect(stored.messages).toEqual(['1', 're: 1', '2', 're: 2']);
      expect(stored.messageCount).toBe(4);
    },
    120_000,
  );
});
