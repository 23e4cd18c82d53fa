import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { StaffMember } from '../../../src/domain/desk-settings.js';
import type { DeskRequest } from '../../../src/domain/desk.js';
import { pickAgent, type Candidate } from '../../../src/handoff/case/assignment.js';
import { createIdentify } from '../../../src/handoff/case/identify.js';

const member = (id: string, limit = 5, at: string[] = []): StaffMember => ({ id, name: id, teams: ['all'], at, limit });
const candidate = (id: string, load: number, over: Partial<Candidate> = {}): Candidate => ({
  ...{ agent: member(id), present: true, load, givenAt: 0 },
  ...over,
});

describe('who a case is given to', () => {
  it('is who has the least to do', () => {
    expect(pickAgent([candidate('a', 2), candidate('b', 1), candidate('c', 3)])?.id).toBe('b');
  });

  it('is each in turn among equals', () => {
    const givenAt = new Map<string, number>();
    const turn = (round: number) => {
      const id = pickAgent(['a', 'b', 'c'].map((one) => candidate(one, 1, { givenAt: givenAt.get(one) ?? 0 })))?.id ?? '';
      givenAt.set(id, round);
      return id;
    };
    expect([1, 2, 3, 4, 5, 6].map(turn)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('is nobody where all are away or have their limit', () => {
    expect(pickAgent([candidate('a', 0, { present: false }), candidate('b', 5), candidate('c', 9)])).toBeNull();
    expect(pickAgent([])).toBeNull();
  });

  it('spreads any number of cases evenly, and nobody beyond their limit', () => {
    const limits = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(limits, fc.integer({ min: 0, max: 40 }), (given, cases) => {
        const loads = given.map(() => 0);
        for (let round = 1; round <= cases; round++) {
          const picked = pickAgent(
            given.map((limit, index) => ({ agent: member(`${index}`, limit), present: true, load: loads[index] ?? 0, givenAt: 0 })),
          );
          if (picked !== null) loads[Number(picked.id)] = (loads[Number(picked.id)] ?? 0) + 1;
        }
        const total = given.reduce((sum, limit) => sum + limit, 0);
        expect(loads.reduce((sum, load) => sum + load, 0)).toBe(Math.min(cases, total));
        loads.forEach((load, index) => {
          expect(load).toBeLessThanOrEqual(given[index] ?? 0);
          // Who has fewer than another could not take more.
          if (load < Math.max(...loads) - 1) expect(load).toBe(given[index]);
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe('one person at several desks', () => {
  const identify = createIdentify([member('marta', 5, ['slack:U1', 'teams:29:x'])]);
  const request = (id: string, ask: DeskRequest['ask']): DeskRequest => ({
    ...{ actionId: 'a', agent: { id, name: 'Marta R.' }, about: { ticketId: 'T-1' }, ask, answerTo: {} },
  });

  it('is the same at each of them, and so is who a case is assigned to', () => {
    for (const id of ['slack:U1', 'teams:29:x'])
      expect(identify(request(id, { kind: 'claim' })).agent).toEqual({ id: 'marta', name: 'marta' });
    const assigned = identify(request('slack:U9', { kind: 'assign', to: { id: 'teams:29:x', name: 'Marta' } }));
    expect(assigned).toMatchObject({ agent: { id: 'slack:U9', name: 'Marta R.' }, ask: { to: { id: 'marta', name: 'marta' } } });
  });
});
