/** The catalogue file: all of it or nothing, with the line that is wrong. */
import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CatalogueError, isCatalogue, parseCatalogue } from '../../../src/knowledge/catalogue-file.js';
import { ROOT_FOLDER } from '../../../src/root-folder.js';

const HEADER = 'sku,name_es,name_en,family,thickness_mm,width_mm,length_mm,colour_es,colour_en,unit,price_eur,stock,synonyms';
const GOOD = 'P-50,Panel 50 mm,Board 50 mm,panel,50,1200,2500,blanco,white,placa,35.55,164,placa PIR;polyiso';

describe('catalogue file', () => {
  it('reads every column', async () => {
    expect(await parseCatalogue(`${HEADER}\n${GOOD}\n`)).toEqual([
      {
        sku: 'P-50',
        nameEs: 'Panel 50 mm',
        nameEn: 'Board 50 mm',
        family: 'panel',
        thicknessMm: 50,
        widthMm: 1200,
        lengthMm: 2500,
        colourEs: 'blanco',
        colourEn: 'white',
        unit: 'placa',
        priceEur: 35.55,
        stock: 164,
        synonyms: ['placa PIR', 'polyiso'],
      },
    ]);
  });

  it('reads the sample', async () => {
    const content = await readFile(join(ROOT_FOLDER, 'sample/catalogue.csv'), 'utf8');
    expect(isCatalogue(content)).toBe(true);
    expect((await parseCatalogue(content)).length).toBeGreaterThanOrEqual(300);
  });

  it.each([
    ['a price that is no number', GOOD.replace('35.55', 'cheap'), 'line 2, price_eur'],
    ['a negative stock', GOOD.replace('164', '-1'), 'line 2, stock'],
    ['a missing name', GOOD.replace('Panel 50 mm', ''), 'line 2, name_es'],
    ['a SKU that is there twice', `${GOOD}\n${GOOD}`, 'line 3: the SKU P-50 is there twice'],
  ])('refuses %s', async (_name, rows, message) => {
    const parsing = parseCatalogue(`${HEADER}\n${rows}\n`);
    await expect(parsing).rejects.toThrow(CatalogueError);
    await expect(parsing).rejects.toThrow(message);
  });

  it('does not take another CSV for a catalogue', () => {
    expect(isCatalogue('product,price\nPanel,18.90\n')).toBe(false);
  });
});
