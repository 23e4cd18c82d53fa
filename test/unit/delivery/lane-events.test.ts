/** What a lane believes to wait is what the inbox holds, whatever comes while it is read, and the inbox is read no more often than that needs. */
import { describe, expect, it } from '@jest/globals';
import { createLaneEvents, READ_AHEAD } from '../../../src/delivery/lane-events.js';
import { type PendingEvent } from '../../../src/delivery/inbox.js';
import { textEvent } from '../../fakes/simple-turns.js';

const eventAt = (order: number): PendingEvent => ({
  _id: `evt_${order}`,
  conversationId: 'conv',
  order,
  event: textEvent('t', String(order), 'x'),
  receivedAt: new Date(0),
  attempts: 0,
});

/** An inbox whose reads take what is there when they begin and answer when they are let. */
function inboxOf(stored: PendingEvent[]) {
  let reads = 0;
  const answers: (() => void)[] = [];
  const pendingOf = (_conversationId: string, limit: number) => {
    reads += 1;
    const found = [...stored].sort((one, other) => one.order - other.order).slice(0, limit);
    return new Promise<PendingEvent[]>((resolve) => answers.push(() => resolve(found)));
  };
  const read = async (events: { waiting(): Promise<readonly PendingEvent[]> }) => {
    const found = events.waiting();
    for (const answer of answers.splice(0)) answer();
    return (await found).map((event) => event.order);
  };
  return { pendingOf, read, answers, reads: () => reads };
}

describe('what waits in a lane', () => {
  it('is read once, and told by arrivals from then on', async () => {
    const inbox = inboxOf([eventAt(1), eventAt(2)]);
    const events = createLaneEvents(inbox, 'conv', true);
    expect(await inbox.read(events)).toEqual([1, 2]);
    events.handled(['evt_1', 'evt_2']);
    expect(await inbox.read(events)).toEqual([]);
    events.arrived(eventAt(3));
    expect(await inbox.read(events)).toEqual([3]);
    expect(inbox.reads()).toBe(1);
  });

  it('holds each event once that came while the inbox was read, found or not', async () => {
    const stored = [eventAt(1), eventAt(2)];
    const inbox = inboxOf(stored);
    const events = createLaneEvents(inbox, 'conv', true);
    const reading = events.waiting();
    events.arrived(eventAt(2)); // found too
    events.arrived(eventAt(3)); // stored after the look
    for (const answer of inbox.answers.splice(0)) answer();
    expect((await reading).map((event) => event.order)).toEqual([1, 2]);
    events.handled(['evt_1', 'evt_2']);
    expect(await inbox.read(events)).toEqual([3]);
    expect(inbox.reads()).toBe(1);
  });

  it('is read again where an event is told of that may have been handled already', async () => {
    const inbox = inboxOf([eventAt(1)]);
    const events = createLaneEvents(inbox, 'conv', true);
    expect(await inbox.read(events)).toEqual([1]);
    events.handled(['evt_1']);
    events.arrived(eventAt(1)); // its acknowledgement came after the read that found it
    await inbox.read(events);
    expect(inbox.reads()).toBe(2);
  });

  it('is read again after a change from outside, also one that came during a read', async () => {
    const inbox = inboxOf([]);
    const events = createLaneEvents(inbox, 'conv', true);
    await inbox.read(events);
    events.forget();
    const reading = events.waiting();
    events.forget();
    for (const answer of inbox.answers.splice(0)) answer();
    await reading;
    await inbox.read(events);
    expect(inbox.reads()).toBe(3);
  });

  it('is left to the inbox where it is much, and where others store events too', async () => {
    const many = Array.from({ length: READ_AHEAD + 1 }, (_, index) => eventAt(index + 1));
    const inbox = inboxOf(many);
    const events = createLaneEvents(inbox, 'conv', true);
    expect(await inbox.read(events)).toHaveLength(READ_AHEAD);
    events.handled(many.slice(0, READ_AHEAD).map((event) => event._id));
    await inbox.read(events);
    expect(inbox.reads()).toBe(2);

    const flooded = inboxOf([]);
    const flood = createLaneEvents(flooded, 'conv', true);
    await flooded.read(flood);
    for (const event of many) flood.arrived(event);
    await flooded.read(flood);
    expect(flooded.reads()).toBe(2);

    const shared = inboxOf([eventAt(1)]);
    const sharedEvents = createLaneEvents(shared, 'conv', false);
    await shared.read(sharedEvents);
    await shared.read(sharedEvents);
    expect(shared.reads()).toBe(2);
  });
});
