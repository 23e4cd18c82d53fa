/**
 * `npm run bench:idle`: how much of a core the service uses while nobody writes: after a burst of messages, so that everything that could go on
 * working has begun to. By thread, so that what wakes it can be found. On Linux only, which tells what each thread has used.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { measure } from './turns/measure.js';
import { startTarget } from './turns/target.js';

const TARGET_PERCENT = 1;
const BURST = { name: 'a burst', chats: 50, messagesEach: 4, perSecond: null };
/** Linux counts a thread's time in ticks of 10 ms. */
const TICK_SECONDS = 0.01;

const options = new Command('bench:idle')
  .description('CPU of the service while nothing comes')
  .option('--seconds <n>', 'how long is looked', '60')
  .option('--settle <n>', 'seconds between the burst and the look; V8 tidies up its memory in most of them', '60')
  .parse()
  .opts<{ seconds: string; settle: string }>();

/** CPU seconds of each thread so far, by its id. */
async function threadSeconds(pid: number): Promise<Map<string, number>> {
  const used = new Map<string, number>();
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    // Fields 14 and 15 (user and system time), counted behind the name in parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    used.set(thread, (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS);
  }
  return used;
}

async function main(): Promise<void> {
  if (process.platform !== 'linux') throw new Error('bench:idle reads /proc, which only Linux has');
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-bench-idle-'));
  const target = await startTarget({
    name: 'embedded',
    program: 'dist/src/main.js',
    ready: /Parley is running/,
    dataDir,
    environment: { MONGODB_URI: undefined },
  });
  try {
    await measure(target, BURST, [Array.from({ length: BURST.messagesEach }, () => 'hola')], []);
    await sleep(Number(options.settle) * 1000);
    const before = await threadSeconds(target.pid);
    await sleep(Number(options.seconds) * 1000);
    const after = await threadSeconds(target.pid);
    const rows = [...after]
      .map(([thread, seconds]) => [thread, seconds - (before.get(thread) ?? 0)] as const)
      .filter(([, used]) => used > 0);
    const total = rows.reduce((sum, [, used]) => sum + used, 0);
    const percent = (used: number) => `${((used / Number(options.seconds)) * 100).toFixed(2)} %`;
    console.log(
      `the idle service used ${total.toFixed(2)} s of CPU in ${options.seconds} s: ${percent(total)} of a core; target: under ${TARGET_PERCENT} %`,
    );
    for (const [thread, used] of rows.sort(([, one], [, other]) => other - one))
      console.log(`  thread ${thread.padEnd(8)} ${percent(used).padStart(8)}`);
  } finally {
    await target.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

await main();
