/** `npm run new-channel`: what it makes compiles, is formatted, shows up in the matrix, and fails its contract with what is left to write. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { check, resolveConfig } from 'prettier';
import { makeChannel } from '../../scripts/new-channel/make-channel.js';
import { namesOf } from '../../scripts/new-channel/names.js';
import { ConfigurationError } from '../../src/domain/errors.js';

const PROJECT = join(import.meta.dirname, '../..');
const COPIED = [
  'channels',
  'embedded-mongodb',
  'scripts',
  'src',
  'test',
  '.env.example',
  '.prettierrc.json',
  'jest.config.js',
  'package.json',
  'tsconfig.json',
];
/** Everything is compiled anew. */
const LIMIT_MS = 180_000;
const run = promisify(execFile);

let copy: string;
let written: Awaited<ReturnType<typeof makeChannel>>;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'parley-new-channel-'));
  for (const part of COPIED) await cp(join(PROJECT, part), join(copy, part), { recursive: true });
  await symlink(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  written = await makeChannel(copy, 'line-works');
});
afterAll(() => rm(copy, { recursive: true, force: true }));

describe('a new channel', () => {
  it('has every file that channels/README.md names, its part of the configuration and a place in the tests', () => {
    const folder = [
      'README.md',
      'capabilities.ts',
      'client.ts',
      'config.ts',
      'decode.ts',
      'encode.ts',
      'index.ts',
      'not-written.ts',
      'verify.ts',
    ];
    expect(written).toEqual({
      made: [
        ...folder.map((file) => `channels/line-works/${file}`),
        'src/config/line-works.ts',
        'test/contract/line-works.test.ts',
        'test/fakes/line-works/harness.ts',
        'test/fixtures/line-works/text.expected.json',
        'test/fixtures/line-works/text.json',
        'test/unit/channels/line-works-decode.test.ts',
      ],
      changed: [
        '.env.example',
        'channels/capability-matrix.ts',
        'src/config.ts',
        'src/configured-channels.ts',
        'src/health-probes.ts',
        'test/unit/config.test.ts',
      ],
    });
  });

  it('leaves no mark of the templates behind', async () => {
    for (const path of written.made) expect(await readFile(join(copy, path), 'utf8')).not.toMatch(/__\w*name\w*__/i);
  });

  it(
    'compiles, with all that it is wired into',
    async () => {
      const files = [...written.made, ...written.changed].filter((path) => path.endsWith('.ts'));
      await writeFile(join(copy, 'tsconfig.new.json'), JSON.stringify({ extends: './tsconfig.json', include: ['src/**/*.d.ts'], files }));
      const compiler = join(PROJECT, 'node_modules/typescript/bin/tsc');
      const compiled = await run(process.execPath, [compiler, '-p', 'tsconfig.new.json', '--incremental', 'false'], { cwd: copy }).catch(
        (failed: { stdout: string }) => failed,
      );
      expect(compiled.stdout).toBe('');
    },
    LIMIT_MS,
  );

  it('is formatted as the rest', async () => {
    const options = { ...(await resolveConfig(join(PROJECT, 'package.json'))), parser: 'typescript' };
    const files = [...written.made, ...written.changed].filter((path) => path.endsWith('.ts'));
    const unformatted: string[] = [];
    for (const path of files) if (!(await check(await readFile(join(copy, path), 'utf8'), options))) unformatted.push(path);
    expect(unformatted).toEqual([]);
  });

  it(
    'is in the matrix, and fails its contract with what is left to write',
    async () => {
      const jest = join(PROJECT, 'node_modules/jest/bin/jest.js');
      const args = ['--experimental-vm-modules', jest, 'line-works', 'capability-matrix'];
      const { stderr } = await run(process.execPath, args, { cwd: copy, env: { ...process.env, NODE_ENV: 'test' } }).then(
        () => ({ stderr: 'nothing failed' }),
        (failed: { stderr: string }) => failed,
      );
      const parts = ['decode.ts', 'client.ts'].map((file) => `channels/line-works/${file}`);
      for (const part of [...parts, 'test/fakes/line-works/harness.ts']) {
        expect(stderr).toContain(`NotWrittenError: ${part} is not written yet`);
      }
      expect(stderr).toContain('channels/line-works/capabilities.ts: Decide: the longest text');
      expect(stderr).toMatch(/Tests: +\d+ failed, [1-9]\d* passed/);
      // Its README is renewed by npm run channels:matrix.
      expect(stderr).toMatch(/\+ .*line-works/);
    },
    LIMIT_MS,
  );

  it('cannot be made twice', async () => {
    await expect(makeChannel(copy, 'line-works')).rejects.toThrow('channels/line-works is there already');
  });
});

describe('a name', () => {
  it.each(['Line', 'line_works', 'line works', '-line', 'line-', 'line--works', 'line2', '', '../line', 'a'.repeat(31)])(
    '%j is refused',
    (name) => {
      expect(() => namesOf(name)).toThrow(ConfigurationError);
    },
  );

  it.each(['default', 'class', 'await'])('%s, which names no setting, is refused', (name) => {
    expect(() => namesOf(name)).toThrow('is a word of the language');
  });

  it.each(['telegram', 'shared', 'whatsapp-cloud'])('of a folder that is there is refused, and nothing is written: %s', async (name) => {
    await expect(makeChannel(copy, name)).rejects.toThrow(`channels/${name} is there already`);
  });

  it('of a setting that is there is refused', async () => {
    await expect(makeChannel(copy, 'host')).rejects.toThrow('src/config.ts has a setting host already');
  });

  it('is written in its five ways', () => {
    const ways = { kebab: 'rocket-chat', camel: 'rocketChat', pascal: 'RocketChat', upper: 'ROCKET_CHAT', title: 'Rocket Chat' };
    expect(namesOf('rocket-chat')).toEqual(ways);
  });
});
