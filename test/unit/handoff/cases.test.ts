/** Cases under any interleaving of what two agents, the customer and the clock do, each deciding on what it last saw. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DeskCommand } from '../../../src/domain/desk.js';
import { foldAll, isOpen } from '../../../src/domain/fold-ticket.js';
import { OPENING_STATE, type Ticket, type TicketEvent } from '../../../src/domain/ticket.js';
import { type Cases, createCases, type Outcome } from '../../../src/handoff/case/cases.js';

const AGENTS = [
  { id: 'slack:ana', name: 'Ana' },
  { id: 'teams:luis', name: 'Luis' },
] as const;

const opening: Ticket = {
  ...OPENING_STATE,
  ...{ id: 'T-1', conversationId: 'conv_1', threadId: 'thread_1', contactId: 'cont_1', channel: 'web', priority: 'normal' },
  ...{ reasons: ['asked-for-person'], language: 'es', summary: 'x', createdAt: new Date(0) },
};

/** A log in memory whose reads and writes take turns of the event loop, as many as the run says. */
function inMemory(pauses: () => number) {
  const events: TicketEvent[] = [];
  const pause = async () => {
    for (let left = pauses(); left > 0; left--) await Promise.resolve();
  };
  return {
    events,
    async load(id: string) {
      const read = [...events];
      await pause();
      return id === opening.id ? { ticket: foldAll(opening, read), events: read } : null;
    },
    async append(event: TicketEvent) {
      await pause();
      if (events.some(({ seq, actionId }) => seq === event.seq || actionId === event.actionId)) return false;
      events.push(event);
      return true;
    },
  };
}

type Move =
  | { readonly who: 0 | 1; readonly command: DeskCommand }
  | { readonly wrote: number }
  | { readonly left: true }
  | { readonly dispatch: true };

const command: fc.Arbitrary<DeskCommand> = fc.oneof(
  fc.constantFrom<DeskCommand>(
    { kind: 'claim' },
    { kind: 'release' },
    { kind: 'reopen' },
    { kind: 'note', text: 'n' },
    { kind: 'reply', markdown: 'r', files: [] },
    { kind: 'undo', of: null },
    { kind: 'resolve', reason: 'done' },
    { kind: 'return-to-bot', note: '' },
  ),
  fc.constantFrom(...AGENTS).map((to): DeskCommand => ({ kind: 'assign', to })),
  fc.nat({ max: 20 }).map((of): DeskCommand => ({ kind: 'edit', of, text: `e${of}` })),
);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ who: fc.constantFrom<0 | 1>(0, 1), command }) },
  { weight: 2, arbitrary: fc.nat({ max: 1000 }).map((wrote) => ({ wrote })) },
  { weight: 1, arbitrary: fc.constant<Move>({ left: true }) },
  { weight: 2, arbitrary: fc.constant<Move>({ dispatch: true }) },
);

function play(cases: Cases, events: readonly TicketEvent[], moves: readonly Move[]): Promise<(Outcome | null)[]> {
  return Promise.all(
    moves.map(async (made, index): Promise<Outcome | null> => {
      const action = { ticketId: opening.id, actionId: `a${index}` };
      if ('command' in made) return cases.act(action, { agent: AGENTS[made.who], desk: 'slack' }, made.command);
      if ('wrote' in made) await cases.record(action, 'customer', { kind: 'customer-wrote', messageId: `m${made.wrote}` });
      else if ('left' in made) await cases.record(action, 'customer', { kind: 'customer-left' });
      else {
        const waiting = events.findLast(({ change }) => change.kind === 'replied');
        if (waiting !== undefined) await cases.dispatch(opening.id, waiting.seq);
      }
      return null;
    }),
  );
}

