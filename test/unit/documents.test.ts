/** What the documents name is there: commands, variables, files, calls and metrics. A page that sends its reader to nothing is worse than none. */
import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ENVIRONMENT_VARIABLES } from '../../src/config.js';
import { openApiDocument } from '../../src/http/openapi.js';
import { createMetrics } from '../../src/telemetry/metrics.js';

const PROJECT = join(import.meta.dirname, '../..');
const FOLDERS = ['analytics', 'channels', 'docs', 'embedded-mongodb', 'sample', 'scripts', 'src', 'test'];
/** The sample shop's own documents are knowledge, not documentation. */
const isPage = (path: string): boolean => path.endsWith('.md') && !path.startsWith('sample/');

const read = (file: string): string => readFileSync(join(PROJECT, file), 'utf8');
const inFolders = FOLDERS.flatMap((folder) =>
  readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
);
const entries = [...readdirSync(PROJECT), ...inFolders];
const pages = entries.filter(isPage).map((path) => ({ path, text: read(path) }));
const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found);
/** `page: what it names`, of what is not as `isTrue` asks. */
const untrue = (pattern: RegExp, isTrue: (named: string, page: string) => boolean): string[] =>
  pages.flatMap(({ path, text }) =>
    all(text, pattern)
      .filter((named) => !isTrue(named, path))
      .map((named) => `${path}: ${named}`),
  );

describe('what the documents name', () => {
  it('are commands of package.json', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const begins = (group: string): boolean => Object.keys(scripts).some((name) => name.startsWith(group));
    expect(untrue(/npm run ([a-z][\w:-]*\*?)/g, (name) => (name.endsWith('*') ? begins(name.slice(0, -1)) : name in scripts))).toEqual([]);
  });

  it('are variables that the service reads, or a script or test', () => {
    const programs = entries.filter((path) => /^(scripts|test)\/.*\.(ts|mjs)$/.test(path)).map(read);
    const others = new Set(programs.flatMap((text) => all(text, /\benv(?:\.|\[')([A-Z]\w+)/g)));
    expect(others).toContain('TEST_MONGODB');
    const isRead = (name: string): boolean => ENVIRONMENT_VARIABLES.includes(name) || others.has(name);
    expect(untrue(/`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`/g, isRead)).toEqual([]);
  });

  it('are files and folders that exist: from the project’s folder, from the page’s, or below it', () => {
    const known = new Set(entries);
    const endings = new Set(entries.flatMap((path) => [...path.matchAll(/(?<=\/)/g)].map(({ index }) => path.slice(index))));
    const exists = (named: string, page: string): boolean => {
      const path = named.replace(/\/$/, '');
      return known.has(path) || known.has(normalize(join(dirname(page), path))) || (!path.includes('../') && endings.has(path));
    };
    const ours = new RegExp(`\`((?:(?:${FOLDERS.join('|')})(?:/[\\w.-]+)+/?)|[\\w./-]+\\.(?:ts|mjs|md|yaml))\``, 'g');
    expect(untrue(ours, exists)).toEqual([]);
    expect(untrue(/\]\((?!https?:)([^)#\s]+)/g, (named, page) => known.has(normalize(join(dirname(page), named))))).toEqual([]);
  });

  it('are calls of the API', () => {
    const shape = (path: string): string => path.replace(/\{\w+\}|:\w+|sess_…|…|<[^>]+>/g, '*');
    const calls = new Set(Object.keys(openApiDocument('0').paths ?? {}).map(shape));
    const named = /(?:`|localhost:3000)(?:[A-Z]+ )?(\/(?:api|analytics|chat)\/[^\s`"?]+)/g;
    expect(untrue(named, (path) => calls.has(shape(path)))).toEqual([]);
  });

  it('are, in CONTRACT.md, all frames of the WebSocket and all errors', () => {
    const frames = all(read('channels/web/frames.ts'), /type: (?:z\.literal\()?'(\w+)'/g);
    const errors = all(read('src/domain/errors.ts'), /^ {2}\| '(\w+Error)'/gm);
    expect(frames).toContain('acknowledged');
    expect(errors).toContain('ValidationError');
    const contract = read('CONTRACT.md');
    expect([...frames, ...errors].filter((name) => !contract.includes(`\`${name}\``) && !contract.includes(`\`${name} {`))).toEqual([]);
  });

  it('are metrics', () => {
    const metrics = createMetrics()
      .registry.getMetricsAsArray()
      .map(({ name }) => name);
    expect(untrue(/\b(parley_[a-z]+_[a-z_]+)/g, (name) => metrics.includes(name))).toEqual([]);
  });
});
