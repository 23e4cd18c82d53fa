// `npm test`, `npm run check`, `npm run test:long` and `npm run test:mongodb`: installs what is missing, then runs the tests and, in the time in which
// they wait, the checks of the sources.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled, root } from './ensure-installed.mjs';

const bin = (name) => `${root}node_modules/${name}`;
/** All of them make much that is short-lived: with the room that V8 gives it by itself, collecting it takes some 5 % more of the processor. */
const ROOMY = '--max-semi-space-size=64';
const JEST = [ROOMY, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning', bin('jest/bin/jest.js')];
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

/** Runs one check behind everything else, and shows what it printed where it failed. */
async function check([name, args]) {
  const child = spawn(process.execPath, [ROOMY, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (printed += text));
  const [status] = await once(child, 'close');
  if (status !== 0) console.error(`\n> ${name}\n${printed}\n${name} failed: see the lines above.\n`);
  return { name, passed: status === 0 };
}

/** Runs all checks, so that each is heard of. */
async function checkSources() {
  const results = await Promise.all(
    CHECKS.map(async (checks) => {
      const done = [];
      for (const one of checks) done.push(await check(one));
      return done;
    }),
  );
  return results.flat();
}

/** Runs Jest over the projects. Its report, or null where it did not come to one. */
async function jest(name, projects, env) {
  const file = join(tmpdir(), `parley-jest-${process.pid}.json`);
  // Two at a time: many tests wait for processes and timers, and Jest would use a single worker on two cores.
  console.log(`\n> ${name}`);
  const args = [...JEST, '--maxWorkers=2', '--selectProjects', ...projects, '--json', `--outputFile=${file}`];
  const [status] = await once(spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }), 'close');
  if (!existsSync(file)) return { passed: false, report: null };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file);
  return { passed: status === 0, report };
}

/** What to look at when a run has become slow; scripts/longest-first.mjs is made from it. */
function showSlowest({ testResults }) {
  const slowest = testResults.map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 }));
  slowest.sort((one, other) => other.seconds - one.seconds);
  console.log('\nThe slowest test files, in seconds:');
  for (const { name, seconds } of slowest.slice(0, 10)) console.log(`${seconds.toFixed(1).padStart(6)}  ${relative(root, name)}`);
}

/** Runs tests and checks beside each other, closes with the plain count line, which tools read, and ends this process. */
async function run(name, projects, { env = {}, checking = false } = {}) {
  const began = Date.now();
  const [{ passed, report }, checks] = await Promise.all([jest(name, projects, env), checking ? checkSources() : []]);
  if (report) showSlowest(report);
  if (checks.length > 0) {
    console.log(`\nChecks of the sources: ${checks.map((one) => `${one.name} ${one.passed ? 'passed' : 'FAILED'}`).join(', ')}`);
  }
  console.log(`${Math.round((Date.now() - began) / 1000)} s in all`);
  if (report) {
    const { numPassedTests, numFailedTests, numPendingTests } = report;
    console.log(`\n${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
  }
  process.exit(passed && checks.every((one) => one.passed) ? 0 : 1);
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
  await run('contract and integration tests on a real MongoDB', ['contract', 'integration'], { env: { TEST_MONGODB: '1' } });
} else if (what === 'long') {
  sayIfNoChromium();
  await run('long tests', ['long']);
} else if (what === 'check') {
  await run('checks and quick tests', QUICK, { checking: true });
} else {
  sayIfNoChromium();
  await run('checks and all tests, on the embedded engine', [...QUICK, ...SLOW], { checking: true });
}
