/** Puts the desk together: the log of cases, a feed for each place that shows them and one for the customer's side, and what staff ask for. */
import { fileTypeFromBuffer } from 'file-type';
import type { Config } from './config.js';
import type { AttachmentStore } from './domain/attachment.js';
import type { Channel, Emit } from './domain/channel.js';
import type { MediaRef } from './domain/content.js';
import type { Conversation } from './domain/conversation.js';
import type { Desk, DeskAnswer, DeskRequest, PerformDeskRequest } from './domain/desk.js';
import { CLOCK_FEED, CUSTOMER_FEED } from './domain/desk-feed.js';
import { teamNamesOf, teamOfCase } from './domain/desk-settings.js';
import { asError, ChannelError } from './domain/errors.js';
import { derivedId, randomId } from './domain/ids.js';
import type { Message } from './domain/message.js';
import type { KnowledgeSearch } from './domain/knowledge.js';
import type { Ticket, TicketStore } from './domain/ticket.js';
import type { DeskNote } from './domain/turn.js';
import { createAssignment } from './handoff/case/assignment.js';
import { concernsClocks, createCaseWatch } from './handoff/case/case-watch.js';
import { createCases, type Cases } from './handoff/case/cases.js';
import { concernsCustomer, createCustomerSide } from './handoff/case/customer-side.js';
import { createDeskService } from './handoff/case/desk-service.js';
import { createCaseFeed, type CaseFeed } from './handoff/case/feed.js';
import { tellErasedCases } from './handoff/case/erased-cases.js';
import { createIdentify, createWho } from './handoff/case/identify.js';
import { suggest } from './handoff/case/suggest.js';
import { transcript } from './handoff/case/transcript.js';
import { createTellDesk } from './handoff/case/tell-desk.js';
import { createTyping, type Typing } from './handoff/case/typing.js';
import { caseView } from './handoff/case/view.js';
import type { ClockJob } from './jobs/index.js';
import { createCaseClockStore } from './storage/case-clock-store.js';
import { createCaseErasure } from './storage/case-erasure.js';
import { createCaseReader, type CaseReader } from './storage/case-reader.js';
import { createDeskFeedStore } from './storage/desk-feed-store.js';
import type { Models } from './storage/models/index.js';
import { createStaffReader } from './storage/staff-reader.js';
import { createTicketStore } from './storage/ticket-store.js';
import type { Logger } from './telemetry/logger.js';

export interface DeskParts {
  readonly config: Pick<Config, 'desk' | 'maxFileBytes'>;
  readonly models: Models;
  readonly attachments: AttachmentStore;
  readonly channels: readonly Channel[];
  /** Beside those of the channels. */
  readonly desks: readonly Desk[];
  readonly knowledge: KnowledgeSearch;
  readonly soleInstance: boolean;
  readonly logger: Logger;
}

export interface OpenDesk {
  /** As delivery stores what a turn decided. */
  readonly saveTicket: TicketStore['saveTicket'];
  readonly tellDesk: (notes: readonly DeskNote[]) => Promise<void>;
  readonly cases: Cases;
  readonly tickets: TicketStore;
  readonly reader: CaseReader;
  /** Something that staff did. Rejects where it could not be stored. */
  readonly perform: PerformDeskRequest;
  /** The same at a channel's desk; undefined where it has none. */
  readonly performAt: (channel: Channel, request: DeskRequest) => Promise<DeskAnswer | undefined>;
  readonly typing: Typing;
  /** What the desk has to do by the clock. */
  readonly jobs: readonly ClockJob[];
  /** Begins to show. Returns a function that ends it. */
  readonly start: (to: { readonly emit: Emit; readonly retrySend: (outboxId: string) => Promise<void> }) => () => Promise<void>;
}

const desksOf = ({ channels, desks }: DeskParts): Desk[] => [...channels.flatMap(({ desk }) => desk ?? []), ...desks];

/** How often the clocks of cases are looked at. Service levels are in minutes. */
const WATCH_EVERY = '15 seconds';

const DAY_MS = 86_400_000;

/** How often other instances' events are looked for; alone there are none but those that a process left behind. */
const SWEEP_MS = 1_000;
const SOLE_SWEEP_MS = 10_000;

