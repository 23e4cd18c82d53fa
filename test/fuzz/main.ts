/** `npm run fuzz:channels -- --mutations 20000 --seed 1 --only slack`: the fuzz over recorded payloads, with a table of what came of it. */
import { Command } from 'commander';
import { fuzzPayloads } from './payloads.js';
import { FUZZ_TARGETS } from './targets.js';

const { mutations, seed, only } = new Command('fuzz-channels')
  .option('--mutations <count>', 'for each channel', Number, 20_000)
  .option('--seed <number>', 'the same seed spoils the same', Number, 1)
  .option('--only <channel...>', 'these channels', Object.keys(FUZZ_TARGETS))
  .parse()
  .opts<{ mutations: number; seed: number; only: string[] }>();

for (const name of only) {
  const open = FUZZ_TARGETS[name];
  if (open === undefined) throw new Error(`There is no channel ${name}: ${Object.keys(FUZZ_TARGETS).join(', ')}.`);
  const target = await open();
  const began = performance.now();
  const { statuses, events, ignored, slowestMs, faults } = await fuzzPayloads(target, { mutations, seed });
  await target.close();
  const answers = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(
    `${name.padEnd(10)} ${mutations} mutations of ${target.payloads.length} payloads in ${seconds} s; answers ${answers.join(', ')}; ${events} events, ${ignored} ignored; slowest ${slowestMs.toFixed(0)} ms; ${faults.length} faults`,
  );
  for (const fault of faults) console.log(`  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
process.exit();
