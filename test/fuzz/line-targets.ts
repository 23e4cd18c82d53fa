/** Channels that hold a line open and have no webhook, for the fuzz over payloads: what comes over the line is handed to them, and what they make of it is their answer. */
import { createWebChannel, type ClientMessage } from '../../channels/web/index.js';
import type { ServerFrame } from '../../channels/web/frames.js';
import { ACCOUNT, WHATSAPP_WEB } from '../../channels/whatsapp-web/config.js';
import { decodeEvent } from '../../channels/whatsapp-web/decode.js';
import type { InboundEvent } from '../../src/domain/message.js';
import { inboxIdOf } from '../../src/domain/ids.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { createThreadLog } from '../fakes/thread-log.js';
import { OWN_IDS } from '../fakes/whatsapp-web/models.js';
import { session } from '../fixtures/turns.js';
import { bodyOf, fixturesIn, type FuzzTarget, type RecordedPayload } from './recorded.js';

/** The decoder alone: between it and the library there is nothing. */
export function whatsAppWebTarget(): FuzzTarget {
  const payloads = fixturesIn('whatsapp-web').map(({ name, payload }): RecordedPayload => {
    const { event, args } = payload as { event: string; args: unknown };
    return { name, payload: args, request: (spoilt) => ({ method: 'POST', url: event, headers: {}, body: bodyOf(spoilt) }) };
  });
  return {
    channel: {
      name: WHATSAPP_WEB,
      account: ACCOUNT,
      async receive({ url, body }) {
        const args = JSON.parse(Buffer.from(body).toString()) as unknown;
        const { event, ignored } = decodeEvent(url, Array.isArray(args) ? args : [args], OWN_IDS);
        return { reply: { status: 200 }, events: event === undefined ? [] : [event], ignored: ignored === undefined ? [] : [ignored] };
      },
    },
    payloads,
    close: () => Promise.resolve(),
  };
}

const FRAMES = {
  text: { type: 'message', content: '¿Cuánto cuesta el panel de 50 mm?', client_message_id: 'c-1' },
  'text without an id': { type: 'message', content: 'Hola' },
  'on a page': {
    type: 'message',
    content: '¿Lo tenéis en rojo?',
    client_message_id: 'c-2',
    metadata: { url: 'https://shop.example/panel', title: 'Panel', price: 12.5, in_stock: true, campaign: null },
  },
  files: { type: 'message', content: '', attachments: ['att_0123456789abcdef01234567', 'att_0123456789abcdef01234568'] },
  ping: { type: 'ping' },
  typing: { type: 'typing' },
} as const;

/** The whole channel behind one open line. A frame that is refused is answered on it, which counts as 400; a failure of ours as 500. */
export async function webTarget(): Promise<FuzzTarget> {
  const SESSION = session({ channel: 'web' });
  const logger = createLogger({ level: 'silent' });
  const channel = createWebChannel({ logger, log: createThreadLog(), elsewhere: false });
  const events: InboundEvent[] = [];
  const frames: ServerFrame[] = [];
  const stop = await channel.start?.(
    async (event) => {
      events.push(event);
      return { inboxId: inboxIdOf(event), duplicate: false };
    },
    () => Promise.resolve(),
  );
  const submit = async ({ attachmentIds, ...message }: ClientMessage) => {
    const attachments = attachmentIds.map((id) => ({ id, filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 1 }));
    return { ...(await channel.submit({ ...message, session: SESSION, attachments })), attachments };
  };
  const { id: sessionId, threadId, conversationId } = SESSION;
  const client = { clientId: 'fuzz', sessionId, threadId, conversationId, submit };
  const line = await channel.connect({ ...client, send: (frame) => void frames.push(JSON.parse(frame) as ServerFrame) }, null);
  return {
    channel: {
      name: channel.name,
      account: channel.account,
      async receive({ body }) {
        events.length = 0;
        frames.length = 0;
        await line.receive(Buffer.from(body).toString());
        const refusal = frames.find((frame) => frame.type === 'error');
        const status = refusal === undefined ? 200 : refusal.error === 'ServiceUnavailableError' ? 500 : 400;
        return { reply: { status }, events: [...events], ignored: [] };
      },
    },
    payloads: Object.entries(FRAMES).map(([name, payload]) => ({
      name,
      payload,
      request: (spoilt) => ({ method: 'POST', url: '/ws', headers: {}, body: bodyOf(spoilt) }),
    })),
    async close() {
      line.close();
      await stop?.();
    },
  };
}
