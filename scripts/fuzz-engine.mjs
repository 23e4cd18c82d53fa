// `npm run fuzz:engine`: compiles the engine and its fuzz (which is test code, and so no part of dist/) into a folder of their own and runs them.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { ensureInstalled, root } from './ensure-installed.mjs';

ensureInstalled();
const folder = `${root}node_modules/.cache/fuzz-engine-${process.pid}`; // beside node_modules, so that imports resolve
try {
  const swc = `${root}node_modules/@swc/cli/bin/swc.js`;
  const sources = ['embedded-mongodb', 'test/engine/fuzz', 'test/engine/differential/case.ts', 'test/fakes/memory-folder.ts'];
  const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
  process.exitCode =
    run(swc, ...sources, '--out-dir', folder, '--extensions', '.ts', '--quiet') ||
    run('--enable-source-maps', `${folder}/test/engine/fuzz/main.js`, ...process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
