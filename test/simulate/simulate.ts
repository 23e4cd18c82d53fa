/** Conversations with the real service through its real adapters, the platforms behind them emulated: nothing to sign up for, nothing to configure. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseConfig } from '../../src/config.js';
import { startService } from '../../src/main.js';
import { PLATFORMS, type ShownAnswer, type SimulatedPlatform } from './platforms.js';

export interface Simulation {
  /** What the bot showed there in answer, as lines. Throws where it shows nothing in time. */
  ask(platform: string, text: string): Promise<string>;
  close(): Promise<void>;
}

const ANSWER_MS = 30_000;
const LOOK_MS = 50;
/** An answer in several messages: the next one follows within this time. */
const MORE_MS = 1_500;

/**
 * One service with these platforms switched on. Throws for a name that is no platform.
 * @param prepare may fill the data folder before the service starts; it loads the sample where nothing is there
 */
export async function simulate(names: readonly string[], prepare?: (dataDir: string) => Promise<void>): Promise<Simulation> {
  const platforms = new Map<string, SimulatedPlatform>();
  for (const name of names) {
    const open = PLATFORMS[name];
    if (open === undefined) throw new Error(`There is no platform ${name}: ${Object.keys(PLATFORMS).join(', ')}.`);
    platforms.set(name, await open());
  }
  const folder = await mkdtemp(join(tmpdir(), 'parley-simulate-'));
  await prepare?.(folder);
  const variables = Object.assign({}, ...[...platforms.values()].map(({ environment }) => environment)) as Record<string, string>;
  const service = await startService(parseConfig({ NODE_ENV: 'test', PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'error', ...variables }));
  for (const platform of platforms.values()) await platform.connect(service.url);
  const seen = new Map<string, number>();

  return {
    async ask(name, text) {
      const platform = platforms.get(name);
      if (platform === undefined) throw new Error(`${name} is not switched on`);
      await platform.say(text);
      const messages = await answerOf(platform, seen.get(name) ?? 0);
      seen.set(name, (seen.get(name) ?? 0) + messages.length);
      return messages.map(linesOf).join('\n\n');
    },
    async close() {
      await service.stop();
      for (const platform of platforms.values()) await platform.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const linesOf = ({ text, buttons, sources = [] }: ShownAnswer): string =>
  [text, ...sources.map((title) => `  “${title}”`), ...buttons.map((label, index) => `  [${index + 1}] ${label}`)].join('\n');

/** What came after the first `seen` messages, once there is something and nothing more follows. */
async function answerOf(platform: SimulatedPlatform, seen: number): Promise<readonly ShownAnswer[]> {
  for (let waitedMs = 0; waitedMs < ANSWER_MS; waitedMs += LOOK_MS) {
    let shown = await platform.shown();
    for (let before = seen; shown.length > before; shown = await platform.shown()) {
      before = shown.length;
      await sleep(platform.answersAtOnce ? 0 : MORE_MS);
    }
    if (shown.length > seen) return shown.slice(seen);
    await sleep(LOOK_MS);
  }
  throw new Error(`no answer within ${ANSWER_MS / 1000} s`);
}
