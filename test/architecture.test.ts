/** The layout's rules (.dependency-cruiser.cjs), type imports included, and the few that concern files rather than imports. */
import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const SOURCES = ['src', 'channels', 'analytics', 'embedded-mongodb', 'scripts'];

interface CruiseReport {
  readonly summary: { readonly violations: { rule: { name: string }; from: string; to: string }[]; readonly totalCruised: number };
}

function cruise(...args: string[]): CruiseReport {
  const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  return JSON.parse(
    execFileSync(process.execPath, [cli, '--output-type', 'json', ...args], { cwd: root, encoding: 'utf8', maxBuffer: 1e8 }),
  ) as CruiseReport;
}

const sourceFiles = SOURCES.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs|js)$/.test(file))
    .map((file) => `${folder}/${file}`),
);

describe('architecture', () => {
  it('keeps to who may import whom', () => {
    const { summary } = cruise('--config', '.dependency-cruiser.cjs', ...SOURCES);
    expect(summary.violations.map((violation) => `${violation.rule.name}: ${violation.from} -> ${violation.to}`)).toEqual([]);
    expect(summary.totalCruised).toBeGreaterThan(100);
  }, 120_000);

  it('reads process.env in config only', () => {
    const readers = sourceFiles.filter(
      (file) => !file.startsWith('scripts/') && /process\.env|loadEnvFile/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(readers).toEqual(['src/config.ts']);
  });

  it('names files in kebab-case and never utils, helpers, common or manager', () => {
    const named = sourceFiles.map((file) => file.split('/').at(-1) ?? '');
    expect(named.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z-]+)*\.(ts|mjs|js)$/.test(name))).toEqual([]);
    expect(sourceFiles.filter((file) => /(^|\/|-)(utils?|helpers?|common|manager)(\.|\/)/.test(file))).toEqual([]);
  });

  it('opens each source file with a comment on what it is', () => {
    const bare = sourceFiles.filter((file) => !/^(#!.*\n)?\s*(\/\*\*|\/\*|\/\/)/.test(readFileSync(join(root, file), 'utf8')));
    expect(bare).toEqual([]);
  });

  it('keeps the composition root within 150 lines', () => {
    expect(readFileSync(join(root, 'src/main.ts'), 'utf8').split('\n').length).toBeLessThanOrEqual(150);
  });
});
