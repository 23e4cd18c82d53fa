/** Makes a palette of one colour, so that what is written with it or on it can be read: contrasts of 4.5 or more (WCAG 2.2, 1.4.3). */

export interface Palette {
  /** The colour, darker or lighter where it could not be read on its grounds. */
  readonly accent: string;
  /** Text on it. */
  readonly onAccent: string;
  /** A tint of it, as a ground for text in it. */
  readonly soft: string;
}

type Rgb = readonly [red: number, green: number, blue: number];

const LEAST_CONTRAST = 4.5;
const STEPS = 40;
const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
/** `--ground` and `--surface` of chat.css, light and dark, and how strong a tint is on them. */
const LIGHT = { grounds: ['#f4f6f5', '#ffffff'].map(rgbOf), towards: BLACK, tint: 0.1 };
const DARK = { grounds: ['#101314', '#171b1c'].map(rgbOf), towards: WHITE, tint: 0.16 };

/** `#rgb` or `#rrggbb` as `#rrggbb`; null for anything else. */
export function readColour(text: string): string | null {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1]?.toLowerCase();
  if (hex === undefined) return null;
  return `#${hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex}`;
}

/** Black or white, whichever is read better: one of them always has a contrast of 4.58 or more. */
export const textOn = (colour: string): string => hexOf(contrast(rgbOf(colour), WHITE) >= contrast(rgbOf(colour), BLACK) ? WHITE : BLACK);

export const paletteFor = (colour: string, scheme: 'light' | 'dark'): Palette => {
  const { grounds, towards, tint } = scheme === 'light' ? LIGHT : DARK;
  for (let step = 0; step <= STEPS; step += 1) {
    const accent = mix(rgbOf(colour), towards, step / STEPS);
    const soft = mix(grounds.at(-1) ?? towards, accent, tint);
    if (![...grounds, soft].every((ground) => contrast(accent, ground) >= LEAST_CONTRAST)) continue;
    return { accent: hexOf(accent), onAccent: textOn(hexOf(accent)), soft: hexOf(soft) };
  }
  throw new Error('black is read on white'); // the last step is one of them
};

function rgbOf(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

const hexOf = (rgb: Rgb): string => `#${rgb.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

/** In whole steps, as it is shown. */
const mix = (one: Rgb, other: Rgb, part: number): Rgb =>
  [0, 1, 2].map((index) => Math.round((one[index] ?? 0) * (1 - part) + (other[index] ?? 0) * part)) as unknown as Rgb;

function contrast(one: Rgb, other: Rgb): number {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((value) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
  ) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
