// `npm run simulate -- <platform>`: a terminal conversation through a real adapter and an emulator, which is test code and so no part of dist/.
import { spawnSync } from 'node:child_process';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled, root } from './ensure-installed.mjs';

ensureInstalled();
ensureBuilt(); // the embedded engine runs compiled, in a thread of its own
const args = ['--import', `${root}test/typescript.mjs`, `${root}test/simulate/main.ts`, ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
