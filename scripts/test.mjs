// `npm test`, `npm run check`, `npm run test:long` and `npm run test:mongodb`: installs what is missing, checks the sources, two checks at a time, and runs the tests where
// they pass.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled, root } from './ensure-installed.mjs';

const bin = (name) => `${root}node_modules/${name}`;
const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', bin('jest/bin/jest.js')];
/** Those of a list one after the other, the lists side by side: linting takes about as long as the others together. */
const CHECKS = [
  [['lint', [bin('eslint/bin/eslint.js'), '.']]],
  [
    ['typecheck', [bin('typescript/bin/tsc'), '-p', 'tsconfig.json']],
    ['typecheck of the chat page', [bin('typescript/bin/tsc'), '-p', 'channels/web/page/tsconfig.json']],
    ['format', [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.']],
  ],
];
const QUICK = ['architecture', 'unit'];
const SLOW = ['contract', 'integration', 'engine', 'e2e'];

/** Runs one check and shows what it printed when it has ended. False where it failed. */
async function passes([name, args]) {
  const check = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  check.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
  check.stderr.setEncoding('utf8').on('data', (text) => (printed += text));
  const [status] = await once(check, 'close');
  console.log(`\n> ${name}\n${printed}`.trimEnd());
  if (status !== 0) console.error(`\n${name} failed: see the lines above.`);
  return status === 0;
}

/** Runs all checks, so that each is heard of, and ends here where one failed. */
async function checkSources() {
  const passed = await Promise.all(
    CHECKS.map(async (checks) => {
      let all = true;
      for (const check of checks) all = (await passes(check)) && all;
      return all;
    }),
  );
  if (passed.includes(false)) process.exit(1);
}

/** Runs Jest over the projects and closes with the plain count line, which tools read. */
function jest(name, projects, env = {}) {
  const report = join(tmpdir(), `parley-jest-${process.pid}.json`);
  // Two at a time: many tests wait for processes and timers, and Jest would use a single worker on two cores.
  console.log(`\n> ${name}`);
  const args = [...JEST, '--maxWorkers=2', '--selectProjects', ...projects, '--json', `--outputFile=${report}`];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (!existsSync(report)) process.exit(status || 1);
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (status !== 0) process.exit(status ?? 1);
}

function sayIfNoChromium() {
  if (!existsSync('/usr/bin/chromium')) console.log('\nChromium was not found at /usr/bin/chromium: the tests in a browser are skipped.');
}

ensureInstalled();
ensureBuilt();
const what = process.argv[2] ?? 'all';
if (what === 'mongodb') {
  if (!process.env.MONGOMS_SYSTEM_BINARY)
    console.log('MONGOMS_SYSTEM_BINARY is not set: mongodb-memory-server downloads a MongoDB of its own.');
  jest('contract and integration tests on a real MongoDB', ['contract', 'integration'], { TEST_MONGODB: '1' });
} else if (what === 'long') {
  sayIfNoChromium();
  jest('long tests', ['long']);
} else {
  await checkSources();
  if (what === 'all') sayIfNoChromium();
  jest(what === 'check' ? 'quick tests' : 'all tests, on the embedded engine', what === 'check' ? QUICK : [...QUICK, ...SLOW]);
}
