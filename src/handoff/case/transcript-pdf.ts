/** A transcript as PDF, for whoever has to keep it: text that can be searched and copied, in a font with most of the scripts that customers write in. */
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';

const FONT = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');
const MARGIN = 56;

/** @param language of the document, for those who have it read out */
export function transcriptPdf(title: string, text: string, language: string): Promise<Buffer> {
  const document = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    lang: language,
    info: { Title: title, Producer: 'Parley', Creator: 'Parley' },
  });
  const pieces: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (piece: Buffer) => pieces.push(piece));
    document.on('end', () => resolve(Buffer.concat(pieces)));
    document.on('error', reject);
  });
  document.font(BOLD).fontSize(15).text(title).moveDown(0.6);
  document.font(FONT).fontSize(10);
  for (const line of text.split('\n')) document.text(line === '' ? ' ' : line, { paragraphGap: 4 });
  document.end();
  return done;
}
