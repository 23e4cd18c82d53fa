/** Who loses a case at a breach, by simulated logs; and when a case is to be looked at next. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDeskSettings } from '../../../src/config/desk-file.js';
import { foldAll } from '../../../src/domain/fold-ticket.js';
import { OPENING_STATE, type Actor, type Ticket, type TicketChange, type TicketEvent } from '../../../src/domain/ticket.js';
import { overdue } from '../../../src/handoff/case/breach.js';
import { dueMarks, nextMarkAt, type LoggedCase } from '../../../src/handoff/case/service-levels.js';

const MINUTE = 60_000;
const OPENED = new Date('2026-11-23T08:00:00Z');
const at = (minutes: number): Date => new Date(OPENED.getTime() + minutes * MINUTE);
const MARTA: Actor = { kind: 'agent', agent: { id: 'marta', name: 'Marta' }, desk: 'slack' };
const settings = parseDeskSettings(
  `
teams:
  - id: ventas
    name: Ventas
    overflow: guardia
    hours: { zone: Europe/Madrid, week: { monday: &day ['9:00-14:00', '16:00-19:00'], tuesday: *day, wednesday: *day } }
  - { id: guardia, name: Guardia }
levels: { normal: { first: 60, next: 40, resolution: 240 } }
unclaimed: { remind: 5, widen: 10, tell: 20 }
`,
  'desk.yaml',
);
const opening: Ticket = {
  ...OPENING_STATE,
  ...{ id: 'T-1', conversationId: 'c', threadId: 't', contactId: 'p', channel: 'web', priority: 'normal', language: 'es' },
  ...{ reasons: ['asked-for-person'], summary: '', createdAt: OPENED, team: 'ventas' },
};

type Step = readonly [minutes: number, change: TicketChange, by?: Actor | undefined, actionId?: string];
const CLAIM: TicketChange = { kind: 'claimed' };
const WROTE: TicketChange = { kind: 'customer-wrote', messageId: 'm' };
const note: TicketChange = { kind: 'noted', text: 'x' };

function logged(...steps: readonly Step[]): LoggedCase {
  const all: Step[] = [[0, { kind: 'opened', team: 'ventas' }], ...steps];
  const events = all.map(([minutes, change, by = { kind: 'system' }, actionId], index): TicketEvent => ({
    ...{ ticketId: 'T-1', seq: index + 1, at: at(minutes), actionId: actionId ?? `a${index}`, change, by },
  }));
  return { ticket: foldAll(opening, events), events };
}

/** With the marks of a look at that minute. */
function looked(steps: readonly Step[], minute: number): LoggedCase {
  const marks = dueMarks(logged(...steps), settings, at(minute)).map(({ change, actionId }): Step => [minute, change, undefined, actionId]);
  return logged(...steps, ...marks);
}
const holderAt = (one: LoggedCase, minute: number) => overdue(one, settings, at(minute))?.holder.id ?? null;

describe('a case is taken over', () => {
  it('from who had it when its time ran out, and not before the breach is in the log', () => {
    const steps: Step[] = [[1, CLAIM, MARTA]];
    expect(holderAt(looked(steps, 59), 59)).toBeNull();
    expect(holderAt(logged(...steps), 61)).toBeNull();
    expect(holderAt(looked(steps, 60), 60)).toBe('marta');
    expect(overdue(looked(steps, 60), settings, at(70))?.actionId).toBe(`taken-over:first:${OPENED.getTime()}`);
  });

  it.each<[string, Step[], Step[]]>([
    ['nobody had', [], []],
    ['was claimed after the breach', [], [[61, CLAIM, MARTA]]],
    ['its agent has worked on since the breach', [[1, CLAIM, MARTA]], [[61, note, MARTA]]],
    [
      'a reply to is on its way',
      [
        [1, CLAIM, MARTA],
        [59, { kind: 'replied', markdown: 'x', files: [], sendAt: at(62) }, MARTA],
      ],
      [],
    ],
    ['was closed', [[1, CLAIM, MARTA]], [[61, { kind: 'resolved', reason: 'x' }, MARTA]]],
  ])('never where it %s', (_name, before, after) => {
    const marked = looked(before, 60);
    const steps = marked.events
      .slice(1)
      .map(({ at: when, change, by, actionId }): Step => [(when.getTime() - OPENED.getTime()) / MINUTE, change, by, actionId]);
    expect(marked.events.some(({ change }) => change.kind === 'marked' && change.mark === 'first:breached')).toBe(true);
    expect(holderAt(logged(...steps, ...after), 62)).toBeNull();
  });

  it('where the reply failed', () => {
    const marked = looked(
      [
        [1, CLAIM, MARTA],
        [58, { kind: 'replied', markdown: 'x', files: [], sendAt: at(58) }, MARTA],
        [59, { kind: 'reply-failed', of: 3, outboxId: '', reason: 'unknown' }],
      ],
      60,
    );
    expect(holderAt(marked, 60)).toBe('marta');
  });

  it('for the resolution only where it is set so', () => {
    const marked = looked(
      [
        [1, CLAIM, MARTA],
        [2, { kind: 'reply-dispatched', of: 2 }],
        [3, WROTE],
        [4, { kind: 'reply-dispatched', of: 2 }],
        [5, WROTE],
        [1_439, { kind: 'reply-dispatched', of: 2 }],
        [1_440, WROTE],
        [1_445, note, MARTA],
      ],
      1_470,
    );
    expect(marked.events.some(({ change }) => change.kind === 'marked' && change.mark === 'resolution:breached')).toBe(true);
    expect(overdue(marked, { ...settings, onBreach: { first: 'keep', next: 'keep', resolution: 'keep' } }, at(1_470))).toBeNull();
    expect(overdue(marked, { ...settings, onBreach: { first: 'keep', next: 'keep', resolution: 'reassign' } }, at(1_470))?.holder.id).toBe(
      'marta',
    );
  });
});

describe('when a case is looked at next', () => {
  const changes: readonly TicketChange[] = [
    CLAIM,
    { kind: 'reply-dispatched', of: 2 },
    WROTE,
    { kind: 'released' },
    { kind: 'resolved', reason: 'x' },
    { kind: 'reopened' },
  ];
  const happenings = fc.array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.constantFrom(...changes)), { maxLength: 8 });

  it('is the very instant at which something is to be marked, over nights and breaks', () => {
    fc.assert(
      fc.property(happenings, fc.integer({ min: 1_000, max: 1_200 }), (given, from) => {
        const steps = [...given].sort(([a], [b]) => a - b).map(([minutes, change]): Step => [minutes, change, MARTA]);
        const settled = looked(steps, from);
        const dueAt = (when: Date) => dueMarks(settled, settings, when).length > 0;
        const next = nextMarkAt(settled, settings, at(from));
        const until = next?.getTime() ?? at(from + 3_000).getTime();
        for (const share of [0, 0.25, 0.5, 0.75])
          expect(dueAt(new Date(at(from).getTime() + (until - at(from).getTime()) * share))).toBe(false);
        expect(dueAt(new Date(until - 1))).toBe(false);
        expect(dueAt(new Date(until))).toBe(next !== null);
      }),
      { numRuns: 100 },
    );
  });

  it('is never of a case that waits for the customer', () => {
    expect(nextMarkAt(logged([1, CLAIM, MARTA], [2, { kind: 'reply-dispatched', of: 2 }]), settings, at(3))).toBeNull();
  });
});
