/**
 * Tries the escalation policy on a message: `npm run escalation -- "texto"`. Shows what each rule weighs, which team the case goes to, and what the customer
 * would be told. Reads DESK_FILE and the sample's examples and catalogue; needs no service and no database.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { loadEnvironment, parseConfig } from '../src/config.js';
import { ConfigurationError } from '../src/domain/errors.js';
import { weighEscalation } from '../src/handoff/escalation-policy.js';
import { createHandoff } from '../src/handoff/index.js';
import { teamFor } from '../src/handoff/routing.js';
import { parseCatalogue } from '../src/knowledge/catalogue-file.js';
import { ROOT_FOLDER } from '../src/root-folder.js';
import { createUnderstanding, loadIntentExamples } from '../src/understanding/index.js';

interface Options {
  readonly channel: string;
  readonly failures: string;
  readonly unanswered?: true;
  readonly at?: string;
}

async function run(text: string, { channel, failures, unanswered, at: given }: Options): Promise<void> {
  const { settings } = parseConfig(loadEnvironment()).desk;
  const sample = join(ROOT_FOLDER, 'sample');
  const catalogue = await parseCatalogue(await readFile(join(sample, 'catalogue.csv'), 'utf8'));
  const at = given === undefined ? new Date() : new Date(given);
  if (Number.isNaN(at.getTime())) throw new ConfigurationError('--at must be a time like 2026-11-23T10:00:00Z.');
  const understanding = createUnderstanding({ catalogue, examples: await loadIntentExamples(join(sample, 'intents')) }).understand(
    text,
    null,
  );
  const answer = unanswered === true ? ({ outcome: 'unknown', confidence: 0 } as const) : null;
  const conversation = { channel, failedAnswers: Number(failures) };
  const { escalate, reasons, priority, weights, total } = weighEscalation({ text, understanding, conversation, answer, at }, settings);
  const { language, intent } = understanding;
  console.log(`language ${language}, intent ${intent === null ? 'none' : `${intent.name} ${intent.confidence.toFixed(2)}`}`);
  for (const { reason, weight } of weights) console.log(`  ${weight.toFixed(2)}  ${reason}`);
  console.log(`  ${total.toFixed(2)}  in all; 1.00 is enough`);
  if (!escalate) return console.log('The bot goes on.');
  const team = teamFor(settings, { channel, language, understanding, reasons }, at);
  console.log(`To people: priority ${priority}, team ${team.name} (${team.id}).`);
  const { announcement } = createHandoff(settings);
  console.log(`The customer is told: ${announcement({ id: 'T-XXXXXXXX', reasons, priority, team: team.id }, language, at)}`);
}

const program = new Command('escalation')
  .description('Shows what the escalation policy makes of a message.')
  .argument('<text>', 'the message')
  .option('--channel <name>', 'the channel it comes from', 'web')
  .option('--failures <count>', 'answers in a row that the customer got nothing from before', '0')
  .option('--unanswered', 'the bot finds no answer to it')
  .option('--at <time>', 'when it is written, as ISO 8601; now')
  .action(run);

try {
  await program.parseAsync();
} catch (thrown) {
  if (!(thrown instanceof ConfigurationError)) throw thrown;
  console.error(thrown.message);
  process.exitCode = 1;
}
