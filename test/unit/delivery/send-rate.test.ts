/** The rates of an account, of one conversation and of a group. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createSendRate, type SendRate } from '../../../src/delivery/send-rate.js';

const rates = (change: object = {}) => ({
  perSecond: 10,
  perConversationPerSecond: 1000,
  conversationBurst: 1000,
  perGroupPerMinute: null,
  ...change,
});
/** Each lane has one of its own. */
const newSignal = () => new AbortController().signal;

/** Sends to one conversation, as its lane does: the next asks when the one before has gone. Records when each went, in ms. */
function sendAll(rate: SendRate, conversation: string, count: number, group = false): number[] {
  const began = Date.now();
  const times: number[] = [];
  const signal = newSignal();
  void (async () => {
    for (let sent = 0; sent < count; sent++) {
      await rate.take(conversation, group, signal);
      times.push(Date.now() - began);
    }
  })();
  return times;
}

describe('createSendRate', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('lets one second’s worth go at once and the rest at the rate, in order', async () => {
    const rate = createSendRate(rates(), () => Date.now());
    const served: number[] = [];
    for (let caller = 0; caller < 25; caller++) void rate.take(`chat-${caller}`, false, newSignal()).then(() => served.push(caller));
    await jest.advanceTimersByTimeAsync(0);
    expect(served).toHaveLength(10);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(served.length).toBeGreaterThanOrEqual(19);
    expect(served.length).toBeLessThanOrEqual(20);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(served).toEqual(Array.from({ length: 25 }, (_, caller) => caller));
  });

  it('does not save up more than one second’s worth', async () => {
    const rate = createSendRate(rates({ perSecond: 5 }), () => Date.now());
    await jest.advanceTimersByTimeAsync(60_000);
    let served = 0;
    for (let caller = 0; caller < 20; caller++) void rate.take(`chat-${caller}`, false, newSignal()).then(() => (served += 1));
    await jest.advanceTimersByTimeAsync(0);
    expect(served).toBe(5);
  });

  it('keeps one conversation to its own rate and lets the others pass', async () => {
    const rate = createSendRate(rates({ perConversationPerSecond: 1, conversationBurst: 3 }), () => Date.now());
    const busy = sendAll(rate, 'busy', 6);
    const other = sendAll(rate, 'other', 1);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(busy).toEqual([0, 0, 0, 1_000, 2_000, 3_000]);
    expect(other).toEqual([0]);
  });

  it('keeps a group to what it takes in a minute', async () => {
    const rate = createSendRate(rates({ perConversationPerSecond: 1, conversationBurst: 3, perGroupPerMinute: 20 }), () => Date.now());
    const group = sendAll(rate, 'group', 30, true);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(group.filter((atMs) => atMs <= 60_000).length).toBeLessThanOrEqual(23);
    expect(group.slice(3, 6)).toEqual([3_000, 6_000, 9_000]);
  });

  it('gives at once what needs no wait, and takes nothing where it does', async () => {
    const rate = createSendRate(rates({ perSecond: 3, perConversationPerSecond: 1, conversationBurst: 2 }), () => Date.now());
    expect([rate.takeNow('one', false), rate.takeNow('one', false), rate.takeNow('one', false)]).toEqual([true, true, false]);
    expect([rate.takeNow('two', false), rate.takeNow('two', false)]).toEqual([true, false]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(rate.takeNow('two', false)).toBe(true);
    const waits = Array.from({ length: 3 }, (_, caller) => rate.take(`chat-${caller}`, false, newSignal()));
    expect(rate.takeNow('last', false)).toBe(false); // not before those that wait
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await Promise.all(waits)).toEqual([true, true, true]);
  });

  it('lets go of whoever waits and does not want to any more', async () => {
    const rate = createSendRate(rates({ perSecond: 1, perConversationPerSecond: 1, conversationBurst: 1 }), () => Date.now());
    const ended = new AbortController();
    await rate.take('one', false, newSignal());
    const waits = [rate.take('one', false, ended.signal), rate.take('two', false, ended.signal)];
    ended.abort();
    expect(await Promise.all(waits)).toEqual([false, false]);
    expect(await rate.take('three', false, ended.signal)).toBe(false);
  });
});
