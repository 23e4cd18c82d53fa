// Runs a compiled script by its source path without ending: `node scripts/run.mjs scripts/ingest docs/`. Installs and builds what is missing first.
import { ensureBuilt } from './build.mjs';
import { ensureInstalled, root } from './ensure-installed.mjs';

ensureInstalled();
ensureBuilt();
const [entry, ...args] = process.argv.slice(2);
process.argv = [process.argv[0], `${root}dist/${entry}.js`, ...args];
process.setSourceMapsEnabled(true);
await import(`${root}dist/${entry}.js`);
