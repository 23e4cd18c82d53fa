/**
 * The pipeline: what one event causes, as a TurnRecord. Delivery calls it, stores the record and carries out its effects; nothing here writes
 * but files that were fetched from a platform.
 */
import type { ChannelCapabilities } from '../domain/channel.js';
import type { Conversation } from '../domain/conversation.js';
import { asError } from '../domain/errors.js';
import { turnIdOf } from '../domain/ids.js';
import type { InboundMessage } from '../domain/message.js';
import type { EscalationDecision, Ticket } from '../domain/ticket.js';
import type { Answer, ProcessTurn, TurnInput, TurnRecord } from '../domain/turn.js';
import { compose, type Step } from './compose.js';
import { deskRecord, failedDeskRecord, isDeskInput } from './desk-turn.js';
import { fitElsewhere } from './fit-elsewhere.js';
import { notedRecord } from './noted-record.js';
import { recordOf } from './record.js';
import { FAILED_TURN, type CapabilitiesOf, type PipelineServices } from './services.js';
import { answerStep } from './steps/answer.js';
import { attachmentsStep } from './steps/attachments.js';
import { contentStep, textOf } from './steps/content.js';
import { escalationStep } from './steps/escalation.js';
import { handoffStep } from './steps/handoff.js';
import { limitsStep } from './steps/limits.js';
import { linkStep } from './steps/link.js';
import { memoryOwner, memoryStep } from './steps/memory.js';
import { ratingStep } from './steps/rating.js';
import { retrievalStep } from './steps/retrieval.js';
import { sessionStep } from './steps/session.js';
import { transcriptStep } from './steps/transcript.js';
import { understandingStep } from './steps/understanding.js';
import { wordingStep } from './steps/wording.js';
import { beginTurn, type Turn } from './turn.js';

export interface Pipeline {
  /** Rejects when a service fails (database away, a defect): delivery tries again and in the end calls `failTurn`. */
  readonly processTurn: ProcessTurn;
  /** The record of a turn that could not be computed: an honest reply and a ticket. Needs no service. */
  readonly failTurn: (input: TurnInput, cause: Error) => TurnRecord;
  /** The ticket for a reply that became too old to be sent: a person answers instead. */
  readonly staleTicket: (record: TurnRecord, conversation: Conversation) => Ticket;
  /** A reply for another channel than that on which it was asked for. */
  readonly fitElsewhere: typeof fitElsewhere;
}

export function createPipeline(services: PipelineServices, now: () => Date = () => new Date()): Pipeline {
  const run = compose(stepsOf(services), services.onStep);
  const capabilitiesOf: CapabilitiesOf = (channel, account) => services.channelOf(channel, account)?.capabilities;

  const capabilitiesAt = ({ event: { channel, account } }: TurnInput): ChannelCapabilities => {
    const capabilities = capabilitiesOf(channel, account);
    if (capabilities !== undefined) return capabilities;
    throw new Error(`there is no channel ${channel} with the account ${account}: its reply cannot be fitted`);
  };

  const settle = (turn: Turn, answer: Answer): TurnRecord => {
    const { conversation } = turn.input;
    const capabilities = capabilitiesAt(turn.input);
    const facts =
      turn.understanding === null
        ? []
        : services.extractFacts({
            text: turn.question,
            understanding: turn.understanding,
            ownerId: memoryOwner(turn),
            conversationId: conversation.id,
            at: turn.startedAt,
          });
    return recordOf({ turn, answer, facts, capabilities, finishedAt: now() });
  };

  return {
    fitElsewhere,

    async processTurn(input, showDraft) {
      if (isDeskInput(input)) return deskRecord(input, capabilitiesAt(input), now());
      if (!isMessage(input)) return notedRecord(input, now());
      const turn = beginTurn(turnIdOf(input.inboxId), input, now(), showDraft);
      await run(turn);
      if (turn.answer === null) throw new Error('no step settled the answer');
      const markdown = [turn.preface, turn.answer.markdown].filter(Boolean).join('\n\n');
      return settle(turn, { ...turn.answer, markdown });
    },

    failTurn(input, cause) {
      if (isDeskInput(input)) return failedDeskRecord(input, cause, now());
      if (!isMessage(input)) return notedRecord(input, now());
      const turn = beginTurn(turnIdOf(input.inboxId), input, now());
      turn.text = textOf(input.event.content);
      turn.escalation = FAILED_TURN;
      turn.steps.push({ step: 'failed', durationMs: 0, note: asError(cause).name });
      turn.ticket = services.handoff.buildTicket({
        turnId: turn.id,
        conversation: input.conversation,
        threadId: turn.threadId,
        decision: FAILED_TURN,
        language: turn.language,
        text: turn.text,
        recollection: turn.recollection,
        at: turn.startedAt,
      });
      const markdown = services.handoff.announcement(turn.ticket, turn.language, turn.startedAt);
      return settle(turn, { markdown, sources: [], choices: [], confidence: 0, outcome: 'failed' });
    },

    staleTicket: ({ id: turnId, threadId, language, effects }, conversation) =>
      services.handoff.buildTicket({
        turnId,
        conversation,
        threadId,
        decision: STALE_REPLY,
        language,
        text: effects.messages.find((message) => message.role === 'user')?.text ?? '',
        recollection: { window: [], facts: [], summary: null },
        at: now(),
      }),
  };
}

const STALE_REPLY: EscalationDecision = { escalate: true, reasons: ['stale-reply'], priority: 'high' };

const stepsOf = (services: PipelineServices): readonly Step[] => [
  sessionStep(services.sessions, services.sessionTtlMs),
  contentStep,
  limitsStep(services.messagesPerMinute),
  linkStep(services.links),
  transcriptStep(services),
  ratingStep,
  handoffStep(services.handoff),
  attachmentsStep(services),
  memoryStep(services.memory),
  understandingStep(services.understanding),
  retrievalStep(services.knowledge, services.attachments),
  answerStep(services.answer),
  escalationStep(services.handoff),
  ...(services.word === undefined ? [] : [wordingStep(services.word)]),
];

const isMessage = (input: TurnInput): input is TurnInput & { readonly event: InboundMessage } => input.event.kind === 'message';
