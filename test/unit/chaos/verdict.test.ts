/** The verdict of a chaos run finds each kind of broken promise, and nothing else. */
import { describe, expect, it } from '@jest/globals';
import { type StoredMessage } from '../../chaos/stored.js';
import { FAULTS, judge } from '../../chaos/verdict.js';

const DONE: StoredMessage = {
  inbox: 'done',
  attempts: 0,
  outcome: 'answered',
  entries: [{ id: 'out_1', state: 'sent', attempts: 1, uncertain: 0, failure: null }],
  flagged: [],
};
const IN_DOUBT: StoredMessage = {
  ...DONE,
  entries: [{ id: 'out_1', state: 'sent', attempts: 2, uncertain: 1, failure: null }],
  flagged: ['out_1'],
};
const FAILED: StoredMessage = { ...DONE, outcome: 'failed' };

const asked = (...stored: StoredMessage[]) => stored.map((message, place) => ({ reply: `reply ${place}`, stored: message }));
const three = asked(DONE, DONE, DONE);
const replies = ['reply 0', 'reply 1', 'reply 2'];

/** What was found, without what was not. */
function found(expected: ReturnType<typeof asked>, shown: readonly string[]) {
  const judged = judge(expected, shown);
  const named = [...FAULTS, 'doubledInDoubt' as const, 'apologised' as const].filter((name) => judged[name].length > 0);
  return Object.fromEntries(named.map((name) => [name, judged[name]]));
}

describe('the verdict on a conversation', () => {
  it('finds nothing where each reply came once and in order', () => {
    expect(found(three, replies)).toEqual({});
  });

  it('finds a message that was acknowledged and is not stored', () => {
    const nothing = { inbox: 'missing', attempts: 0, outcome: null, entries: [], flagged: [] };
    expect(found(asked(DONE, nothing), ['reply 0'])).toEqual({ lost: [1], silent: [1], unfinished: [1] });
  });

  it('finds a message that the customer was shown nothing for, whatever is stored', () => {
    expect(found(three, ['reply 0', 'reply 2'])).toEqual({ silent: [1] });
  });

  it('finds replies that came in another order', () => {
    expect(found(three, ['reply 1', 'reply 0', 'reply 2'])).toEqual({ outOfOrder: [0] });
    expect(found(three, ['reply 1', 'reply 2', 'reply 0'])).toEqual({ outOfOrder: [0] });
  });

  it('allows a second reply only where the first was in doubt and is flagged', () => {
    expect(found(three, ['reply 0', 'reply 0', 'reply 1', 'reply 2'])).toEqual({ doubled: [0] });
    const doubted = asked(IN_DOUBT, DONE, DONE);
    expect(found(doubted, ['reply 0', 'reply 0', 'reply 1', 'reply 2'])).toEqual({ doubledInDoubt: [0] });
    expect(found(doubted, ['reply 0', 'reply 0', 'reply 0', 'reply 1', 'reply 2'])).toEqual({ doubled: [0] });
    // As late as a frozen process wakes up.
    expect(found(doubted, ['reply 0', 'reply 1', 'reply 2', 'reply 0'])).toEqual({ doubledInDoubt: [0] });
  });

  it('finds doubt that the trace does not tell', () => {
    expect(found(asked({ ...IN_DOUBT, flagged: [] }), ['reply 0'])).toEqual({ unflagged: [0] });
    expect(found(asked({ ...DONE, flagged: ['out_1'] }), ['reply 0'])).toEqual({});
    expect(found(asked({ ...DONE, flagged: ['out_1'] }), ['reply 0', 'reply 0'])).toEqual({ doubled: [0] });
  });

  it('finds an answer to nothing that was asked', () => {
    expect(found(three, [...replies, 'something else'])).toEqual({ wrong: [3] });
  });

  it('takes an apology for the outcome of the turn that failed, and of no other', () => {
    expect(found(asked(DONE, FAILED, DONE), ['reply 0', 'sorry', 'reply 2'])).toEqual({ apologised: [1] });
    expect(found(three, ['reply 0', 'sorry', 'reply 2'])).toEqual({ silent: [1], wrong: [1] });
  });

  it('finds what is left undone or was set aside', () => {
    expect(found(asked({ ...DONE, inbox: 'dead' }), ['reply 0'])).toEqual({ unfinished: [0] });
    const held = [{ id: 'out_1', state: 'held', attempts: 1, uncertain: 0, failure: null }];
    expect(found(asked({ ...DONE, entries: held }), ['reply 0'])).toEqual({ unfinished: [0] });
  });

  it('tells replies apart that come again after all others', () => {
    const twice = [...three, ...three];
    expect(found(twice, [...replies, ...replies])).toEqual({});
    expect(found(twice, [...replies, ...replies.slice(0, 2)])).toEqual({ silent: [5] });
  });
});