export function openDesk(parts: DeskParts): OpenDesk {
  const { config, models, logger, knowledge, soleInstance } = parts;
  const desks = desksOf(parts);
  const deskNames = desks.map(({ name }) => name);
  const tickets = createTicketStore(models, (change) => [
    ...(concernsCustomer(change) ? [CUSTOMER_FEED] : []),
    ...(concernsClocks(change) ? [CLOCK_FEED] : []),
    ...deskNames,
  ]);
  const feeds = createDeskFeedStore(models, randomId('desk'));
  const reader = createCaseReader(models);
  const running: CaseFeed[] = [];
  const wake = (ticketId: string) => running.forEach((feed) => feed.wake(ticketId));
  const { undoMs, language, typedText, publicUrl, agentNames, settings } = config.desk;
  const cases = createCases({ store: tickets, undoMs, onEvent: ({ ticketId }) => wake(ticketId) });
  const resolved = () => tickets.list({ statuses: ['resolved'], limit: 200 });
  const service = createDeskService({
    ...{ cases, language, logger, suggest: (ticket) => suggest({ ...reader, knowledge, resolved }, ticket) },
    ticketOf: tickets.find,
    eventsOf: tickets.eventsOf,
    ticketAt: (desk, place) => feeds.ticketAt(desk, place),
    transcript: async (ticket: Ticket) => transcript(await saidIn(reader, ticket), language),
    typedText: (team) => teamOfCase(settings, team).typedText ?? typedText,
  });
  const assignment = createAssignment({ settings, cases, staff: createStaffReader(models) });
  const clocks = createCaseClockStore(models, feeds, derivedId('plan', JSON.stringify(settings)));
  const erasure = createCaseErasure(models);
  const watch = createCaseWatch({ settings, tickets, clocks, cases, assignment, logger });
  const identify = createIdentify(settings.agents);
  const whoOf = createWho(settings.agents);
  const shownName = (name: string) => (agentNames === 'none' ? null : agentNames === 'full' ? name : (name.split(/\s+/)[0] ?? name));
  const channelOf = ({ channel, account }: Conversation) => parts.channels.find((one) => one.name === channel && one.account === account);
  const typing = createTyping({ ticketOf: tickets.find, conversationOf: reader.conversationOf, channelOf, shownName, logger });
  // Answered is who pressed, as the platform knows them.
  const perform: PerformDeskRequest = (desk, request) =>
    service.perform({ name: desk.name, answer: (_identified, given) => desk.answer(request, given) }, identify(request));
  const sweepMs = soleInstance ? SOLE_SWEEP_MS : SWEEP_MS;
  const feed = (name: string, show: Parameters<typeof createCaseFeed>[0]['show']) =>
    createCaseFeed({ name, store: feeds, show, logger, sweepMs });
  const views = { ...reader, tickets, publicUrl, teams: teamNamesOf(settings) };

  return {
    async saveTicket(ticket) {
      await tickets.saveTicket(ticket);
      wake(ticket.id);
      // What fails here is done by the watch.
      await assignment
        .give(ticket, new Date())
        .catch((thrown: unknown) => logger.warn({ err: asError(thrown) }, 'a case could not be given out'));
    },
    tellDesk: createTellDesk(cases),
    ...{ cases, tickets, reader },
    perform,
    performAt: async ({ desk }, request) => (desk === undefined ? undefined : perform(desk, request)),
    typing: { ...typing, agent: (ticketId, agent) => typing.agent(ticketId, whoOf(agent)) },
    jobs: [
      { name: 'watch-cases', every: WATCH_EVERY, run: watch },
      { name: 'tell-erased-cases', every: WATCH_EVERY, run: () => tellErasedCases({ cases, erasure }) },
      {
        name: 'delete-old-cases',
        every: '1 hour',
        run: (now) => erasure.deleteClosed(new Date(now.getTime() - settings.keepCasesDays * DAY_MS)),
      },
    ],
    start({ emit, retrySend }) {
      const customer = createCustomerSide({
        ...{ cases, emit, retrySend },
        ticketOf: tickets.find,
        conversationOf: reader.conversationOf,
        eventsOf: tickets.eventsOf,
        keepFiles: (files, from) => keepFiles(parts, files, from),
        shownName,
      });
      running.push(
        feed(CUSTOMER_FEED, customer),
        ...desks.map((desk) =>
          feed(desk.name, async (event, memory) => {
            const view = await caseView(views, event);
            return { memory: view === null ? memory : await desk.show(view, memory) };
          }),
        ),
      );
      return async () => {
        typing.stop();
        await Promise.all(running.splice(0).map((each) => each.stop()));
        await service.stop();
      };
    },
  };
}

const MAX_TRANSCRIPT = 500;

/** In the session in which the case was opened, and in the one in which it has gone on since. */
async function saidIn({ conversationOf, historyOf }: CaseReader, { conversationId, threadId }: Ticket): Promise<Message[]> {
  const conversation = await conversationOf(conversationId);
  const threads = new Set([threadId, conversation?.threadId ?? threadId]);
  return (await Promise.all([...threads].map((thread) => historyOf(thread, new Date(), MAX_TRANSCRIPT)))).flat();
}

/** Files that lie at the platform of the desk become files of ours, under ids that stay the same when it is done again. */
async function keepFiles(
  { channels, attachments, config }: DeskParts,
  files: readonly MediaRef[],
  from: { readonly desk: string; readonly conversation: Conversation; readonly key: string },
): Promise<MediaRef[]> {
  const channel = channels.find(({ name }) => name === from.desk);
  const kept: MediaRef[] = [];
  for (const [index, file] of files.entries()) {
    if (file.id.startsWith('att_')) {
      kept.push(file);
      continue;
    }
    if (channel?.fetchMedia === undefined) throw new ChannelError('payload-refused', `files of the desk ${from.desk} cannot be fetched`);
    const { bytes, contentType } = await channel.fetchMedia(file);
    if (bytes.length > config.maxFileBytes) throw new ChannelError('payload-refused', 'the file is larger than MAX_FILE_MB allows');
    // Platforms name many files by what holds for any: `image/*`, `application/octet-stream`.
    const known = await fileTypeFromBuffer(bytes);
    const own: MediaRef = {
      id: derivedId('att', from.key, index),
      filename: file.filename ?? `file-${index + 1}`,
      contentType: known?.mime ?? contentType ?? file.contentType ?? 'application/octet-stream',
      sizeBytes: bytes.length,
    };
    const { id: conversationId, threadId } = from.conversation;
    const stored = {
      ...own,
      conversationId,
      threadId: threadId ?? '',
      processed: false,
      error: null,
      text: '',
      chunks: [],
      createdAt: new Date(),
    };
    await attachments.save(
      { ...stored, filename: own.filename ?? own.id, contentType: own.contentType ?? 'application/octet-stream', sizeBytes: bytes.length },
      bytes,
    );
    kept.push(own);
  }
  return kept;
}
