import { describe, expect, it } from '@jest/globals';
import { parseDeskSettings, readDeskFile } from '../../src/config/desk-file.js';
import { DEFAULT_DESK_SETTINGS } from '../../src/domain/desk-settings.js';

const parse = (text: string) => parseDeskSettings(text, 'desk.yaml');
const TEAM = 'teams:\n  - id: ventas\n    name: Ventas\n';

describe('the desk’s file', () => {
  it('needs no more than a team', () => {
    expect(parse(TEAM)).toEqual({
      ...DEFAULT_DESK_SETTINGS,
      teams: [{ ...DEFAULT_DESK_SETTINGS.teams[0], id: 'ventas', name: 'Ventas' }],
    });
  });

  it('is there for the sample shop, with the hours of its telephone', () => {
    const { teams, agents } = readDeskFile('sample/desk.yaml');
    expect(teams.map(({ id }) => id)).toEqual(['atencion', 'english', 'tecnica', 'reclamaciones']);
    expect(teams[0]?.hours).toMatchObject({ zone: 'Europe/Madrid', holidays: { '2026-12-24': { open: [{ from: 480, to: 780 }] } } });
    expect(teams[0]?.hours?.week.map((day) => day.length)).toEqual([1, 1, 1, 1, 1, 1, 0]);
    expect(agents.map(({ id }) => id)).toContain('marta');
  });

  it('takes intervals that end at midnight or go on beyond it', () => {
    const { teams } = parse(`${TEAM}    hours: { zone: UTC, week: { monday: ['0:00-24:00'], friday: ['9:00-14:00', '22:00-6:00'] } }\n`);
    const week = teams[0]?.hours?.week;
    expect(week?.[0]).toEqual([{ from: 0, to: 1440 }]);
    expect(week?.[4]).toEqual([
      { from: 540, to: 840 },
      { from: 1320, to: 1800 },
    ]);
  });

  it.each([
    [`${TEAM}    hours: { zone: Madrid, week: { monday: ['9:00-14:00'] } }`, /line 4: teams\.0\.hours\.zone: must be a time zone/],
    [`${TEAM}    hours:\n      zone: UTC\n      week:\n        monday: ['9-14']`, /line 7: .*monday\.0: must be like 9:00-14:00/],
    [
      `${TEAM}    hours:\n      zone: UTC\n      week:\n        monday: ['9:00-14:00', '13:00-15:00']`,
      /line 7: .*monday: must be in order/,
    ],
    [`${TEAM}    hours:\n      zone: UTC\n      week: {}`, /line 4: teams\.0\.hours: must be open at some time/],
    [`${TEAM}    hours:\n      zone: UTC\n      week: { lunes: ['9:00-14:00'] }`, /line 6: .*lunes/],
    [`${TEAM}    colour: blue`, /line 4: teams\.0\.colour: /],
    [`${TEAM}    overflow: nobody`, /line 4: teams\.0\.overflow: there is no team "nobody"/],
    [`${TEAM}  - id: ventas\n    name: Otra`, /line 4: teams\.1\.id: is there twice/],
    [`${TEAM}agents:\n  - { id: a, name: A, teams: [compras] }`, /line 5: agents\.0\.teams\.0: there is no team "compras"/],
    [
      `${TEAM}agents:\n  - { id: a, name: A, teams: [ventas], at: ['slack:U1'] }\n  - { id: b, name: B, teams: [ventas], at: ['slack:U1'] }`,
      /line 6: agents\.1\.at\.0: is somebody else’s/,
    ],
    [`${TEAM}escalation:\n  - { reason: asked-for-person, weight: 0 }`, /line 5: escalation\.0\.reason: cannot be changed/],
    [`${TEAM}escalation:\n  - { reason: urgency, words: [ya], weight: 2 }`, /line 5: escalation\.0\.weight: must be 1 at most/],
    ['teams: []', /line 1: teams: /],
    ['teams: [', /line 1: /],
    ['', /line 1: /],
  ])('says in which line it is wrong: %j', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it('says that it is not there', () => {
    expect(() => readDeskFile('no-such.yaml')).toThrow(/no-such\.yaml cannot be read: check DESK_FILE/);
  });
});
