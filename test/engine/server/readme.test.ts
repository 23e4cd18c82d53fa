// The table of support in the README is the one the engine declares. `UPDATE_SUPPORT_TABLE=1` writes it anew.
import { expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { supportTable } from '../../../embedded-mongodb/support-table.js';

const README = new URL('../../../embedded-mongodb/README.md', import.meta.url);
const TABLE = /(<!-- support table: generated -->\n)[\s\S]*(<!-- end of support table -->)/;

test('the table of support is current', async () => {
  const text = await readFile(README, 'utf8');
  expect(text).toMatch(TABLE);
  const current = text.replace(TABLE, (_all, start: string, end: string) => `${start}\n${supportTable()}\n\n${end}`);
  if (process.env.UPDATE_SUPPORT_TABLE) await writeFile(README, current);
  else expect(text).toBe(current);
});