describe('cases', () => {
  it('keep their promises under any interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(move, { minLength: 1, maxLength: 6 }), { maxLength: 8 }),
        fc.infiniteStream(fc.nat({ max: 5 })),
        async (rounds, pauses) => {
          const log = inMemory(() => Number(pauses.next().value ?? 0));
          let time = 0;
          const now = () => new Date((time += 400));
          const cases = createCases({ store: log, undoMs: 0, onEvent: () => undefined, now });
          await cases.record({ ticketId: opening.id, actionId: 'opened' }, 'system', { kind: 'opened', team: null });
          for (const moves of rounds) await play(cases, log.events, moves);
          check(log.events);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('let exactly one of many who claim at once have it, and tell the others who', async () => {
    const log = inMemory(() => 1);
    const cases = createCases({ store: log, undoMs: 0, onEvent: () => undefined });
    const agents = Array.from({ length: 20 }, (_, index) => ({ id: `slack:${index}`, name: `Agent ${index}` }));
    const outcomes = await Promise.all(
      agents.map((agent) => cases.act({ ticketId: 'T-1', actionId: agent.id }, { agent, desk: 'slack' }, { kind: 'claim' })),
    );
    const winners = outcomes.flatMap((outcome) => (outcome.kind === 'done' ? [outcome.ticket.agent] : []));
    expect(winners).toHaveLength(1);
    const told = outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? [outcome.refusal] : []));
    expect(told).toEqual(Array.from({ length: 19 }, () => ({ refused: 'has-it', agent: winners[0] })));
  });

  it('are not closed over something that the customer wrote after the agent began', async () => {
    const log = inMemory(() => 0);
    let now = new Date(60_000);
    const cases = createCases({ store: log, undoMs: 0, onEvent: () => undefined, now: () => now });
    let actions = 0;
    const action = () => ({ ticketId: 'T-1', actionId: `a${(actions += 1)}` });
    const by = { agent: AGENTS[0], desk: 'slack' };
    const outcome = async (wanted: DeskCommand) => {
      const { kind, ...more } = await cases.act(action(), by, wanted);
      return kind === 'refused' && 'refusal' in more ? more.refusal.refused : kind;
    };
    await cases.act(action(), by, { kind: 'claim' });
    await cases.record(action(), 'customer', { kind: 'customer-wrote', messageId: 'm1' });
    now = new Date(60_900);
    expect(await outcome({ kind: 'resolve', reason: 'answered' })).toBe('wrote-since');
    expect(await outcome({ kind: 'return-to-bot', note: '' })).toBe('wrote-since');
    now = new Date(90_000);
    // The form was opened before, and stood in front of what the customer wrote.
    expect(await outcome({ kind: 'resolve', reason: 'answered', begunAt: new Date(50_000) })).toBe('wrote-since');
    expect(await outcome({ kind: 'resolve', reason: 'answered', begunAt: new Date(61_000) })).toBe('done');
  });

  it('know nothing of a case that is not there', async () => {
    const cases = createCases({ store: inMemory(() => 0), undoMs: 0, onEvent: () => undefined });
    const by = { agent: AGENTS[0], desk: 'slack' };
    expect(await cases.act({ ticketId: 'T-2', actionId: 'a' }, by, { kind: 'claim' })).toEqual({ kind: 'unknown-ticket' });
    expect(await cases.record({ ticketId: 'T-2', actionId: 'b' }, 'customer', { kind: 'customer-left' })).toBeNull();
  });
});

/** Replays the log: each event was allowed by what stood before it. */
function check(events: readonly TicketEvent[]): void {
  let ticket = opening;
  const settled = new Map<number, string>();
  for (const [index, event] of events.entries()) {
    const { change, by, seq } = event;
    expect(seq).toBe(index + 1);
    if (by.kind === 'agent') {
      if (change.kind === 'claimed') expect(ticket.agent).toBeNull();
      if (['replied', 'resolved', 'returned', 'released'].includes(change.kind)) expect(ticket.agent).toEqual(by.agent);
      if (!['noted', 'reopened', 'reply-undone', 'note-edited', 'reply-edited'].includes(change.kind)) expect(isOpen(ticket)).toBe(true);
      if (change.kind === 'reopened') expect(isOpen(ticket)).toBe(false);
      if (change.kind === 'resolved' || change.kind === 'returned') {
        const unread = events
          .slice(0, index)
          .filter((one) => one.change.kind === 'customer-wrote' && event.at.getTime() - one.at.getTime() <= 400);
        expect(unread).toEqual([]);
      }
    }
    if (change.kind === 'reply-edited') expect(settled.has(change.of)).toBe(false);
    if (change.kind === 'reply-dispatched') {
      const edits = events.slice(0, index).filter((one) => one.change.kind === 'reply-edited' && one.change.of === change.of);
      expect(change.as).toBe(edits.at(-1)?.seq);
    }
    if (change.kind === 'reply-undone' || change.kind === 'reply-dispatched') {
      expect(settled.has(change.of)).toBe(false);
      settled.set(change.of, change.kind);
    }
    ticket = foldAll(ticket, [event]);
    if (!isOpen(ticket)) expect(ticket).toMatchObject({ agent: null, waitingSince: null });
    expect(ticket.pauses.filter(({ to }) => to === null).length).toBeLessThanOrEqual(1);
  }
}
