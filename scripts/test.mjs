// `npm test`, `npm run check` and `npm run test:mongodb`: installs what is missing, then runs the stages and stops at the first that fails.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled, root } from './ensure-installed.mjs';

const bin = (name) => `${root}node_modules/${name}`;
const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', bin('jest/bin/jest.js')];
const STATIC = [
  ['typecheck', [bin('typescript/bin/tsc'), '-p', 'tsconfig.json']],
  ['typecheck of the chat page', [bin('typescript/bin/tsc'), '-p', 'channels/web/page/tsconfig.json']],
  ['lint', [bin('eslint/bin/eslint.js'), '.']],
  ['format', [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.']],
];
const QUICK = ['architecture', 'unit'];
const SLOW = ['contract', 'integration', 'engine', 'e2e'];

function run(name, args, env = {}) {
  console.log(`\n> ${name}`);
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (done.status === 0) return;
  console.error(`\n${name} failed: see the lines above.`);
  process.exit(done.status ?? 1);
}

/** Runs Jest over the projects and closes with the plain count line, which tools read. */
function jest(name, projects, env = {}) {
  const report = join(tmpdir(), `parley-jest-${process.pid}.json`);
  // Two at a time: many tests wait for processes and timers, and Jest would use a single worker on two cores.
  run(name, [...JEST, '--maxWorkers=2', '--selectProjects', ...projects, '--json', `--outputFile=${report}`], env);
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
}

ensureInstalled();
ensureBuilt();
const what = process.argv[2] ?? 'all';
if (what === 'mongodb') {
  if (!process.env.MONGOMS_SYSTEM_BINARY)
    console.log('MONGOMS_SYSTEM_BINARY is not set: mongodb-memory-server downloads a MongoDB of its own.');
  jest('contract and integration tests on a real MongoDB', ['contract', 'integration'], { TEST_MONGODB: '1' });
} else {
  for (const [name, args] of STATIC) run(name, args);
  if (what === 'all' && !existsSync('/usr/bin/chromium'))
    console.log('\nChromium was not found at /usr/bin/chromium: the tests in a browser are skipped.');
  jest(what === 'check' ? 'quick tests' : 'all tests, on the embedded engine', what === 'check' ? QUICK : [...QUICK, ...SLOW]);
}
