import { describe, expect, it } from '@jest/globals';
import { deskEvent } from '../../../channels/slack/desk/decode.js';
import { BOT, eventEnvelope } from '../../fakes/slack/workspace.js';

const CHANNEL = 'G0CASES001';
const CARD = '1763740800.000100';

describe('a line that is changed in the thread of a case', () => {
  const line = { type: 'message', user: 'U0MARTA001', ts: '1763740900.000200', thread_ts: CARD, parent_user_id: BOT };
  const changed = (message: object, before: object = { text: '/r Hola' }) => {
    const event = {
      subtype: 'message_changed',
      hidden: true,
      message: { ...line, ...message },
      previous_message: { ...line, ...before },
    };
    return deskEvent(
      eventEnvelope({ type: 'message', channel: CHANNEL, ts: '1763740950.000100', channel_type: 'group', ...event }),
      CHANNEL,
    );
  };
  const edited = { user: 'U0MARTA001', ts: '1763740950.000000' };

  it('is told where its author writes it anew, named by the line that it was', () => {
    expect(changed({ text: '/r Buenos días', edited })).toMatchObject({
      kind: 'ask',
      who: { userId: 'U0MARTA001', channel: CHANNEL, thread: CARD },
      asked: {
        actionId: `edited:${CHANNEL}:1763740900.000200:1763740950.000000`,
        about: { place: `${CHANNEL}:${CARD}` },
        ask: { kind: 'retyped', typed: `message:${CHANNEL}:1763740900.000200`, text: '/r Buenos días' },
      },
    });
  });

  it.each<[string, object]>([
    ['a link is unfurled', { text: '/r Hola' }],
    ['it is marked as edited and says the same', { text: '/r Hola', edited }],
    ['a bot does', { text: '/r Adiós', edited, bot_id: 'B0OTHER001' }],
    ['it is in no thread', { text: '/r Adiós', edited, thread_ts: undefined }],
    ['it is the card', { text: '/r Adiós', edited, ts: CARD }],
  ])('is not told where %s', (_case, message) => expect(changed(message)?.kind).toBe('ignored'));
});
