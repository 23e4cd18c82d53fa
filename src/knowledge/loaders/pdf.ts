/** PDF: the text of each page, reflowed into paragraphs; pages without a text layer become pictures for OCR. */
import { type LoadedFile, type LoaderLimits, UnreadableFileError } from './loaded-file.js';

/** Enough for print at 10 points, little enough for OCR to take seconds. */
const PICTURE_WIDTH_PX = 1600;

export async function loadPdf(bytes: Buffer, limits: LoaderLimits): Promise<LoadedFile> {
  const { PDFParse } = await import('pdf-parse');
  const pdf = new PDFParse({ data: new Uint8Array(bytes), verbosity: 0, isEvalSupported: false, stopAtErrors: false });
  try {
    const { pages } = await pdf.getText({ first: limits.maxPages, pageJoiner: '', parseHyperlinks: false });
    const texts = restoreStructure(pages.map(({ text }) => text)).map((text, index) => ({ page: pages[index]?.num ?? index + 1, text }));
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

/**
 * Markdown out of the lines of each page: running headers and footers are left out, the title and numbered headings are marked, lines that were only
 * broken to fit the page are joined.
 */
function restoreStructure(pages: readonly string[]): string[] {
  const lines = pages.map((text) => text.split('\n').map((line) => line.replace(/[ \t]+/g, ' ').trim()));
  const running = runningLines(lines);
  return lines.map((page, index) => {
    const kept = page.filter((line) => !running.has(withoutNumbers(line)));
    return reflow(index === 0 && pages.length > 0 ? markTitle(kept) : kept);
  });
}

const withoutNumbers = (line: string): string => line.replace(/\d+/g, '#');

/** First and last lines that several pages share, page numbers aside. */
function runningLines(pages: readonly (readonly string[])[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const page of pages) {
    const filled = page.filter(Boolean);
    const edges = new Set([filled[0], filled.at(-1)].flatMap((line) => (line === undefined ? [] : [withoutNumbers(line)])));
    for (const edge of edges) counts.set(edge, (counts.get(edge) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, count]) => count > 1).map(([line]) => line));
}

const MAX_TITLE_CHARS = 100;

/** A first line that is no sentence is the title; a second one that goes on in lower case belongs to it. */
function markTitle(lines: readonly string[]): string[] {
  const start = lines.findIndex((line) => line !== '');
  const [title, next, ...rest] = lines.slice(Math.max(0, start));
  if (title === undefined || title.length > MAX_TITLE_CHARS || !/^\p{Lu}/u.test(title) || /[.,;:]$/.test(title)) return [...lines];
  if (next !== undefined && /^\p{Ll}/u.test(next) && next.length < title.length) return [`# ${title} ${next}`, '', ...rest];
  return [`# ${title}`, '', ...(next === undefined ? [] : [next]), ...rest];
}

/** `3. Separación entre correas`: numbered, short, no sentence. */
const NUMBERED_HEADING = /^\d{1,2}(?:\.\d{1,2})*\.? \p{Lu}[^.;:!?]{2,70}$/u;

function reflow(lines: readonly string[]): string {
  const widest = Math.max(0, ...lines.map((line) => line.length));
  let joined = '';
  let previous = '';
  for (const line of lines) {
    const heading = NUMBERED_HEADING.test(line);
    if (line === '') {
      joined += '\n\n';
    } else if (heading) {
      joined += `\n\n## ${line}\n\n`;
    } else if (previous === '' || joined.endsWith('\n')) {
      joined += line;
    } else {
      const continues = previous.length > widest * 0.8 && !/[.:;!?]$/.test(previous) && !/^([-•*]|\d+[.)]) /.test(line);
      if (continues && previous.endsWith('-') && /^\p{Ll}/u.test(line)) joined = joined.slice(0, -1) + line;
      else joined += continues ? ` ${line}` : `\n${line}`;
    }
    previous = heading ? '' : line;
  }
  return joined.replace(/\n{3,}/g, '\n\n').trim();
}
