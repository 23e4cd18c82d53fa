/** Spreadsheets and CSV: each row becomes a line that reads by itself, with the header's name before each value. */
import { delimiterOf } from './detect-type.js';
import type { Page } from './loaded-file.js';

type Cell = string | number | boolean | Date | null;

export async function loadCsv(text: string, maxRows: number): Promise<Page[]> {
  const { parse } = await import('csv-parse/sync');
  const rows = parse(text, {
    bom: true,
    delimiter: delimiterOf(text.slice(0, 64_000)) ?? ',',
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    trim: true,
    to: maxRows,
  });
  return [{ page: null, text: readableRows(rows) }];
}

export async function loadXlsx(bytes: Buffer, maxRows: number): Promise<Page[]> {
  const { default: readSheets } = await import('read-excel-file/node');
  const sheets = await readSheets(bytes);
  return sheets.map(({ sheet, data }) => ({
    page: null,
    text: `## ${sheet}\n\n${readableRows((data as unknown as Cell[][]).slice(0, maxRows))}`,
  }));
}

/** `Producto: Panel PIR; Precio: 18,90`, a line for each row; without a header (numbers in the first row) the values alone. */
function readableRows(rows: readonly (readonly Cell[])[]): string {
  const [first, ...rest] = rows.map((row) => row.map(cellText));
  if (first === undefined) return '';
  const isHeader = rest.length > 0 && first.every((cell) => !/^[\d.,\s€$%-]+$/.test(cell));
  if (!isHeader) return [first, ...rest].map((row) => row.filter(Boolean).join('; ')).join('\n');
  return rest
    .map((row) =>
      row
        .map((value, column) =>
          value === '' ? '' : `${first[column] === undefined || first[column] === '' ? '' : `${first[column]}: `}${value}`,
        )
        .filter(Boolean)
        .join('; '),
    )
    .filter(Boolean)
    .join('\n');
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (cell instanceof Date) return cell.toISOString().replace(/T00:00:00\.000Z$/, '');
  return String(cell).replace(/\s+/g, ' ').trim();
}
