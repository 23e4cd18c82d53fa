/** Whose memory a turn reads and writes: nobody may claim another's. */
import { describe, expect, it } from '@jest/globals';
import { memoryOwner } from '../../../src/pipeline/steps/memory.js';
import { session, turn } from '../../fixtures/turns.js';

describe('memoryOwner', () => {
  it.each([
    ['a platform’s sender', 'telegram', true, 'cont_1'],
    ['a number that a caller with an API key vouches for', 'web', true, 'cont_1'],
    ['whoever an anonymous visitor says they are', 'web', false, 'thread_1'],
  ])('%s', (_case, channel, userVerified, owner) => {
    const known = session({ channel, userVerified, userId: '+34600111222' });
    expect(memoryOwner(turn({ event: { channel }, turn: { session: known } }))).toBe(owner);
  });

  it('an anonymous visitor who was linked to a known person is that person', () => {
    const anonymous = session({ channel: 'web', userVerified: false });
    const conversation = { channel: 'web', contactId: 'cont_known', linked: true };
    expect(memoryOwner(turn({ event: { channel: 'web' }, conversation, turn: { session: anonymous } }))).toBe('cont_known');
  });
});
