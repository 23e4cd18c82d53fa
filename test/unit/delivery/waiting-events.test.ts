/** What the next turn is about, made of what waits. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type PendingEvent } from '../../../src/delivery/inbox.js';
import { MAX_JOINED, nextWork } from '../../../src/delivery/waiting-events.js';
import { type InboundEvent, type InboundMessage } from '../../../src/domain/message.js';
import { textEvent } from '../../fakes/simple-turns.js';

const NOW = new Date('2026-01-01T12:00:00Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms);

const message = (id: string, text = id) => textEvent('chat', id, text) as InboundMessage;
const pending = (event: InboundEvent, receivedAt = ago(10_000)): PendingEvent => ({
  _id: `evt_${event.eventId}`,
  conversationId: 'conv_1',
  order: 1,
  event,
  receivedAt,
  attempts: 0,
});
const edit = (id: string, text: string): InboundEvent => {
  const { kind: _kind, scope: _scope, addressed: _addressed, quotedMessageId: _quoted, metadata: _metadata, ...rest } = message(id, text);
  return { ...rest, kind: 'edit', eventId: `edit-of-${id}` };
};
const deletion = (id: string): InboundEvent => {
  const { channel, account, threadKey, sender, sentAt, platformMessageId } = message(id);
  return { kind: 'delete', channel, account, threadKey, sender, sentAt, platformMessageId, eventId: `delete-of-${id}` };
};
const work = (events: readonly PendingEvent[], debounceMs = 0, now = NOW) => {
  const [head, ...rest] = events;
  if (head === undefined) throw new Error('nothing waits');
  const next = nextWork([head, ...rest], debounceMs, now);
  if ('waitMs' in next) return next;
  const { event } = next;
  const text = 'content' in event ? event.content.map((part) => (part.kind === 'text' ? part.text : part.kind)).join('|') : '';
  return { kind: event.kind, text, ids: next.events.map(({ _id }) => _id.slice(4)) };
};

describe('nextWork', () => {
  it('takes the first message by itself where bursts are not joined', () => {
    expect(work([pending(message('a')), pending(message('b'))])).toEqual({ kind: 'message', text: 'a', ids: ['a'] });
  });

  it('processes a message as its last edit left it, and one that was deleted as its deletion', () => {
    const edited = [pending(message('a')), pending(message('b')), pending(edit('a', 'A')), pending(edit('a', 'AA'))];
    expect(work(edited)).toEqual({ kind: 'message', text: 'AA', ids: ['a'] });
    expect(work([...edited, pending(deletion('a'))])).toEqual({ kind: 'delete', text: '', ids: ['a'] });
    expect(work([pending(message('a')), pending(edit('b', 'B'))])).toMatchObject({ text: 'a' });
  });

  it('leaves an edit of a message that is done to itself', () => {
    expect(work([pending(edit('gone', 'x')), pending(message('a'))])).toEqual({ kind: 'edit', text: 'x', ids: ['edit-of-gone'] });
  });

  it('waits for a pause in the burst, then joins it, edits applied and deleted pieces left out', () => {
    const burst = [pending(message('a'), ago(900)), pending(message('b'), ago(300))];
    expect(work(burst, 1_000)).toEqual({ waitMs: 700 });
    expect(work(burst, 250)).toEqual({ kind: 'message', text: 'a|b', ids: ['a', 'b'] });
    const changed = [...burst, pending(edit('a', 'A')), pending(message('c'), ago(300)), pending(deletion('b'), ago(290))];
    expect(work(changed, 250)).toEqual({ kind: 'message', text: 'A|c', ids: ['a', 'c'] });
  });

  it('waits no longer than five pauses in all, and never longer than one at a time', () => {
    expect(work([pending(message('a'), ago(4_900)), pending(message('b'), NOW)], 1_000)).toEqual({ waitMs: 100 });
    expect(work([pending(message('a'), ago(5_000)), pending(message('b'), NOW)], 1_000)).toMatchObject({ ids: ['a', 'b'] });
    const fromTheFuture = new Date(NOW.getTime() + 3_600_000);
    expect(work([pending(message('a'), fromTheFuture)], 1_000)).toEqual({ waitMs: 1_000 });
  });

  it('joins written text of one sender only, and does not wait where something else follows', () => {
    const press: InboundEvent = { ...message('press'), content: [{ kind: 'choice', id: 'x', label: 'X' }] };
    expect(work([pending(press, NOW)], 1_000)).toMatchObject({ ids: ['press'] });
    expect(work([pending(message('a'), NOW), pending(press, NOW)], 1_000)).toEqual({ kind: 'message', text: 'a', ids: ['a'] });
    const other = { ...message('b'), sender: { ...message('b').sender, userId: 'somebody-else' } };
    expect(work([pending(message('a'), NOW), pending(other, NOW)], 1_000)).toMatchObject({ ids: ['a'] });
  });

  it('joins at most so many, and those that are more are the next turn’s', () => {
    const many = Array.from({ length: MAX_JOINED + 3 }, (_, index) => pending(message(String(index)), NOW));
    expect(work(many, 1_000)).toMatchObject({ ids: Array.from({ length: MAX_JOINED }, (_, index) => String(index)) });
  });

  it('works through anything that waits, each event in one turn, in order of their first', () => {
    const anEvent = fc.oneof(
      fc.integer({ min: 0, max: 4 }).map((id) => (at: number) => message(`m${at}-${id}`)),
      fc.integer({ min: 0, max: 9 }).map((of) => () => edit(`m${of}-0`, 'edited')),
      fc.integer({ min: 0, max: 9 }).map((of) => () => deletion(`m${of}-0`)),
    );
    fc.assert(
      fc.property(fc.array(anEvent, { minLength: 1, maxLength: 30 }), fc.constantFrom(0, 500), (makers, debounceMs) => {
        let waiting = makers.map((make, at) => ({ ...pending(make(at)), _id: `evt_${at}`, order: at }));
        const firsts: number[] = [];
        const handled: string[] = [];
        while (waiting.length > 0) {
          const [head, ...rest] = waiting;
          if (head === undefined) break;
          const next = nextWork([head, ...rest], debounceMs, NOW);
          if ('waitMs' in next) throw new Error('nothing is recent');
          expect(next.events[0]?._id).toBe(head._id);
          firsts.push(head.order);
          handled.push(...next.events.map(({ _id }) => _id));
          waiting = waiting.filter(({ _id }) => !handled.includes(_id));
        }
        expect(new Set(handled).size).toBe(makers.length);
        expect(handled).toHaveLength(makers.length);
        expect(firsts).toEqual([...firsts].sort((one, other) => one - other));
      }),
    );
  });
});
