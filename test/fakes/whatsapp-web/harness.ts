/** The WhatsApp Web channel in front of a fake browser: for the contract suite and whatever else drives a channel. */
import type { WhatsAppWebSettings } from '../../../channels/whatsapp-web/config.js';
import { createWhatsAppWebChannel, type WhatsAppWebParts } from '../../../channels/whatsapp-web/index.js';
import type { Channel, Emit, IgnoredEvent } from '../../../src/domain/channel.js';
import type { ChannelErrorKind } from '../../../src/domain/errors.js';
import { inboxIdOf } from '../../../src/domain/ids.js';
import type { InboundEvent } from '../../../src/domain/message.js';
import { createLogger, type Logger } from '../../../src/telemetry/logger.js';
import type { OpenChannel } from '../../contract/channel-suite.js';
import { asSeen } from '../whatsapp/markup.js';
import { CUSTOMER, FakeBrowser, FakePhone, type NextSend } from './client.js';
import { FakeLines } from './lines.js';
import type { MessageModel } from './models.js';

const FAILURES: Partial<Readonly<Record<ChannelErrorKind, NextSend>>> = {
  'rate-limited': { throws: 'Evaluation failed: ServerStatusCodeError: rate-overlimit' },
  'recipient-unreachable': { throws: 'Evaluation failed: Error: No LID for user' },
  'credentials-rejected': { throws: 'Evaluation failed: ServerStatusCodeError: not-authorized' },
  'payload-refused': { throws: 'Evaluation failed: Error: media-fault: sendToChat filehash undefined' },
  unavailable: { state: 'OPENING' },
  unknown: { never: true },
};

export const WEB_SETTINGS: WhatsAppWebSettings = {
  chromiumPath: '/nowhere/chromium',
  chromiumArgs: [],
  profileFolder: '/nowhere',
  maxMemoryBytes: 1024 * 1024 * 1024,
  maxAgeMs: 3_600_000,
  leaseMs: 15_000,
  soleInstance: false,
  loadFile: async () => ({ bytes: Buffer.from('%PDF-1.7'), contentType: 'application/pdf' }),
};

export const SHORT_TIMES = { startMs: 1000, loadMs: 1000, codesMs: 60_000, lookMs: 20, endMs: 1000 };

export interface OpenWhatsAppWeb extends OpenChannel {
  readonly phone: FakePhone;
  readonly lines: FakeLines;
  /** Everything that was stored, oldest first; redelivered events too. */
  readonly events: readonly InboundEvent[];
  readonly ignored: readonly IgnoredEvent[];
}

export interface OpenOptions {
  readonly phone?: FakePhone;
  readonly lines?: FakeLines;
  readonly settings?: Partial<WhatsAppWebSettings>;
  readonly parts?: WhatsAppWebParts;
  readonly emit?: Emit;
  /** False: it is left to the test what becomes of the start. */
  readonly untilReady?: boolean;
  readonly logger?: Logger;
}

export async function openWhatsAppWeb(options: OpenOptions = {}): Promise<OpenWhatsAppWeb> {
  const { phone = new FakePhone(), lines = new FakeLines(), settings = {}, parts = {}, untilReady = true } = options;
  const logger = options.logger ?? createLogger({ level: 'silent' });
  const events: InboundEvent[] = [];
  const ignored: IgnoredEvent[] = [];
  const channel = createWhatsAppWebChannel({ ...WEB_SETTINGS, ...settings }, logger, lines.instance(), {
    createClient: async () => new FakeBrowser(phone),
    showCode: () => undefined,
    times: SHORT_TIMES,
    backoff: { firstMs: 10, longestMs: 50, steadyMs: 60_000 },
    sendTimeoutMs: 300,
    ...parts,
  });
  const emit: Emit = async (event) => {
    await options.emit?.(event);
    events.push(event);
    return { inboxId: inboxIdOf(event), duplicate: false };
  };
  const stop = await channel.start?.(emit, async (event) => void ignored.push(event));
  if (untilReady) await until(() => channel.link?.status().state === 'ready');

  let last: MessageModel | null = null;
  const arrived = async (model: MessageModel, count: number): Promise<InboundEvent> => {
    const those = () => events.filter((event) => 'platformMessageId' in event && event.platformMessageId === model.id._serialized);
    await until(() => those().length >= count);
    const event = those().at(-1);
    if (event === undefined) throw new Error('no event');
    return event;
  };
  return {
    phone,
    lines,
    events,
    ignored,
    channel,
    to: { conversationId: 'conv_1', threadKey: CUSTOMER, userId: CUSTOMER },
    say: (text) => {
      last = phone.write({ body: text });
      return arrived(last, 1);
    },
    sayAgain: async () => {
      if (last === null) throw new Error('nothing was said yet');
      phone.browser?.tell('message_create', last);
      return arrived(last, 2);
    },
    shown: async () =>
      phone.sent.map(({ text, file }) => ({
        text: asSeen(text),
        buttons: [],
        files: file === null ? [] : [file.filename ?? ''],
        sources: [],
      })),
    close: async () => stop?.(),
    signed: null,
    failNextSend: async (kind) => {
      if (phone.browser !== null) phone.browser.next = FAILURES[kind] ?? null;
    },
    typingShown: async () => phone.typing.filter(({ typing }) => typing).length,
    customerFile: async (bytes, sizeBytes) => {
      const model = phone.write({ type: 'document', directPath: '/x', mimetype: 'application/pdf' });
      phone.files.set(model.id._serialized, { mimetype: 'application/pdf', data: bytes.toString('base64') });
      return { id: model.id._serialized, filename: null, contentType: null, sizeBytes: sizeBytes ?? null };
    },
    ourFile: { id: 'att_1', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 8 },
    reactions: { emoji: '👍', count: async () => phone.reactions.length },
    // A phone that is not linked: see whatsapp-web-link.test.ts.
    withWrongCredentials: null,
  };
}

export async function until(condition: () => boolean, limitMs = 60_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error('it did not come to that in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const linkOf = ({ link }: Channel) => {
  if (link === undefined) throw new Error('the channel has no link');
  return link;
};
