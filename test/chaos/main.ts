/** `npm run chaos`: see docs/delivery.md. Exit code 1 where a promise was broken. */
import { Command, Option } from 'commander';
import { CHANNELS, type ChaosChannel, type ChaosOptions, LONG, SHORT } from './plan.js';
import { failureTraces, hasPassed, verdictTable } from './report.js';
import { runChaos } from './run.js';

const program = new Command('chaos')
  .description('the real service, killed, frozen, cut off and overrun, judged by what its customers were shown')
  .option('--seed <number>', 'does the same again', String(Date.now() % 1_000_000))
  .option('--short', 'the form that npm test runs')
  .option('--messages <number>', 'how many are written')
  .option('--conversations <number>', 'by how many customers')
  .option('--instances <number>', 'of the service, on one database')
  .option('--seconds <number>', 'in which they are written')
  .addOption(new Option('--channels <name...>', 'that customers write on').choices(CHANNELS).default([...CHANNELS]))
  .addOption(new Option('--database <kind>', 'what it stores in').choices(['embedded', 'mongodb']).default('embedded'));
program.parse();
type Given = Readonly<Partial<Record<'seed' | 'messages' | 'conversations' | 'instances' | 'seconds' | 'database', string>>>;
const given = program.opts<Given & { readonly short?: true; readonly channels: readonly ChaosChannel[] }>();

const form = given.short === true ? SHORT : LONG;
const number = (text: string | undefined, usual: number) => (text === undefined ? usual : Number(text));
const options: ChaosOptions = {
  ...form,
  channels: given.channels,
  seed: number(given.seed, 0),
  messages: number(given.messages, form.messages),
  conversations: number(given.conversations, form.conversations),
  instances: number(given.instances, form.instances),
  durationMs: number(given.seconds, form.durationMs / 1000) * 1000,
  database: given.database === 'mongodb' ? 'mongodb' : 'embedded',
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
console.log(`seed ${options.seed}`);
const result = await runChaos(options, (line) => console.log(line));
if (!hasPassed(result)) console.log(`\n${failureTraces(result)}`);
console.log(`\n${verdictTable(options, result)}`);
process.exitCode = hasPassed(result) ? 0 : 1;
