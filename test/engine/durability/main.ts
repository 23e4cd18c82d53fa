// `npm run kill:engine -- [--kills 50] [--seed 1]`: the long form of the durability test. Exit code 1 when anything acknowledged was lost, an index
// disagrees, or the server answered what it should not.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { killHard, startProcess } from '../server/compiled-engine.js';
import { killRounds } from './rounds.js';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } } });
const engine = fileURLToPath(new URL('../../../embedded-mongodb/main.js', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'parley-kills-'));
const started = performance.now();
const verdict = await killRounds({
  start: (path) => startProcess(engine, path),
  kill: killHard,
  path: folder,
  kills: Number(values.kills),
  seed: Number(values.seed),
  log: (line) => console.log(line),
});
await rm(folder, { recursive: true, force: true });
for (const line of [...verdict.lost, ...verdict.disagreeing, ...verdict.unexpected]) console.error(line);
const halfDone = Object.entries(verdict.halfDone).map(([what, kills]) => `${what} ${kills}`);
console.log(
  `seed ${values.seed}: killed ${verdict.kills} times in ${((performance.now() - started) / 1000).toFixed(0)} s (of what was half done: ${halfDone.join(', ')}); ` +
    `${verdict.acknowledged} writes acknowledged, ${verdict.lost.length} lost, ${verdict.disagreeing.length} index entries disagreeing`,
);
process.exitCode = verdict.lost.length + verdict.disagreeing.length + verdict.unexpected.length > 0 ? 1 : 0;
