/** The house with its desk: the real pipeline, delivery, stores and cases on a test's database, a recording channel, and desks that write down what they are shown. */
import { DEFAULT_DESK_SETTINGS, type DeskSettings } from '../../../src/domain/desk-settings.js';
import type { CaseView, Desk, DeskAnswer, DeskCommand, DeskMemory, DeskRequest } from '../../../src/domain/desk.js';
import { openDesk, type OpenDesk } from '../../../src/desk.js';
import { createDeliveries } from '../../../src/delivery/deliveries.js';
import { type Delivery, startDelivery } from '../../../src/delivery/index.js';
import { ChannelError } from '../../../src/domain/errors.js';
import { conversationIdOf } from '../../../src/domain/ids.js';
import type { InboundEvent } from '../../../src/domain/message.js';
import type { KnowledgeSearch } from '../../../src/domain/knowledge.js';
import { NO_ENTITIES } from '../../../src/domain/understanding.js';
import { createTranscripts } from '../../../src/handoff/case/transcript.js';
import { createHandoff } from '../../../src/handoff/index.js';
import { createMemory, extractFacts } from '../../../src/memory/index.js';
import { createPipeline } from '../../../src/pipeline/index.js';
import { createAttachmentStore } from '../../../src/storage/attachment-store.js';
import { createContactLinkStore } from '../../../src/storage/contact-link-store.js';
import { createMemoryStore } from '../../../src/storage/memory-store.js';
import { createMessageLog } from '../../../src/storage/message-log.js';
import { createSessionStore } from '../../../src/storage/session-store.js';
import { createTicketStore } from '../../../src/storage/ticket-store.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';
import type { TestDatabase } from '../../fakes/database.js';
import { READING_MS } from '../../fakes/desks/desk-staff.js';
import { createRecordingChannel, type RecordingChannel } from '../../fakes/recording-channel.js';
import { textEvent } from '../../fakes/simple-turns.js';
import { until } from '../delivery/setup.js';

export const MARTA = { id: 'paper:marta', name: 'Marta Ruiz' };
export const LUIS = { id: 'paper:luis', name: 'Luis Gil' };

export interface PaperDesk extends Desk {
  readonly shown: CaseView[];
  readonly answers: DeskAnswer[];
  /** Throws like a desk's platform that is down. */
  down: boolean;
  /** `<change>` or `<change>: <text>` of what was shown of a case, in order. */
  lines(ticketId: string): string[];
}

export function paperDesk(name: string): PaperDesk {
  const desk: PaperDesk = {
    ...{ name, shown: [], answers: [], down: false },
    lines: (ticketId) => desk.shown.filter(({ ticket }) => ticket.id === ticketId).map(lineOf),
    async show(view, memory): Promise<DeskMemory> {
      if (desk.down) throw new ChannelError('unavailable', 'the desk is down');
      desk.shown.push(view);
      return { place: `${name}#${view.ticket.id}`, ids: { ...memory.ids, last: String(view.event.seq) } };
    },
    async answer(_request, answer) {
      desk.answers.push(answer);
    },
  };
  return desk;
}

function lineOf({ event: { change }, message }: CaseView): string {
  if (message !== null) return `${change.kind}: ${message.text}`;
  if (change.kind === 'replied') return `replied: ${change.markdown}`;
  return change.kind === 'noted' ? `noted: ${change.text}` : change.kind;
}

export interface House {
  readonly channel: RecordingChannel;
  readonly desks: readonly PaperDesk[];
  readonly desk: OpenDesk;
  readonly delivery: Delivery;
  /** What the bot's answers were given to search: the passages of the conversation. */
  readonly searched: Parameters<KnowledgeSearch['search']>[0][];
  /** Stores a message of the customer's. */
  writes(customer: string, text: string, more?: Partial<InboundEvent>): Promise<void>;
  /** What the customer was sent, in order. */
  read(customer: string): string[];
  /** Asks for a person and waits until the case is at the first desk. */
  opensCase(customer: string): Promise<string>;
  /** What a person does at a desk; the answer that they are told. */
  does(agent: { id: string; name: string }, ticketId: string, ask: DeskCommand | DeskRequest['ask'], at?: PaperDesk): Promise<DeskAnswer>;
  conversationOf(customer: string): Promise<{ status: string; ticketId: string | null } | null>;
  stop(): Promise<void>;
}

let actions = 0;
let events = 0;

