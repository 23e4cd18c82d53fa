// `npm run fuzz:channels`: runs the fuzz over the channels' recorded payloads, which is test code and so no part of dist/.
import { spawnSync } from 'node:child_process';
import { ensureInstalled, root } from './ensure-installed.mjs';

ensureInstalled();
const args = ['--import', `${root}test/typescript.mjs`, `${root}test/fuzz/main.ts`, ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
