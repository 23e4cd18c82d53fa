import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { capabilityMatrix, withCapabilityMatrix } from '../../../channels/capability-matrix.js';

const CHANNELS = new URL('../../../channels/', import.meta.url);
const withoutPadding = (markdown: string) => markdown.replace(/ *\| */g, '|').replace(/-{3,}/g, '---');

describe('channels/README.md', () => {
  const readme = readFileSync(new URL('README.md', CHANNELS), 'utf8');

  it('shows the capabilities that the code declares (else: npm run channels:matrix)', () => {
    expect(withoutPadding(readme)).toBe(withoutPadding(withCapabilityMatrix(readme)));
  });

  it('leaves out no channel', () => {
    const folders = readdirSync(CHANNELS, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
      .map((entry) => entry.name);
    const [header = ''] = capabilityMatrix().split('\n');
    expect(
      header
        .split(' | ')
        .slice(1)
        .map((name) => name.replace(' |', ''))
        .sort(),
    ).toEqual(folders.sort());
  });

  it('is refused without its marks', () => {
    expect(() => withCapabilityMatrix('# Channels')).toThrow('lost the marks');
  });
});
