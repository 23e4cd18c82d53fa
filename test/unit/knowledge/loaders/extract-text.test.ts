/** Every kind of file to text, and every kind of bad file to a reason: by content, whatever the name says. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { PDFParse } from 'pdf-parse';
import { chunkAttachment } from '../../../../src/knowledge/chunking.js';
import { createTextExtractor } from '../../../../src/knowledge/loaders/extract-text.js';
import { pdfOf } from '../../../fakes/files/pdf.js';
import { docxOf, xlsxOf, zipOf } from '../../../fakes/files/zip.js';

const extractor = createTextExtractor({ maxUnpackedBytes: 5 * 1024 * 1024 });
afterAll(() => extractor.close());

const read = (bytes: Buffer | string, filename = 'file') => extractor.extractText({ bytes: Buffer.from(bytes), filename });

async function textOf(bytes: Buffer | string, filename = 'file'): Promise<string> {
  const extraction = await read(bytes, filename);
  if (!extraction.ok) throw new Error(`${extraction.failure}: ${extraction.message}`);
  return extraction.text;
}

async function failureOf(bytes: Buffer | string, filename = 'file'): Promise<string> {
  const extraction = await read(bytes, filename);
  if (extraction.ok) throw new Error(`read as ${extraction.contentType}`);
  expect(extraction.message).toMatch(/^[A-Z].*\.$/);
  return extraction.failure;
}

describe('files that can be read', () => {
  it('reads a PDF page by page, with its title and numbered headings', async () => {
    const bytes = pdfOf([
      { lines: ['Installation manual', '1. Before you start', 'Measure the roof twice.'] },
      { lines: ['Keep the panels dry.'] },
    ]);
    const extraction = await read(bytes, 'manual.txt');
    expect(extraction).toMatchObject({ ok: true, contentType: 'application/pdf' });
    expect(extraction.ok && extraction.pages).toEqual([
      { page: 1, text: '# Installation manual\n\n## 1. Before you start\n\nMeasure the roof twice.' },
      { page: 2, text: 'Keep the panels dry.' },
    ]);
  });

  it('reads a DOCX with its headings', async () => {
    expect(await textOf(docxOf(['# Garantía', 'Diez años para los paneles.']), 'x.bin')).toBe('# Garantía\n\nDiez años para los paneles.');
  });

  it('reads an XLSX row by row with the header names', async () => {
    const bytes = xlsxOf('Precios', [
      ['Producto', 'Precio'],
      ['Panel PIR', 18.9],
    ]);
    expect(await textOf(bytes)).toBe('## Precios\n\nProducto: Panel PIR; Precio: 18.9');
  });

  it.each([
    ['commas', 'product,price\nPanel,18.90\nFoam,"7,50"\n'],
    ['semicolons', 'product;price\nPanel;18.90\nFoam;7,50\n'],
    ['tabs', 'product\tprice\nPanel\t18.90\nFoam\t7,50\n'],
  ])('reads a CSV with %s', async (_name, content) => {
    expect(await textOf(content, 'prices')).toBe('product: Panel; price: 18.90\nproduct: Foam; price: 7,50');
  });

  it('reads the main content of an HTML page as markdown, without what stands around it', async () => {
    const html = `<!doctype html><html><head><title>Shop | Returns</title><style>p{}</style><script>var secret = 1</script></head><body>
      <header><nav><a href="/">Home</a></nav></header>
      <main><h1>Returns</h1><p>You have <b>30 days</b>.</p><ul><li>Unopened</li><li>Complete</li></ul>
      <table><tr><th>Who</th><th>Days</th></tr><tr><td>Trade</td><td>15</td></tr></table></main>
      <footer>Cookies</footer></body></html>`;
    expect(await textOf(html, 'page.txt')).toBe(
      '# Returns\n\nYou have 30 days.\n\n- Unopened\n- Complete\n\n| Who | Days |\n| --- | --- |\n| Trade | 15 |',
    );
  });

  it('reads text in UTF-8, UTF-16 and Windows-1252', async () => {
    expect(await textOf('Montaje de fachada: 10 años', 'a.txt')).toBe('Montaje de fachada: 10 años');
    expect(await textOf(Buffer.from('\uFEFFaño', 'utf16le'), 'a.txt')).toBe('año');
    expect(await textOf(Buffer.from([0x61, 0xf1, 0x6f]), 'a.txt')).toBe('año');
  });

  it('tells markdown from plain text, and a CSV from both', async () => {
    expect(await read('# Title\n\ntext', 'x')).toMatchObject({ contentType: 'text/markdown' });
    expect(await read('a, b\nc', 'x')).toMatchObject({ contentType: 'text/plain' });
    expect(await read('a,b\nc,d\n', 'x')).toMatchObject({ contentType: 'text/csv' });
    expect(await read('a,b\nc,d\n', 'x.txt')).toMatchObject({ contentType: 'text/plain' });
  });
});

describe('hostile text', () => {
  it.each([
    ['full stops', '.'.repeat(3_000_000)],
    ['spaces', `a${' '.repeat(3_000_000)}b`],
    ['line breaks', `a${'\n'.repeat(3_000_000)}b`],
    ['number signs', `# ${'# '.repeat(1_500_000)}`],
    ['brackets', `# ${'['.repeat(3_000_000)}`],
    ['pipes', '|'.repeat(3_000_000)],
    ['letters', 'x'.repeat(3_000_000)],
  ])('is read and cut in a moment: %s', async (_name, content) => {
    const began = performance.now();
    const extraction = await read(content, 'x.md');
    const chunks = extraction.ok ? chunkAttachment({ id: 'att_1', filename: 'x.md', pages: extraction.pages }) : [];
    expect(chunks.length).toBeLessThanOrEqual(600);
    expect(performance.now() - began).toBeLessThan(15_000);
  });
});

describe('pictures', () => {
  const page = pdfOf([{ lines: ['Pedido numero 4512', 'Panel de 50 mm'] }]);
  const pictureOf = async (bytes: Buffer): Promise<Buffer> => {
    const parser = new PDFParse({ data: new Uint8Array(bytes) });
    const { pages } = await parser.getScreenshot({ desiredWidth: 1200, imageDataUrl: false });
    await parser.destroy();
    return Buffer.from(pages[0]?.data ?? []);
  };

  it('reads a picture by OCR', async () => {
    const picture = await pictureOf(page);
    const extraction = await read(picture, 'photo.pdf');
    expect(extraction).toMatchObject({ ok: true, contentType: 'image/png' });
    expect(extraction.ok && extraction.text).toMatch(/Pedido numero 4512\s+Panel de 50 mm/);
  }, 60_000);

  it('says that a damaged picture is damaged, and reads the next one', async () => {
    const picture = await pictureOf(page);
    expect(await failureOf(Buffer.concat([picture.subarray(0, 60), Buffer.alloc(40, 7)]))).toBe('damaged');
    expect(await textOf(picture)).toContain('4512');
  }, 60_000);
});

describe('files that cannot be read', () => {
  it('refuses a zip bomb, also when it is named .pdf', async () => {
    const bomb = zipOf([{ name: 'word/document.xml', bytes: Buffer.alloc(20 * 1024 * 1024) }]);
    expect(bomb.length).toBeLessThan(40_000);
    expect(await failureOf(bomb, 'invoice.pdf')).toBe('too-large-unpacked');
  });

  it('refuses a zip that unpacks to more than it says', async () => {
    const liar = zipOf([{ name: 'word/document.xml', bytes: Buffer.alloc(3 * 1024 * 1024, 'a'), declaredSize: 1000 }]);
    expect(await failureOf(liar)).toBe('too-large-unpacked');
  });

  it('refuses many entries that are small each and too large together', async () => {
    const noise = Array.from({ length: 12 }, (_, index) => ({ name: `xl/${index}.xml`, bytes: Buffer.alloc(900_000, `${index}abc`) }));
    expect(await failureOf(zipOf(noise))).toBe('too-large-unpacked');
  });

  it.each([
    ['a PDF behind a password', pdfOf([{ lines: ['secret'] }], { encrypted: true }), 'encrypted'],
    ['an encrypted zip', zipOf([{ name: 'word/document.xml', bytes: Buffer.from('x'), encrypted: true }]), 'encrypted'],
    ['a PDF that is cut off', pdfOf([{ lines: ['hello'] }]).subarray(0, 200), 'damaged'],
    ['a DOCX that is cut off', docxOf(['hello']).subarray(0, 300), 'damaged'],
    ['a zip that is no document', zipOf([{ name: 'a.txt', bytes: Buffer.from('x') }]), 'unsupported-type'],
    ['a program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0]), 'unsupported-type'],
    ['unknown bytes', Buffer.from([1, 2, 3, 0, 255, 254]), 'unsupported-type'],
    ['an empty file', Buffer.alloc(0), 'no-text'],
    ['white space', Buffer.from('  \n\n '), 'no-text'],
  ])('refuses %s', async (_name, bytes, failure) => {
    expect(await failureOf(bytes, 'document.pdf')).toBe(failure);
  });
});