export function openHouse(
  database: TestDatabase,
  options: {
    desks?: PaperDesk[];
    undoMs?: number;
    channel?: RecordingChannel;
    /** Where the same customers write too. */
    moreChannels?: RecordingChannel[];
    typedText?: 'internal' | 'customer';
    settings?: DeskSettings;
  } = {},
): House {
  const { models } = database;
  const {
    undoMs = 0,
    typedText = 'internal',
    channel = createRecordingChannel(),
    moreChannels = [],
    desks = [paperDesk('paper')],
    settings = DEFAULT_DESK_SETTINGS,
  } = options;
  const logger = createLogger({ level: 'silent' });
  const soleInstance = database.engine === 'embedded';
  const memories = createMemoryStore(models);
  const messageLog = createMessageLog(models);
  const attachments = createAttachmentStore(models);
  const links = createContactLinkStore(models);
  const searched: House['searched'] = [];
  const knowledge: KnowledgeSearch = {
    async search(request) {
      searched.push(request);
      return [];
    },
  };
  const pipeline = createPipeline({
    ...{ attachments, links, extractFacts, knowledge },
    transcripts: createTranscripts({ window: (threadId, limit) => messageLog.window(threadId, limit), zone: 'Europe/Madrid' }),
    handoff: createHandoff(settings, (ticketId) => createTicketStore(models).find(ticketId)),
    sessions: createSessionStore(models),
    sessionTtlMs: 86_400_000,
    messagesPerMinute: 100_000,
    extractText: async () => ({ ok: false, contentType: 'x/y', failure: 'unsupported-type', message: 'no' }),
    chunkText: () => [],
    maxFileBytes: 1_000_000,
    channelOf: () => channel,
    memory: createMemory({ store: memories, messageLog, windowOf: (contactId, limit) => links.windowOf(contactId, limit) }),
    understanding: {
      understand: () => ({
        ...{ language: 'es', intent: null, entities: NO_ENTITIES, cannedReply: null },
        sentiment: { polarity: 0, frustrated: false, urgent: false },
      }),
    },
    answer: () => ({ markdown: 'bot', sources: [], choices: [], confidence: 1, outcome: 'answered' }),
    onStep: () => undefined,
  });
  const config = {
    desk: { language: 'es', typedText, undoMs, agentNames: 'first', publicUrl: 'https://chat.example', settings },
    maxFileBytes: 1_000_000,
  } as const;
  const desk = openDesk({ config, models, attachments, channels: [channel, ...moreChannels], desks, knowledge, soleInstance, logger });
  const delivery = startDelivery({
    ...{ models, logger, metrics: createMetrics(), channels: [channel, ...moreChannels], ...pipeline },
    stores: { saveFacts: memories.saveFacts, ...desk },
    options: { soleInstance },
  });
  const deliveries = createDeliveries(models, { retentionMs: 86_400_000, onRetried: delivery.wake });
  const stopDesk = desk.start({ emit: delivery.emit, retrySend: async (id) => void (await deliveries.retry([id])) });

  const house: House = {
    ...{ channel, desks, desk, delivery, searched },
    async writes(customer, text, more = {}) {
      events += 1;
      await delivery.emit({ ...textEvent(customer, `e${events}`, text), ...more } as InboundEvent);
    },
    read: (customer) => channel.accepted.filter(({ threadKey }) => threadKey === customer).map(({ text }) => text),
    async opensCase(customer) {
      await house.writes(customer, 'quiero hablar con una persona');
      const conversationId = conversationIdOf({ channel: channel.name, account: 'default', threadKey: customer });
      const opened = () => desks[0]?.shown.find(({ ticket }) => ticket.conversationId === conversationId);
      if (desks[0]?.down !== true) await until('the case is shown', () => opened() !== undefined, 60_000);
      else await until('the case is opened', async () => (await house.conversationOf(customer))?.ticketId != null);
      return opened()?.ticket.id ?? (await house.conversationOf(customer))?.ticketId ?? '';
    },
    async does(agent, ticketId, ask, at = desks[0]) {
      if (at === undefined) throw new Error('there is no desk');
      actions += 1;
      // They have read what the customer wrote before they end a case, however fast it goes here.
      const ends = ask.kind === 'resolve' || ask.kind === 'return-to-bot';
      const asked = ends ? { begunAt: new Date(Date.now() + READING_MS), ...ask } : ask;
      return desk.perform(at, { actionId: `press-${actions}`, agent, about: { ticketId }, ask: asked, answerTo: {} });
    },
    async conversationOf(customer) {
      const id = conversationIdOf({ channel: channel.name, account: 'default', threadKey: customer });
      return models.conversations.findById(id).lean();
    },
    async stop() {
      await stopDesk();
      await delivery.stop();
    },
  };
  return house;
}
