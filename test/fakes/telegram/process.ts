/** Starts the Telegram emulator in its own process and speaks to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RecordedCall, ScriptedFailure, ShownMessage } from './control.js';

export interface TelegramEmulator {
  /** For TELEGRAM_API_ROOT. */
  readonly url: string;
  /** As if Telegram sent the update: to the webhook where one is set (then with its status), else to the next poll. */
  deliver(token: string, update: object): Promise<{ updateId: number; status: number | null }>;
  /** Applies to the next call of the method; several are used up one by one. */
  fail(failure: ScriptedFailure): Promise<void>;
  /** All calls so far, or those of one method. */
  calls(method?: string): Promise<RecordedCall[]>;
  /** The bot's messages as people see them, oldest first. */
  shown(): Promise<ShownMessage[]>;
  /** A file that a customer sent; `sizeBytes` may claim more than there is. */
  addFile(bytes: Buffer, name: string, sizeBytes?: number): Promise<string>;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export async function startTelegramEmulator(): Promise<TelegramEmulator> {
  const child = spawn(process.execPath, ['--import', path('../../typescript.mjs'), path('main.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`The Telegram emulator ended at once with code ${String(code)}.`))),
  ])) as [string];
  const { url } = JSON.parse(line) as { url: string };
  const control = async (command: string, input: object = {}): Promise<unknown> => {
    const response = await fetch(`${url}/control/${command}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    if (!response.ok) throw new Error(`The Telegram emulator refused ${command}: ${await response.text()}`);
    return response.json();
  };
  return {
    url,
    deliver: async (token, update) => (await control('deliver', { token, update })) as { updateId: number; status: number | null },
    fail: async (failure) => void (await control('fail', failure)),
    calls: async (method) => ((await control('calls')) as RecordedCall[]).filter((call) => method === undefined || call.method === method),
    shown: async () => (await control('shown')) as ShownMessage[],
    addFile: async (bytes, name, sizeBytes) => (await control('add-file', { base64: bytes.toString('base64'), name, sizeBytes })) as string,
    reset: async () => void (await control('reset')),
    stop: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
