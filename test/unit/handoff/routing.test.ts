import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDeskSettings } from '../../../src/config/desk-file.js';
import { DEFAULT_DESK_SETTINGS } from '../../../src/domain/desk-settings.js';
import { NO_ENTITIES, type Understanding } from '../../../src/domain/understanding.js';
import { teamFor, type Routed } from '../../../src/handoff/routing.js';

const settings = parseDeskSettings(
  `
teams:
  - { id: all, name: All }
  - { id: english, name: English, languages: [en] }
  - id: works
    name: Works
    intents: [installation]
    overflow: english
    hours: { zone: UTC, week: { monday: ['9:00-14:00'] } }
  - { id: works-on-whatsapp, name: Works on WhatsApp, intents: [installation], channels: [whatsapp, whatsapp-web] }
  - { id: products, name: Products, entities: [products, measures] }
  - { id: legal, name: Legal, reasons: [legal-or-compliance] }
`,
  'desk.yaml',
);
const OPEN = new Date('2026-11-23T10:00:00Z');
const CLOSED = new Date('2026-11-23T20:00:00Z');
const about = (intent: string | null, measures = 0): Pick<Understanding, 'intent' | 'entities'> => ({
  intent: intent === null ? null : { name: intent, confidence: 0.9 },
  entities: {
    ...NO_ENTITIES,
    measures: Array.from({ length: measures }, () => ({
      ...{ text: '5 cm', start: 0, end: 4, dimension: 'length', value: 5, unit: 'cm' },
      ...{ normalisedValue: 50, normalisedUnit: 'mm', role: null },
    })),
  },
});
const routed = (over: Partial<Routed> = {}): Routed => ({
  ...{ channel: 'web', language: 'es', understanding: about(null), reasons: ['frustration'] },
  ...over,
});
const teamAt = (over: Partial<Routed>, at = OPEN) => teamFor(settings, routed(over), at).id;

describe('the team of a case', () => {
  it.each([
    ['the one without conditions where none fits', {}, 'all'],
    ['by language', { language: 'en' }, 'english'],
    ['by topic', { understanding: about('installation') }, 'works'],
    ['the narrower of two that fit', { understanding: about('installation'), channel: 'whatsapp-web' }, 'works-on-whatsapp'],
    ['by what was named', { understanding: about(null, 1) }, 'products'],
    ['by the reason', { reasons: ['frustration', 'legal-or-compliance'] }, 'legal'],
    ['the first of two that fit alike', { language: 'en', understanding: about('installation') }, 'english'],
    ['where nothing was understood', { understanding: null }, 'all'],
  ] as const)('is %s', (_name, over, team) => {
    expect(teamAt(over)).toBe(team);
  });

  it('is the one that helps out while its own is closed', () => {
    expect(teamAt({ understanding: about('installation') }, CLOSED)).toBe('english');
  });

  it('is always one of those that there are', () => {
    const anything = fc.record({
      channel: fc.constantFrom('web', 'whatsapp', 'telegram'),
      language: fc.constantFrom('es' as const, 'en' as const),
      understanding: fc.constantFrom(null, about('installation'), about('returns', 2)),
      reasons: fc.subarray(['urgency', 'legal-or-compliance', 'frustration'] as const),
    });
    const at = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(anything, at, (one, when) => {
        expect(settings.teams).toContain(teamFor(settings, one, when));
        expect(teamFor(DEFAULT_DESK_SETTINGS, one, when).id).toBe('team');
      }),
      { numRuns: 200 },
    );
  });
});
