// `npm run chaos`: builds the service, then runs test/chaos against it (which is test code, and so no part of dist/).
import { spawnSync } from 'node:child_process';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled, root } from './ensure-installed.mjs';

ensureInstalled();
ensureBuilt();
const args = ['--disable-warning=ExperimentalWarning', '--import', './test/typescript.mjs', 'test/chaos/main.ts', ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
