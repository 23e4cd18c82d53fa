/** Clocks of cases and what they mark, by a simulated clock over real logs. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDeskSettings } from '../../../src/config/desk-file.js';
import type { DeskSettings } from '../../../src/domain/desk-settings.js';
import { foldAll } from '../../../src/domain/fold-ticket.js';
import { OPENING_STATE, type Ticket, type TicketChange, type TicketEvent } from '../../../src/domain/ticket.js';
import { clocksOf, dueMarks, type LoggedCase } from '../../../src/handoff/case/service-levels.js';

const MINUTE = 60_000;
const MARTA = { id: 'marta', name: 'Marta Ruiz' };
const settings = parseDeskSettings(
  `
teams:
  - id: ventas
    name: Ventas
    overflow: guardia
    hours: { zone: Europe/Madrid, week: { monday: &day ['9:00-14:00', '16:00-19:00'], tuesday: *day } }
  - { id: guardia, name: Guardia }
levels: { normal: { first: 60, next: 40, resolution: 240 } }
remind_at: 0.75
unclaimed: { remind: 5, widen: 10, tell: 20 }
`,
  'desk.yaml',
);
/** Monday 9:00 in Madrid. */
const OPENED = new Date('2026-11-23T08:00:00Z');
const at = (minutes: number): Date => new Date(OPENED.getTime() + minutes * MINUTE);

const opening: Ticket = {
  ...OPENING_STATE,
  ...{ id: 'T-1', conversationId: 'c', threadId: 't', contactId: 'p', channel: 'web', priority: 'normal', language: 'es' },
  ...{ reasons: ['asked-for-person'], summary: '', createdAt: OPENED, team: 'ventas' },
};

type Step = readonly [minutes: number, change: TicketChange, actionId?: string];
const REPLY: TicketChange = { kind: 'reply-dispatched', of: 3 };
const WROTE: TicketChange = { kind: 'customer-wrote', messageId: 'm' };

function logged(...steps: Step[]): LoggedCase {
  const all: Step[] = [[0, { kind: 'opened', team: 'ventas' }], ...steps];
  const events = all.map(([minutes, change, actionId], index): TicketEvent => ({
    ...{ ticketId: 'T-1', seq: index + 1, at: at(minutes), actionId: actionId ?? `a${index}`, change },
    by: change.kind === 'claimed' ? { kind: 'agent', agent: MARTA, desk: 'slack' } : { kind: 'system' },
  }));
  return { ticket: foldAll(opening, events), events };
}

/** Looks every minute, as the job does, and writes down what it marks; `happens` at its minutes, before the look. */
function watched(until: number, happens: Step[] = [], over: Partial<DeskSettings> = {}): string[] {
  const steps: Step[] = [];
  const marked: string[] = [];
  for (let minute = 0; minute <= until; minute++) {
    steps.push(...happens.filter(([when]) => when === minute));
    for (const { actionId, change } of dueMarks(logged(...steps), { ...settings, ...over }, at(minute))) {
      steps.push([minute, change, actionId]);
      marked.push(`${minute} ${change.mark}${change.team === null ? '' : ` to ${change.team}`}`);
    }
  }
  return marked;
}
const elapsed = (one: LoggedCase, now: number) =>
  Object.fromEntries(clocksOf(one, settings, at(now)).map(({ name, elapsedMs }) => [name, elapsedMs / MINUTE]));

