/** Writes small PDFs for tests: pages of text in Helvetica, pages with one picture, and a document behind a password. */

export type PdfPage = { readonly lines: readonly string[] } | { readonly jpeg: Buffer; readonly width: number; readonly height: number };

interface PdfObject {
  readonly dictionary: string;
  readonly stream?: Buffer;
}

export function pdfOf(pages: readonly PdfPage[], options: { readonly encrypted?: true } = {}): Buffer {
  const objects: PdfObject[] = [];
  const add = (object: PdfObject): number => objects.push(object);
  add({ dictionary: '/Type /Catalog /Pages 2 0 R' });
  const pagesAt = add({ dictionary: '' });
  const font = add({ dictionary: '/Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding' });
  const kids = pages.map((page) => addPage(page, add, font));
  objects[pagesAt - 1] = { dictionary: `/Type /Pages /Count ${kids.length} /Kids [${kids.map((kid) => `${kid} 0 R`).join(' ')}]` };
  // Owner and user keys that no password fits: the standard handler, 40 bits (ISO 32000-1, 7.6.3).
  const key = `<${'5a'.repeat(32)}>`;
  const encryption = options.encrypted === true ? add({ dictionary: `/Filter /Standard /V 1 /R 2 /P -4 /O ${key} /U ${key}` }) : null;
  return write(
    objects,
    encryption === null ? '' : `/Encrypt ${encryption} 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]`,
  );
}

function addPage(page: PdfPage, add: (object: PdfObject) => number, font: number): number {
  const box = '/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]';
  if ('lines' in page) {
    const text = page.lines.map((line) => `(${line.replace(/[()\\]/g, '\\$&')}) Tj T*`).join('\n');
    const contents = add({ dictionary: '', stream: Buffer.from(`BT /F1 14 Tf 18 TL 60 780 Td\n${text}\nET`, 'latin1') });
    return add({ dictionary: `${box} /Resources << /Font << /F1 ${font} 0 R >> >> /Contents ${contents} 0 R` });
  }
  const { jpeg, width, height } = page;
  const image = add({
    dictionary: `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode`,
    stream: jpeg,
  });
  const contents = add({ dictionary: '', stream: Buffer.from('q 595 0 0 842 0 0 cm /I Do Q') });
  return add({ dictionary: `${box} /Resources << /XObject << /I ${image} 0 R >> >> /Contents ${contents} 0 R` });
}

function write(objects: readonly PdfObject[], trailer: string): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n')];
  const offsets: number[] = [];
  let length = parts[0]?.length ?? 0;
  const push = (part: Buffer) => {
    parts.push(part);
    length += part.length;
  };
  objects.forEach(({ dictionary, stream }, index) => {
    offsets.push(length);
    const size = stream === undefined ? '' : ` /Length ${stream.length}`;
    push(Buffer.from(`${index + 1} 0 obj\n<< ${dictionary}${size} >>\n`, 'latin1'));
    if (stream !== undefined) push(Buffer.concat([Buffer.from('stream\n'), stream, Buffer.from('\nendstream\n')]));
    push(Buffer.from('endobj\n'));
  });
  const start = length;
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  push(Buffer.from(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`));
  push(Buffer.from(`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF\n`));
  return Buffer.concat(parts);
}
