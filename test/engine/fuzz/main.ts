// `npm run fuzz:engine`: reads the options, starts both servers, fuzzes and reports. Ends with 0 when nothing differed, 1 when something did or a
// declared operator was never reached, 2 where no MongoDB is named to judge.
import { parseArgs } from 'node:util';
import { fuzz, type FuzzResult } from './run.js';
import { judged, startServers } from './servers.js';

const USAGE = 'npm run fuzz:engine -- [--runs 100000] [--seed 1] [--only find,update] [--path 0:1] [--max-differences 10]';
/** A share of refusals over this says that the fuzz proves too little. */
const MAX_REFUSED = 0.05;

function report({ comparisons, differences, refusals, byKind, usage }: FuzzResult, ms: number): void {
  const perSecond = (comparisons / ms) * 1000;
  console.log(`${comparisons} comparisons in ${(ms / 1000).toFixed(0)} s (${perSecond.toFixed(0)}/s), ${differences} differences`);
  for (const [kind, { equal, failed, refused }] of byKind) {
    console.log(`  ${kind}: ${equal} answered alike, ${failed} failed alike, ${refused} refused`);
  }
  console.log('\nUses of each operator (answered+failed alike):');
  console.log(usage.report());
  const refused = [...refusals.values()].reduce((sum, count) => sum + count, 0);
  console.log(`\n${refused} refused (${((100 * refused) / comparisons).toFixed(2)} %)`);
  for (const [reason, count] of [...refusals].sort(([, one], [, other]) => other - one)) console.log(`  ${count} x ${reason}`);
}

/** Why the run does not pass; empty: it does. */
function faults({ comparisons, differences, refusals, usage }: FuzzResult, whole: boolean): string[] {
  const refused = [...refusals.values()].reduce((sum, count) => sum + count, 0);
  const unused = whole ? usage.unused() : [];
  return [
    ...(differences > 0 ? [`${differences} differences`] : []),
    ...(unused.length > 0 ? [`declared but never answered: ${unused.join(', ')}`] : []),
    ...(whole && refused > comparisons * MAX_REFUSED ? [`more than ${MAX_REFUSED * 100} % were refused`] : []),
  ];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: '' },
      path: { type: 'string' },
      'max-differences': { type: 'string', default: '10' },
    },
  });
  if (!judged) {
    console.error(`A fuzz needs a MongoDB to judge: set MONGOMS_SYSTEM_BINARY to a mongod, then ${USAGE}`);
    return 2;
  }
  const only = values.only === '' ? [] : values.only.split(',');
  const servers = await startServers();
  try {
    const began = performance.now();
    const result = await fuzz(servers, {
      seed: Number(values.seed),
      runs: Number(values.runs),
      only,
      path: values.path,
      maxDifferences: Number(values['max-differences']),
      log: console.log,
    });
    report(result, performance.now() - began);
    const wrong = faults(result, only.length === 0 && values.path === undefined);
    for (const fault of wrong) console.error(`\nFAILED: ${fault}`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await servers.stop();
  }
}

process.exitCode = await main();
