/**
 * The short form of `npm run chaos`: two instances on one database, killed and frozen, the database stopped, messages delivered twice and in another
 * order, sends that fail in every way. A failing run is played again, but for the machine's own timing, with the same CHAOS_SEED.
 */
import { expect, it } from '@jest/globals';
import { SHORT } from '../chaos/plan.js';
import { failureTraces, hasPassed, verdictTable } from '../chaos/report.js';
import { runChaos } from '../chaos/run.js';

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

it(`keeps every promise through chaos (CHAOS_SEED=${seed})`, async () => {
  const options = { ...SHORT, seed, database: 'embedded' as const };
  const said: string[] = [];
  const result = await runChaos(options, (line) => said.push(line));
  if (!hasPassed(result)) throw new Error([...said, failureTraces(result), verdictTable(options, result)].join('\n'));
  expect(result.inflicted).toEqual({ kills: SHORT.kills, freezes: SHORT.freezes, databaseStops: SHORT.databaseStops });
}, 240_000);
