/** Who types is told to the other side: to whom, how often, and until when. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Progress } from '../../../src/domain/channel.js';
import type { Conversation } from '../../../src/domain/conversation.js';
import { createTyping, TYPING_LASTS_MS } from '../../../src/handoff/case/typing.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { aCase } from '../../fakes/desk-case.js';
import { createRecordingChannel } from '../../fakes/recording-channel.js';

const MARTA = { id: 'inbox:marta', name: 'Marta Ruiz' };
const TICKET = 'T-0A1B2C3D';
const AT: Conversation = {
  ...{ id: 'conv_1', channel: 'test', account: 'default', threadKey: 'ana', contactId: 'con_1', userId: 'ana' },
  ...{ status: 'human', language: 'es', sessionId: null, threadId: null, ticketId: TICKET, failedAnswers: 0 },
  ...{ messageCount: 1, lastOrder: 1, createdAt: new Date(), lastMessageAt: new Date() },
};

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

interface Opened {
  readonly conversation?: Conversation | null;
  readonly typing?: boolean;
  readonly shownName?: (name: string) => string | null;
}

function open({ conversation = AT, typing = true, shownName = (name) => name }: Opened = {}) {
  const channel = createRecordingChannel();
  const shown: Progress[] = [];
  const claimed = aCase(TICKET);
  claimed.happens({ kind: 'claimed' }, { by: { kind: 'agent', agent: MARTA, desk: 'inbox' } });
  const hub = createTyping({
    ticketOf: async () => claimed.ticket(),
    conversationOf: async () => conversation,
    channelOf: () => ({
      ...channel,
      capabilities: { ...channel.capabilities, typing: typing ? channel.capabilities.typing : null },
      showTyping: async (_to, progress) => void shown.push(progress),
    }),
    shownName,
    logger: createLogger({ level: 'silent' }),
  });
  const heard: string[] = [];
  return { hub, shown, heard, stopHearing: hub.listen((ticketId) => void heard.push(ticketId)) };
}

describe('an agent who types', () => {
  it('is shown to the customer for some seconds, by the name that customers see', async () => {
    const { hub, shown } = open({ shownName: (name) => name.split(' ')[0] ?? null });
    await hub.agent(TICKET, MARTA);
    expect(shown).toEqual([{ kind: 'started', person: { name: 'Marta' } }]);
    await jest.advanceTimersByTimeAsync(TYPING_LASTS_MS);
    expect(shown.at(-1)).toEqual({ kind: 'stopped' });
  });

  it('is shown once for all that clients tell within two seconds, and goes on as long as they tell it', async () => {
    const { hub, shown } = open();
    for (let told = 0; told < 20; told += 1) await hub.agent(TICKET, MARTA);
    expect(shown).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(TYPING_LASTS_MS - 1_000);
    await hub.agent(TICKET, MARTA);
    await jest.advanceTimersByTimeAsync(TYPING_LASTS_MS - 1_000);
    expect(shown.map(({ kind }) => kind)).toEqual(['started', 'started']);
    hub.stop();
    await jest.advanceTimersByTimeAsync(TYPING_LASTS_MS);
    expect(shown).toHaveLength(2);
  });

  it('is not shown where it is somebody else’s case, the conversation is gone, or the channel has no such mark', async () => {
    const [other, gone, mute] = [open(), open({ conversation: null }), open({ typing: false })];
    await other.hub.agent(TICKET, { id: 'inbox:luis', name: 'Luis Gil' });
    await gone.hub.agent(TICKET, MARTA);
    await mute.hub.agent(TICKET, MARTA);
    expect([...other.shown, ...gone.shown, ...mute.shown]).toEqual([]);
  });
});

describe('a customer who types', () => {
  it('is told to those who listen, at most every two seconds', async () => {
    const { hub, heard, stopHearing } = open();
    await hub.customer(AT.id);
    await hub.customer(AT.id);
    expect(heard).toEqual([TICKET]);
    await jest.advanceTimersByTimeAsync(2_001);
    await hub.customer(AT.id);
    expect(heard).toEqual([TICKET, TICKET]);
    stopHearing();
    await jest.advanceTimersByTimeAsync(2_001);
    await hub.customer(AT.id);
    expect(heard).toHaveLength(2);
  });

  it('is nobody’s business while the bot has the conversation', async () => {
    const { hub, heard } = open({ conversation: { ...AT, status: 'bot' } });
    await hub.customer(AT.id);
    expect(heard).toEqual([]);
  });
});
