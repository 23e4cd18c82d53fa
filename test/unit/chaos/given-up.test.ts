/** Platforms that give up: they try as often as they do, and a service that takes little of what they bring does not pass. */
import { describe, expect, it } from '@jest/globals';
import { tryAfter } from '../../chaos/platform.js';
import { hasPassed } from '../../chaos/report.js';
import type { ChaosResult, JudgedConversation } from '../../chaos/run.js';
import { judge } from '../../chaos/verdict.js';

describe('a platform that gives up', () => {
  const never = new AbortController().signal;

  it('tries once, and once after each wait, and no more', async () => {
    const tries: number[] = [];
    const refused = async (attempt: number) => tries.push(attempt) === 0;
    expect(await tryAfter([0, 0, 0], refused, never)).toBe(false);
    expect(tries).toEqual([0, 1, 2, 3]);
    expect(await tryAfter([], refused, never)).toBe(false);
    expect(tries).toHaveLength(5);
  });

  it('stops as soon as it is heard, or the run is over', async () => {
    let tries = 0;
    expect(await tryAfter([0, 0, 0], async () => (tries += 1) === 2, never)).toBe(true);
    expect(tries).toBe(2);
    expect(await tryAfter([60_000], async () => false, AbortSignal.abort())).toBe(false);
  });
});

describe('the verdict', () => {
  const conversation = (taken: number, refused: number, unreachable = 0): JudgedConversation => ({
    channel: 'teams',
    name: 'teams a',
    conversation: Array.from({ length: taken }, (_, number) => ({ number, question: 0, atMs: 0, againAfterMs: null })),
    refused,
    unreachable,
    expected: [],
    shown: [],
    judged: judge([], []),
  });
  const result = (...conversations: JudgedConversation[]): ChaosResult => ({
    conversations,
    inflicted: { kills: 0, freezes: 0, databaseStops: 0 },
    redelivered: 0,
    swapped: 0,
    platforms: [{ channel: 'teams', counts: {} }],
    crashes: [],
    failedStarts: 0,
    outputs: [],
    waited: {},
    secondsAlone: 0,
    seconds: 1,
  });

  it('is not passed by a service that took little', () => {
    expect(hasPassed(result(conversation(10, 0), conversation(5, 5)))).toBe(true);
    expect(hasPassed(result(conversation(10, 0), conversation(4, 6)))).toBe(false);
    expect(hasPassed(result(conversation(10, 0), conversation(4, 0, 6)))).toBe(true);
  });
});
