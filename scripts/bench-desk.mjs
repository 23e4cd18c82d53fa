// `npm run bench:desk`: runs test/bench/desk.ts, a measurement in front of the emulated platforms (which are test code, and so no part of dist/).
import { spawnSync } from 'node:child_process';
import { ensureInstalled, root } from './ensure-installed.mjs';

ensureInstalled();
const args = ['--disable-warning=ExperimentalWarning', '--import', './test/typescript.mjs', 'test/bench/desk.ts', ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
