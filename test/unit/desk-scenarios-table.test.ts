/** The table of scenarios in docs/desk.md names every test that there is, and none that there is not. */
import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);
const FOLDER = new URL('test/contract/desk-scenarios/', ROOT);

function titlesInTable(): string[] {
  const text = readFileSync(new URL('docs/desk.md', ROOT), 'utf8');
  const [, table = ''] = /<!-- scenarios -->([^]*)<!-- \/scenarios -->/.exec(text) ?? [];
  return [...table.matchAll(/`([^`]+)` *\|$/gm)].map(([, title = '']) => title);
}

function titlesOfTests(): string[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
  return files.flatMap((name) =>
    [...readFileSync(new URL(name, FOLDER), 'utf8').matchAll(/\bit\(\s*'([^']+)'/g)].map(([, title = '']) => title),
  );
}

it('docs/desk.md lists the scenarios of the desks as they are tested', () => {
  const tested = titlesOfTests();
  expect(tested.length).toBeGreaterThanOrEqual(25);
  expect(titlesInTable().sort()).toEqual(tested.sort());
});
