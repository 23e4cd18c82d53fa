/** Writes the capability matrix into channels/README.md: `npm run channels:matrix`, from the project's folder, after a change of capabilities. */
import { readFile, writeFile } from 'node:fs/promises';
import { withCapabilityMatrix } from '../channels/capability-matrix.js';

const README = 'channels/README.md';
await writeFile(README, withCapabilityMatrix(await readFile(README, 'utf8')));
