// Compiles the TypeScript sources to dist/ when they are newer than the last build. swc strips the types; `npm run typecheck` checks them.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ensureInstalled, root } from './ensure-installed.mjs';

const SOURCES = ['src', 'channels', 'analytics', 'embedded-mongodb', 'scripts'];
const STAMP = `${root}dist/.built`;

/** The newest change in a folder of sources, in ms since 1970; a deleted file shows in its folder's own time. */
function newestChange(folder) {
  let newest = statSync(folder).mtimeMs;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) newest = Math.max(newest, newestChange(path));
    else if (entry.name.endsWith('.ts')) newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}

const run = (script, ...args) => spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' }).status === 0;

export function ensureBuilt() {
  const newest = Math.max(...SOURCES.map((folder) => newestChange(`${root}${folder}`)), statSync(`${root}.swcrc`).mtimeMs);
  if (existsSync(STAMP) && statSync(STAMP).mtimeMs >= newest) return;
  const next = `dist.next-${process.pid}`; // built aside and swapped in, so that a running service or a second build never sees half of it
  const swc = `${root}node_modules/@swc/cli/bin/swc.js`;
  const built = run(swc, ...SOURCES, '--out-dir', next, '--extensions', '.ts', '--quiet') && run(`${root}scripts/build-widget.mjs`, next);
  if (!built) {
    rmSync(`${root}${next}`, { recursive: true, force: true });
    console.error('The sources do not compile: see the lines above.');
    process.exit(1);
  }
  writeFileSync(`${root}${next}/.built`, '');
  const last = `${next}-last`; // moved aside at first: deleting takes long enough for a start to meet half of it
  rename('dist', last, ['ENOENT']); // there was none, or a build beside us has just moved it
  rename(next, 'dist', ['ENOTEMPTY', 'EEXIST']); // a build beside us was faster
  for (const name of [next, last]) rmSync(`${root}${name}`, { recursive: true, force: true });
  removeLeftovers();
}

/** @param expected codes of failures that leave things as they should be */
function rename(from, to, expected) {
  try {
    renameSync(`${root}${from}`, `${root}${to}`);
  } catch (thrown) {
    if (!expected.includes(thrown.code)) throw thrown;
  }
}

/** Of builds that were killed. */
function removeLeftovers() {
  for (const name of readdirSync(root)) {
    const pid = /^dist\.next-(\d+)/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(`${root}${name}`, { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return thrown.code !== 'ESRCH'; // it may be another user's
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled();
  ensureBuilt();
}
