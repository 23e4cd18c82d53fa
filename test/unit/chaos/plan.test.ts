/** A chaos run does what its seed says, all that it is meant to do, and as often. */
import { describe, expect, it } from '@jest/globals';
import { type ChaosOptions, LONG, planOf, SHORT } from '../../chaos/plan.js';

const QUESTIONS = 20;
const long = (seed: number): ChaosOptions => ({ ...LONG, seed, database: 'embedded' });
const share = (count: number) => count / LONG.messages;

describe('the plan of a chaos run', () => {
  it('is the same with the same seed, and another with another', () => {
    const few = (seed: number) => planOf({ ...long(seed), messages: 500, conversations: 25 }, QUESTIONS);
    expect(few(1)).toEqual(few(1));
    expect(few(1)).not.toEqual(few(2));
  });

  it('has every message once, and no question twice before all were asked', () => {
    const { conversations } = planOf({ ...long(1), messages: 10_007 }, QUESTIONS);
    expect(conversations.flat()).toHaveLength(10_007);
    for (const messages of conversations) {
      expect(messages.map(({ number }) => number).sort((one, other) => one - other)).toEqual([...messages.keys()]);
      expect(new Set(messages.slice(0, QUESTIONS).map(({ question }) => question)).size).toBe(Math.min(QUESTIONS, messages.length));
    }
  });

  it('delivers a tenth again, half of it later, and a twentieth before its turn', () => {
    const messages = planOf(long(3), QUESTIONS).conversations.flat();
    const again = messages.filter(({ againAfterMs }) => againAfterMs !== null);
    const later = again.filter(({ againAfterMs }) => (againAfterMs ?? 0) >= LONG.laterMs[0]);
    expect(share(again.length)).toBeCloseTo(0.1, 1.7);
    expect(share(later.length)).toBeCloseTo(0.05, 1.7);
    const early = planOf(long(3), QUESTIONS).conversations.flatMap((conversation) =>
      conversation.filter(({ number }, place) => number > place),
    );
    expect(share(early.length)).toBeCloseTo(0.05, 1.7);
  });

  it('kills, stops and freezes as often as it should, longer than a lease, before the last message', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const { faults } = planOf({ ...long(seed), messages: 1, conversations: 1 }, QUESTIONS);
      expect(faults.filter(({ kind }) => kind === 'kill')).toHaveLength(LONG.kills);
      expect(faults.filter(({ kind }) => kind === 'database')).toHaveLength(LONG.databaseStops);
      const freezes = faults.filter((fault) => fault.kind === 'freeze');
      expect(freezes.map(({ forMs }) => forMs > LONG.leaseSeconds * 1000)).toEqual([true]);
      expect(faults.every(({ at }) => at > 0 && at < 1)).toBe(true);
    }
  });

  it('has everything in the short form too', () => {
    const { faults } = planOf({ ...SHORT, seed: 1, database: 'embedded' }, QUESTIONS);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['kill', 'freeze', 'database']));
  });
});
