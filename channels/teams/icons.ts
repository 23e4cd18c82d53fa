/**
 * The two icons that an app package must have, drawn and written as PNG here: a speech bubble, in colour on 192 by 192 pixels and as an outline in white on
 * 32 by 32. https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package#app-icons
 */
import { crc32, deflateSync } from 'node:zlib';

type Pixel = readonly [red: number, green: number, blue: number, alpha: number];
/** The colour at a place, both from 0 to 1, the upper left corner being 0, 0. */
type Picture = (x: number, y: number) => Pixel;

const WHITE: Pixel = [255, 255, 255, 255];
const NOTHING: Pixel = [255, 255, 255, 0];

export const ACCENT_COLOR = '#1F5F8B';
const ACCENT: Pixel = [0x1f, 0x5f, 0x8b, 255];

/** A rounded box with a tail; smaller by `inset` on all sides. */
function isInBubble(x: number, y: number, inset = 0): boolean {
  const radius = 0.14 - inset;
  const [left, right, top, bottom] = [0.16 + inset, 0.84 - inset, 0.2 + inset, 0.68 - inset];
  const nearestX = Math.min(Math.max(x, left + radius), right - radius);
  const nearestY = Math.min(Math.max(y, top + radius), bottom - radius);
  const inBox = Math.hypot(x - nearestX, y - nearestY) <= radius;
  const inTail = y >= bottom - 0.02 && y <= 0.84 - 2 * inset && x >= 0.3 + inset && x <= 0.3 + inset + (0.84 - 2 * inset - y);
  return inBox || inTail;
}

const isDot = (x: number, y: number) => [0.36, 0.5, 0.64].some((center) => Math.hypot(x - center, y - 0.44) <= 0.05);

const colour: Picture = (x, y) => (isInBubble(x, y) && !isDot(x, y) ? WHITE : ACCENT);
const outline: Picture = (x, y) => (isInBubble(x, y) && !isInBubble(x, y, 0.06) ? WHITE : NOTHING);

export const colourIcon = (): Buffer => png(192, colour);
export const outlineIcon = (): Buffer => png(32, outline);

const SAMPLES = 2;

/** Each pixel is the mean of some places in it, so that edges are smooth; where nothing is seen the colour does not count. */
function pixelAt(picture: Picture, size: number, column: number, row: number): number[] {
  const sum = [0, 0, 0, 0];
  for (let sample = 0; sample < SAMPLES * SAMPLES; sample += 1) {
    const dx = ((sample % SAMPLES) + 0.5) / SAMPLES;
    const dy = (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES;
    picture((column + dx) / size, (row + dy) / size).forEach((value, index) => {
      sum[index] = (sum[index] ?? 0) + value;
    });
  }
  return sum.map((value) => Math.round(value / (SAMPLES * SAMPLES)));
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** https://www.w3.org/TR/png-3/: eight bits for each of red, green, blue and alpha; no row is filtered. */
function png(size: number, picture: Picture): Buffer {
  const rows = Array.from({ length: size }, (_, row) => [
    0,
    ...Array.from({ length: size }, (_, column) => pixelAt(picture, size, column, row)).flat(),
  ]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(data.byteLength);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([frame, body, checksum]);
}
