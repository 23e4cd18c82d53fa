/** PDF: the text of each page, reflowed into paragraphs; pages without a text layer become pictures for OCR. */
import { type LoadedFile, type LoaderLimits, UnreadableFileError } from './loaded-file.js';

/** Enough for print at 10 points, little enough for OCR to take seconds. */
const PICTURE_WIDTH_PX = 1600;

export async function loadPdf(bytes: Buffer, limits: LoaderLimits): Promise<LoadedFile> {
  const { PDFParse } = await import('pdf-parse');
  const pdf = new PDFParse({ data: new Uint8Array(bytes), verbosity: 0, isEvalSupported: false, stopAtErrors: false });
  try {
    const { pages } = await pdf.getText({ first: limits.maxPages, pageJoiner: '', parseHyperlinks: false });
    const texts = pages.map(({ num, text }) => ({ page: num, text: reflow(text) }));
    const scanned = texts
      .filter(({ text }) => text.length < 10)
      .map(({ page }) => page)
      .slice(0, limits.maxPictures);
    const pictures =
      scanned.length === 0
        ? []
        : (await pdf.getScreenshot({ partial: scanned, desiredWidth: PICTURE_WIDTH_PX, imageDataUrl: false })).pages;
    return {
      pages: texts.filter(({ text }) => text !== ''),
      pictures: pictures.map(({ pageNumber, data }) => ({ page: pageNumber, image: data })),
    };
  } catch (thrown) {
    const encrypted = thrown instanceof Error && thrown.name === 'PasswordException';
    throw new UnreadableFileError(encrypted ? 'encrypted' : 'damaged', { cause: thrown });
  } finally {
    await pdf.destroy();
  }
}

/** Lines that were only broken to fit the page are joined; a line that ends a sentence, starts an item or stands alone is kept apart. */
export function reflow(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/[ \t]+/g, ' ').trim());
  const widest = Math.max(0, ...lines.map((line) => line.length));
  let joined = '';
  let previous = '';
  for (const line of lines) {
    if (line === '') {
      joined += '\n\n';
    } else if (previous === '' || joined.endsWith('\n')) {
      joined += line;
    } else {
      const continues = previous.length > widest * 0.6 && !/[.:;!?]$/.test(previous) && !/^([-•*]|\d+[.)]) /.test(line);
      if (continues && previous.endsWith('-') && /^\p{Ll}/u.test(line)) joined = joined.slice(0, -1) + line;
      else joined += continues ? ` ${line}` : `\n${line}`;
    }
    previous = line;
  }
  return joined.replace(/\n{3,}/g, '\n\n').trim();
}
