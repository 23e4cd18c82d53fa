/** What a visitor's browser fetches before the chat page works (channels/web/page/README.md): all of it announced in index.html, and little. */
import { describe, expect, it } from '@jest/globals';
import { transformFileSync } from '@swc/core';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const PAGE = join(import.meta.dirname, '../../../channels/web/page');
const MOST_BYTES = 30_000;
const html = readFileSync(join(PAGE, 'index.html'), 'utf8');

/** The modules that `main` cannot begin without; types are gone once it is compiled, and what is imported later stays out. */
function modulesOf(name: string, known = new Map<string, string>()): ReadonlyMap<string, string> {
  const { code } = transformFileSync(join(PAGE, `${name}.ts`), { configFile: join(PAGE, '.swcrc'), sourceMaps: false });
  known.set(name, code);
  for (const [, imported = ''] of code.matchAll(/(?:from|import)"\.\/([\w-]+)\.js"/g)) if (!known.has(imported)) modulesOf(imported, known);
  return known;
}

describe('the first load of the chat page', () => {
  const modules = modulesOf('main');

  it('announces each module, so that none is found only once another has arrived', () => {
    const announced = [...html.matchAll(/rel="modulepreload" href="\/chat\/([\w-]+)\.js"/g)].map(([, name]) => name);
    expect([...announced, 'main'].sort()).toEqual([...modules.keys()].sort());
  });

  it(`is no more than ${MOST_BYTES / 1000} kB, compressed`, () => {
    const others = [...html.matchAll(/(?:href|src)="\/chat\/([\w.-]+)"/g)]
      .map(([, file = '']) => file)
      .filter((file) => !file.endsWith('.js'));
    expect(others.filter((file) => !existsSync(join(PAGE, file)))).toEqual([]);
    const contents = [html, ...modules.values(), ...others.map((file) => readFileSync(join(PAGE, file), 'utf8'))];
    expect(contents.map((content) => gzipSync(content).length).reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(MOST_BYTES);
  });
});
