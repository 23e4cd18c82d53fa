/**
 * `npm run bench:engine`: the embedded engine in its worker thread beside, in the same run, a real MongoDB where MONGOMS_SYSTEM_BINARY names one.
 * Same driver, same documents, writes acknowledged when they are on disk (`j: true`) on both.
 *
 * Arguments choose a section (operations, reads, writes, waits, vector, memory) and, of it, the rows whose names begin with a text:
 * `npm run bench:engine operations findOne`. Each but memory takes about a minute or two; without arguments all of them run.
 */
import { measureReads, measureWaits, measureWrites } from './engine/large.js';
import { measureMemory } from './engine/memory.js';
import { measureOperations } from './engine/operations.js';
import { printMachine } from './engine/report.js';
import { measureVectors } from './engine/vector.js';

const SECTIONS: Readonly<Record<string, (prefix: string) => Promise<void>>> = {
  operations: measureOperations,
  reads: measureReads,
  writes: measureWrites,
  waits: measureWaits,
  vector: measureVectors,
  memory: measureMemory,
};

const [section, prefix = ''] = process.argv.slice(2);
if (section !== undefined && !Object.hasOwn(SECTIONS, section)) {
  console.error(`There is no section '${section}'; the sections are: ${Object.keys(SECTIONS).join(', ')}`);
  process.exit(1);
}
printMachine('before');
for (const [name, measure] of Object.entries(SECTIONS)) if (section === undefined || name === section) await measure(prefix);
printMachine('\nafter');
