import { describe, expect, it } from '@jest/globals';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { inflateSync } from 'node:zlib';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { appManifest, appPackage } from '../../../channels/teams/app-package.js';

const OPTIONS = { appId: '11111111-2222-3333-4444-555555555555', name: 'Acme Ayuda', domain: 'chat.example.com' };

async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(bytes, { lazyEntries: true, autoClose: false }, (failure, opened) => (failure === null ? resolve(opened) : reject(failure))),
  );
  const files = new Map<string, Buffer>();
  const open = promisify(zip.openReadStream.bind(zip)) as (entry: Entry) => Promise<NodeJS.ReadableStream>;
  await new Promise<void>((resolve, reject) => {
    zip.on('end', resolve).on('error', reject);
    zip.on('entry', (entry: Entry) => {
      void open(entry).then(async (stream) => {
        files.set(entry.fileName, await buffer(stream));
        zip.readEntry();
      });
    });
    zip.readEntry();
  });
  return files;
}

/** Red, green, blue and alpha of each pixel of a PNG whose rows are not filtered. */
function pixelsOf(png: Buffer): { readonly size: number[]; readonly pixels: Buffer[] } {
  expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const data = png.indexOf('IDAT');
  const raw = inflateSync(png.subarray(data + 4, data + 4 + png.readUInt32BE(data - 4)));
  expect(raw.byteLength).toBe(height * (1 + 4 * width));
  const at = (index: number) => Math.floor(index / width) * (1 + 4 * width) + 1 + 4 * (index % width);
  return { size: [width, height], pixels: Array.from({ length: width * height }, (_, index) => raw.subarray(at(index), at(index) + 4)) };
}

describe('the app package', () => {
  it('holds a manifest and both icons', async () => {
    const files = await unzip(await appPackage(OPTIONS));
    expect([...files.keys()]).toEqual(['manifest.json', 'color.png', 'outline.png']);
    expect(JSON.parse(files.get('manifest.json')?.toString() ?? '')).toMatchObject({
      manifestVersion: '1.19',
      id: OPTIONS.appId,
      name: { short: 'Acme Ayuda' },
      developer: { websiteUrl: 'https://chat.example.com/', privacyUrl: 'https://chat.example.com/privacy' },
      bots: [{ botId: OPTIONS.appId, scopes: ['personal', 'team', 'groupChat'], supportsFiles: true }],
      icons: { color: 'color.png', outline: 'outline.png' },
      validDomains: ['chat.example.com'],
    });
  });

  it('asks to hear what is said in channels for the desk only', () => {
    expect(appManifest(OPTIONS)).not.toHaveProperty('authorization');
    expect(appManifest({ ...OPTIONS, desk: true })).toMatchObject({
      webApplicationInfo: { id: OPTIONS.appId },
      authorization: { permissions: { resourceSpecific: [{ name: 'ChannelMessage.Read.Group', type: 'Application' }] } },
    });
  });

  it('has icons of the sizes and colours that Teams asks for', async () => {
    const files = await unzip(await appPackage(OPTIONS));
    const colour = pixelsOf(files.get('color.png') ?? Buffer.alloc(0));
    const outline = pixelsOf(files.get('outline.png') ?? Buffer.alloc(0));
    expect([colour.size, outline.size]).toEqual([
      [192, 192],
      [32, 32],
    ]);
    expect(colour.pixels.every((pixel) => pixel[3] === 255)).toBe(true);
    expect(new Set(colour.pixels.map((pixel) => pixel.toString('hex'))).size).toBeGreaterThan(1);
    expect(outline.pixels.every((pixel) => pixel.subarray(0, 3).equals(Buffer.from([255, 255, 255])))).toBe(true);
    expect(new Set(outline.pixels.map((pixel) => pixel[3])).size).toBeGreaterThan(1);
  });

  it.each([
    [{ name: '' }, /--name/],
    [{ name: 'x'.repeat(31) }, /--name/],
    [{ domain: 'https://chat.example.com' }, /--domain/],
    [{ domain: 'localhost' }, /--domain/],
    [{ developer: 'x'.repeat(33) }, /--developer/],
    [{ version: '1' }, /--version-number/],
    [{ privacyUrl: 'http://example.com' }, /http:\/\/example\.com is not an https/],
  ])('is not made with %j', (wrong, problem) => {
    expect(() => appManifest({ ...OPTIONS, ...wrong })).toThrow(problem);
  });
});
