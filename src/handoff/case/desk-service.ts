/** What staff ask for at a desk: found out which case it is about, done or refused, stored before the platform hears of it, and answered to them alone. */
import type {
  Desk,
  DeskAnswer,
  DeskCommand,
  DeskQuery,
  DeskRequest,
  DeskRetyped,
  DeskText,
  PerformDeskRequest,
} from '../../domain/desk.js';
import type { DeskFeedStore } from '../../domain/desk-feed.js';
import { asEdited } from '../../domain/fold-ticket.js';
import { asError } from '../../domain/errors.js';
import type { Ticket, TicketEvent, TicketStore } from '../../domain/ticket.js';
import type { Language } from '../../domain/understanding.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Cases, Outcome } from './cases.js';
import { deskTexts } from './desk-texts.js';

/** What typed text in a case's thread is: internal unless it begins with `/r `, or for the customer unless it begins with `//`. */
export type TypedText = 'internal' | 'customer';

export interface DeskServiceDeps {
  readonly cases: Pick<Cases, 'act'>;
  readonly ticketOf: (id: string) => Promise<Ticket | null>;
  readonly eventsOf: TicketStore['eventsOf'];
  readonly ticketAt: DeskFeedStore['ticketAt'];
  readonly suggest: (ticket: Ticket) => Promise<NonNullable<DeskAnswer['suggestions']>>;
  /** Markdown. */
  readonly transcript: (ticket: Ticket) => Promise<string>;
  /** As the team of the case has it. */
  readonly typedText: (team: string | null) => TypedText;
  readonly language: Language;
  readonly logger: Logger;
}

export interface DeskService {
  readonly perform: PerformDeskRequest;
  /** Resolves when everybody was answered. */
  stop(): Promise<void>;
}

export function createDeskService(deps: DeskServiceDeps): DeskService {
  const texts = deskTexts(deps.language);
  const answering = new Set<Promise<unknown>>();

  const answerLater = (desk: Pick<Desk, 'name' | 'answer'>, request: DeskRequest, answer: DeskAnswer) => {
    const sent = desk
      .answer(request, answer)
      .catch((thrown: unknown) => deps.logger.warn({ desk: desk.name, err: asError(thrown) }, 'somebody at a desk could not be answered'))
      .finally(() => answering.delete(sent));
    answering.add(sent);
  };

  const query = async ({ kind }: DeskQuery, ticket: Ticket): Promise<DeskAnswer> => {
    if (kind === 'transcript') return { ok: true, markdown: await deps.transcript(ticket) };
    const suggestions = await deps.suggest(ticket);
    return { ok: true, markdown: suggestions.length === 0 ? texts.nothingToSuggest : texts.suggestions, suggestions };
  };

  const work = async (desk: string, request: DeskRequest): Promise<DeskAnswer> => {
    const { about, ask, agent, actionId } = request;
    const ticketId = 'ticketId' in about ? about.ticketId : await deps.ticketAt(desk, about.place);
    // What staff write among themselves, in places where they also see cases, is nobody's business.
    if (ticketId === null && (ask.kind === 'text' || ask.kind === 'retyped')) return { ok: true, markdown: '' };
    if (ticketId === null) return { ok: false, markdown: texts.unknownCase };
    const act = async (command: DeskCommand): Promise<DeskAnswer> =>
      answerTo(await deps.cases.act({ ticketId, actionId: `${desk}:${actionId}` }, { agent, desk }, command), command);
    // A command is decided on the log, whatever the case looked like before.
    if (ask.kind !== 'text' && ask.kind !== 'retyped' && ask.kind !== 'suggest' && ask.kind !== 'transcript') return act(ask);
    const ticket = await deps.ticketOf(ticketId);
    if (ticket === null) return { ok: false, markdown: texts.unknownCase };
    if (ask.kind === 'suggest' || ask.kind === 'transcript') return query(ask, ticket);
    const usual = ticket.agent?.id === agent.id ? deps.typedText(ticket.team) : 'internal';
    if (ask.kind === 'text') return act(typed(ask, usual));
    const log = await deps.eventsOf(ticketId);
    const written = log.find((event) => event.actionId === `${desk}:${ask.typed}`);
    const command = written === undefined ? null : retyped(ask, asEdited(written, log), usual);
    // Nothing has come of it, or nothing of that is changed.
    if (command === null) return { ok: true, markdown: '' };
    return act(command);
  };

  const answerTo = (outcome: Outcome, command: DeskCommand): DeskAnswer => {
    if (outcome.kind === 'unknown-ticket') return { ok: false, markdown: texts.unknownCase };
    if (outcome.kind === 'refused') {
      const markdown = texts.refused(outcome.refusal, outcome.ticket.id);
      const isTooLate = command.kind === 'edit' && outcome.refusal.refused === 'sent';
      if (!isTooLate) return { ok: false, markdown };
      return { ok: false, markdown, ticketId: outcome.ticket.id, suggestions: [{ title: texts.correction, markdown: command.text }] };
    }
    return { ok: true, markdown: texts.done(command.kind, outcome.ticket.id) };
  };

  return {
    async perform(desk, request) {
      const answer = await work(desk.name, request);
      answerLater(desk, request, answer);
      return answer;
    },
    async stop() {
      await Promise.all(answering);
    },
  };
}

const REPLY = /^\/r(?:\s+|$)/i;
const INTERNAL = /^\/\/\s*/;

/** Files that come with internal text are named in it: a note is text. */
export function typed({ text, files }: DeskText, usual: TypedText): DeskCommand {
  const trimmed = text.trim();
  if (REPLY.test(trimmed)) return { kind: 'reply', markdown: trimmed.replace(REPLY, '').trim(), files };
  if (usual === 'customer' && !INTERNAL.test(trimmed)) return { kind: 'reply', markdown: trimmed, files };
  const names = files.map((file) => file.filename ?? file.id);
  return { kind: 'note', text: [trimmed.replace(INTERNAL, ''), ...names].filter(Boolean).join('\n') };
}

/** What comes of it that a line was changed where it was typed. Null: nothing. @param written as it reads until now */
export function retyped({ text }: DeskRetyped, { change, seq: of }: TicketEvent, usual: TypedText): DeskCommand | null {
  if (text === null) return change.kind === 'replied' ? { kind: 'undo', of } : null;
  const now = typed({ kind: 'text', text, files: [] }, usual);
  // Internal stays internal: to the customer goes what is written to them.
  if (change.kind === 'noted') return now.kind === 'note' && now.text !== change.text ? { kind: 'edit', of, text: now.text } : null;
  if (change.kind !== 'replied') return null;
  if (now.kind !== 'reply') return { kind: 'undo', of };
  return now.markdown === change.markdown ? null : { kind: 'edit', of, text: now.markdown };
}
