/** What the widget and the chat in its frame work out by themselves: colours that can be read, and metadata that the service accepts. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { paletteFor, readColour, textOn } from '../../../channels/web/page/colours.js';
import { acceptable } from '../../../channels/web/page/page-metadata.js';
import { clientMetadataSchema } from '../../../src/domain/client-metadata.js';

/** WCAG 2.2, by its own formula. */
function contrast(one: string, other: string): number {
  const luminance = (hex: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
      const part = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

const colour = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

describe('a palette of one colour', () => {
  it.each([
    ['light', ['#f4f6f5', '#ffffff']],
    ['dark', ['#101314', '#171b1c']],
  ] as const)('can be read on every %s ground, whatever the colour', (scheme, grounds) => {
    fc.assert(
      fc.property(colour, (given) => {
        const { accent, onAccent, soft } = paletteFor(given, scheme);
        for (const ground of [...grounds, soft, onAccent]) expect(contrast(accent, ground)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(textOn(given), given)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it('keeps a colour that can be read as it is', () => {
    expect(paletteFor('#0b6b62', 'light')).toMatchObject({ accent: '#0b6b62', onAccent: '#ffffff' });
  });

  it.each([
    ['#ABC', '#aabbcc'],
    [' #0b6b62 ', '#0b6b62'],
    ['red', null],
    ['#12345', null],
    ['#000;} body{', null],
  ])('reads %j as %j', (text, read) => expect(readColour(text)).toBe(read));
});

describe("a page's metadata", () => {
  it('is what the service accepts, whatever the page tells', () => {
    const key = fc.oneof(fc.string({ maxLength: 80 }), fc.constantFrom('__proto__', '$where', 'a.b', ''));
    const value = fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), fc.double(), fc.boolean(), fc.constant(null), fc.object());
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 30 }), (fields) => {
        expect(clientMetadataSchema.safeParse(acceptable(Object.fromEntries(fields))).success).toBe(true);
      }),
    );
    for (const junk of [null, undefined, 1, 'text', [], () => undefined]) expect(acceptable(junk)).toEqual({});
  });

  it('keeps fields as they are, cuts long texts and leaves the rest out', () => {
    expect(
      acceptable({ sku: 'PIR', price: 3.5, vip: false, none: null, long: `${'x'.repeat(499)}😀`, list: [1], when: new Date(0) }),
    ).toEqual({
      sku: 'PIR',
      price: 3.5,
      vip: false,
      none: null,
      long: 'x'.repeat(499),
    });
  });
});
