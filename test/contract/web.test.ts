/** The channel contract for the web chat, with a client that puts frames together as the page does. */
import type { Emit } from '../../src/domain/channel.js';
import { createWebChannel } from '../../channels/web/index.js';
import { ENCODED_KINDS } from '../../channels/web/encode.js';
import type { ServerFrame } from '../../channels/web/frames.js';
import { inboxIdOf } from '../../src/domain/ids.js';
import type { InboundEvent } from '../../src/domain/message.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { createThreadLog } from '../fakes/thread-log.js';
import { session } from '../fixtures/turns.js';
import { describeChannelContract, type OpenChannel, type Shown } from './channel-suite.js';

describeChannelContract('web', {
  encodedKinds: ENCODED_KINDS,
  open: async (): Promise<OpenChannel> => {
    const channel = createWebChannel({ logger: createLogger({ level: 'silent' }), log: createThreadLog(), elsewhere: false });
    const events: InboundEvent[] = [];
    const emit: Emit = async (event) => {
      const duplicate = events.some((earlier) => inboxIdOf(earlier) === inboxIdOf(event));
      events.push(event);
      return { inboxId: inboxIdOf(event), duplicate };
    };
    const stop = await channel.start?.(emit, async () => undefined);
    const visitor = session({ channel: 'web', userVerified: false });
    const frames: ServerFrame[] = [];
    const connection = await channel.connect(
      {
        clientId: 'client_1',
        sessionId: visitor.id,
        threadId: visitor.threadId,
        conversationId: visitor.conversationId,
        send: (frame) => void frames.push(JSON.parse(frame) as ServerFrame),
        submit: () => Promise.reject(new Error('not used here')),
      },
      null,
    );
    let messages = 0;
    const say = async (text: string, key: string) => {
      await channel.submit({ session: visitor, text, attachments: [], key, clientMessageId: null });
      const event = events.at(-1);
      if (event === undefined) throw new Error('nothing was emitted');
      return event;
    };
    return {
      channel,
      to: { conversationId: visitor.conversationId, threadKey: visitor.id, userId: visitor.threadId },
      say: (text) => say(text, `key-${(messages += 1)}`),
      sayAgain: () => say('hola', `key-${messages}`),
      shown: async () => shownOf(frames),
      close: async () => {
        connection.close();
        await stop?.();
      },
      signed: null,
      failNextSend: null,
      typingShown: async () => frames.filter((frame) => frame.type === 'start').length,
      customerFile: null,
      ourFile: { id: 'att_0123456789abcdef01234567', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 10 },
      reactions: null,
      withWrongCredentials: null,
    };
  },
});

/** Answers end with `complete`; text comes in pieces. */
function shownOf(frames: readonly ServerFrame[]): Shown[] {
  const shown: Shown[] = [];
  let text = '';
  let sources: string[] = [];
  let files: string[] = [];
  for (const frame of frames) {
    if (frame.type === 'text') text += frame.content;
    if (frame.type === 'sources') sources = frame.sources.map((source) => source.metadata.title);
    if (frame.type === 'attachments') files = frame.attachments.map((file) => file.filename);
    if (frame.type !== 'complete') continue;
    shown.push({ text, sources, buttons: (frame.buttons ?? []).map((button) => button.label), files });
    text = '';
    sources = [];
    files = [];
  }
  return shown;
}