describe('the clocks of a case', () => {
  it('run in open hours only', () => {
    // Monday 9:00: five hours until two, two hours of closing, three more hours.
    expect(elapsed(logged(), 300)).toEqual({ first: 300, resolution: 300 });
    expect(elapsed(logged(), 400)).toEqual({ first: 300, resolution: 300 });
    expect(elapsed(logged(), 480)).toEqual({ first: 360, resolution: 360 });
    expect(elapsed(logged(), 24 * 60)).toEqual({ first: 480, resolution: 480 });
  });

  it('stand still while the customer is to write, and then count to the next reply', () => {
    const answered = logged([1, { kind: 'claimed' }], [10, REPLY]);
    expect(elapsed(answered, 70)).toEqual({ resolution: 10 });
    const again = logged([1, { kind: 'claimed' }], [10, REPLY], [70, WROTE]);
    expect(elapsed(again, 100)).toEqual({ next: 30, resolution: 40 });
    const twice = logged([1, { kind: 'claimed' }], [10, REPLY], [70, WROTE], [90, WROTE]);
    expect(elapsed(twice, 100)).toEqual({ next: 30, resolution: 40 });
  });

  it('begin anew where the case is reopened, and are none while it is closed', () => {
    const closed: Step[] = [
      [1, { kind: 'claimed' }],
      [10, REPLY],
      [20, { kind: 'resolved', reason: 'sold' }],
    ];
    expect(elapsed(logged(...closed), 100)).toEqual({});
    expect(elapsed(logged(...closed, [120, { kind: 'reopened' }]), 150)).toEqual({ next: 30, resolution: 30 });
  });

  it('never run backwards nor faster than the one on the wall, whatever happens', () => {
    const changes: TicketChange[] = [
      { kind: 'claimed' },
      REPLY,
      WROTE,
      { kind: 'released' },
      { kind: 'resolved', reason: 'x' },
      { kind: 'reopened' },
    ];
    const happenings = fc.array(fc.tuple(fc.integer({ min: 1, max: 2_000 }), fc.constantFrom(...changes)), { maxLength: 12 });
    fc.assert(
      fc.property(happenings, fc.integer({ min: 2_000, max: 3_000 }), fc.integer({ min: 0, max: 600 }), (given, now, later) => {
        const one = logged(...given.sort(([a], [b]) => a - b).map(([minutes, change]): Step => [minutes, change]));
        const after = clocksOf(one, settings, at(now + later));
        clocksOf(one, settings, at(now)).forEach(({ elapsedMs, since }, index) => {
          expect(elapsedMs).toBeGreaterThanOrEqual(0);
          expect(elapsedMs).toBeLessThanOrEqual(at(now).getTime() - since.getTime());
          const grown = (after[index]?.elapsedMs ?? NaN) - elapsedMs;
          expect(grown).toBeGreaterThanOrEqual(0);
          expect(grown).toBeLessThanOrEqual(later * MINUTE);
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe('what is marked', () => {
  it('of a case that nobody takes: remind, widen, tell the customer, then the service levels, each once', () => {
    expect(watched(70)).toEqual([
      '5 unclaimed:reminded',
      '10 unclaimed:widened to guardia',
      '20 unclaimed:told',
      '45 first:reminded',
      '60 first:breached',
    ]);
  });

  it('reminds before the breach and escalates at it', () => {
    const off = { unclaimed: { remind: null, widen: null, tell: null } };
    expect(watched(250, [], off)).toEqual([
      '45 first:reminded',
      '60 first:breached to guardia',
      '180 resolution:reminded',
      '240 resolution:breached',
    ]);
    expect(watched(70, [[1, { kind: 'claimed' }]], off)).toEqual(['45 first:reminded', '60 first:breached']);
  });

  it('of each wait for the next reply anew', () => {
    const happens: Step[] = [
      [1, { kind: 'claimed' }],
      [2, REPLY],
      [10, WROTE],
      [60, REPLY],
      [70, WROTE],
    ];
    expect(watched(120, happens)).toEqual(['40 next:reminded', '50 next:breached', '100 next:reminded', '110 next:breached']);
  });

  it('nothing while the customer is to write', () => {
    expect(
      watched(2_000, [
        [1, { kind: 'claimed' }],
        [2, REPLY],
      ]),
    ).toEqual([]);
  });

  it('from the start again where somebody lets the case go', () => {
    const marked = watched(40, [
      [1, { kind: 'claimed' }],
      [20, { kind: 'released' }],
    ]);
    expect(marked.filter((mark) => mark.includes('unclaimed'))).toEqual([
      '25 unclaimed:reminded',
      '30 unclaimed:widened to guardia',
      '40 unclaimed:told',
    ]);
  });

  it('is the breach alone where nothing ran when it was to be reminded of', () => {
    const late = dueMarks(logged([1, { kind: 'claimed' }]), settings, at(130));
    expect(late.map(({ change }) => change.mark)).toEqual(['first:breached']);
  });

  it('tells the customer the number and what to expect, in their language', () => {
    const said = (language: string, minutes: number) => {
      const one = logged();
      return dueMarks({ ...one, ticket: { ...one.ticket, language } }, settings, at(minutes)).find(({ change }) => change.say !== null)
        ?.change.say;
    };
    expect(said('es', 30)).toContain('**T-1** sigue en espera');
    expect(said('es', 30)).toContain('normalmente en menos de 1 hora');
    expect(said('en', 24 * 60 + 660)).toContain('we open on Monday at 9:00');
  });

  it('shows in the ticket as long as its clock runs', () => {
    const marked = logged(
      [20, { kind: 'marked', mark: 'unclaimed:told', team: null, say: null }],
      [45, { kind: 'marked', mark: 'first:reminded', team: 'guardia', say: null }],
    );
    expect(marked.ticket).toMatchObject({ marks: ['unclaimed:told', 'first:reminded'], team: 'guardia' });
    const claimed = foldAll(marked.ticket, [...logged([20, WROTE], [45, WROTE], [46, { kind: 'claimed' }]).events].slice(3));
    expect(claimed.marks).toEqual(['first:reminded']);
    const answered = foldAll(claimed, logged([20, WROTE], [45, WROTE], [46, WROTE], [47, REPLY]).events);
    expect(answered.marks).toEqual([]);
  });
});
