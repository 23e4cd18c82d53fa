/**
 * `/api/tickets`: the web inbox, for people with an API key of scope `tickets`. It is a desk like the others, with this API as its platform: what is done
 * here goes the same way as a press of a button in Slack, and what is shown is read from the cases themselves.
 */
import { isUtf8 } from 'node:buffer';
import { fileTypeFromBuffer } from 'file-type';
import { Router, type Response } from 'express';
import type { Attachment, AttachmentStore, FileStore } from '../../domain/attachment.js';
import type { TurnLog } from '../../domain/chat.js';
import type { MediaRef } from '../../domain/content.js';
import type { Desk, DeskAnswer, DeskCommand, DeskQuery, PerformDeskRequest } from '../../domain/desk.js';
import type { TeamNames } from '../../domain/desk-settings.js';
import { RequestError } from '../../domain/errors.js';
import { randomId } from '../../domain/ids.js';
import type { Message } from '../../domain/message.js';
import type { Agent, Ticket, TicketStore } from '../../domain/ticket.js';
import type { TicketInbox } from '../../domain/ticket-inbox.js';
import type { CaseTyping } from '../../domain/typing.js';
import type { Language } from '../../domain/understanding.js';
import { transcriptPdf } from '../../handoff/case/transcript-pdf.js';
import type { CaseReader } from '../../storage/case-reader.js';
import type { Logger } from '../../telemetry/logger.js';
import { apiKeyOf } from '../middleware/auth.js';
import { filesOf, jsonBody, multipartBody, parseInput, type UploadedFile } from '../middleware/body.js';
import type { RouteExtension } from '../services.js';
import { createTicketLine } from '../ticket-line.js';
import {
  actionSchema,
  caseQuerySchema,
  listTicketsSchema,
  transcriptQuerySchema,
  typingSchema,
  type ActionInput,
} from '../ticket-schemas.js';
import { caseBody, INBOX, ticketRow, turnView } from '../ticket-views.js';
import { filenameOf } from '../uploads.js';
import { sendFile } from './attachments.js';

export interface TicketRouteServices {
  readonly perform: PerformDeskRequest;
  readonly tickets: Pick<TicketStore, 'find' | 'eventsOf' | 'listOfContact'>;
  readonly inbox: TicketInbox;
  readonly reader: Pick<CaseReader, 'historyOf' | 'conversationOf' | 'nameOf'>;
  readonly attachments: AttachmentStore & FileStore;
  readonly typing: CaseTyping;
  readonly turns: TurnLog;
  /** Of the desk's file. */
  readonly staff: readonly Agent[];
  readonly teams: TeamNames;
  readonly maxFileBytes: number;
  /** DESK_LANGUAGE. */
  readonly language: Language;
  readonly logger: Logger;
}

/** People work with it all day, several behind one address. */
const PER_MINUTE = 3_000;
const MAX_MESSAGES = 200;
const PAST_CASES = 10;
/** Colleagues who have done nothing for longer are not offered. */
const LATELY_MS = 7 * 86_400_000;
const MAX_ACTIONS = 2_000;

/** People are answered in the reply to their request. */
const DESK: Pick<Desk, 'name' | 'answer'> = { name: INBOX, answer: async () => undefined };

/** For `HttpServices.extensions`. */
export function ticketsExtension(services: TicketRouteServices): RouteExtension {
  const { tickets, inbox, reader, perform, attachments, language, teams } = services;
  const router = Router();

  const ticketOf = async (id: string): Promise<Ticket> => {
    const ticket = await tickets.find(id);
    if (ticket === null) throw new RequestError('NotFoundError', 'There is no such case.');
    return ticket;
  };
  const rowOf = async (id: string) => {
    const ticket = await tickets.find(id);
    return ticket === null ? null : ticketRow(ticket, await reader.nameOf(ticket.contactId), teams);
  };
  const line = createTicketLine({ inbox, rowOf, logger: services.logger });
  const stopHearing = services.typing.listen(line.tellTyping);
  const ask = (ticket: Ticket, response: Response, query: DeskQuery['kind']): Promise<DeskAnswer> =>
    perform(DESK, {
      actionId: randomId('ask'),
      agent: agentOf(response, { name: apiKeyOf(response)?.name ?? INBOX }),
      about: { ticketId: ticket.id },
      ask: { kind: query },
      answerTo: {},
    });

  router.get('/', async (request, response) => {
    const { status, mine, agent_id, limit } = parseInput(listTicketsSchema, request.query);
    const agent = mine === '1' ? { agentId: agentIdOf(response, agent_id) } : {};
    const listed = await inbox.list({ statuses: status, limit, ...agent });
    const names = await inbox.namesOf(listed.map(({ contactId }) => contactId));
    response.json(listed.map((ticket) => ticketRow(ticket, names.get(ticket.contactId) ?? null, teams)));
  });

  router.get('/events', async (request, response) => {
    const after = Number(request.get('last-event-id') ?? request.query['after'] ?? NaN);
    await line.listen(response, Number.isSafeInteger(after) ? after : null);
  });

  /** Whom a case can be assigned to: who is in the desk's file, and who has done something lately. */
  router.get('/agents', async (_request, response) => {
    const since = new Date(Date.now() - LATELY_MS);
    const seen = await inbox.agentsSince(since, MAX_ACTIONS);
    const known = new Map([...services.staff, ...seen].map(({ id, name }) => [id, { id, name }]));
    response.json([...known.values()].sort((one, other) => one.name.localeCompare(other.name)));
  });

  router.get('/:id', async (request, response) => {
    const { language: asked = language } = parseInput(caseQuerySchema, request.query);
    const ticket = await ticketOf(request.params.id);
    const conversation = await reader.conversationOf(ticket.conversationId);
    // The case may have gone on in a later session of its conversation.
    const threads = new Set([ticket.threadId, conversation?.threadId ?? ticket.threadId]);
    const [customer, events, past, ...histories] = await Promise.all([
      reader.nameOf(ticket.contactId),
      tickets.eventsOf(ticket.id),
      tickets.listOfContact(ticket.contactId, PAST_CASES + 1),
      ...[...threads].map((thread) => reader.historyOf(thread, new Date(), MAX_MESSAGES)),
    ]);
    const messages = inOrder(histories.flat()).slice(-MAX_MESSAGES);
    const pastCases = past.filter(({ id }) => id !== ticket.id).slice(0, PAST_CASES);
    response.json(caseBody({ ticket, customer, events, messages, conversation, pastCases, teams }, asked));
  });

  router.post('/:id/actions', jsonBody, async (request, response) => {
    const { action_id, agent, command } = parseInput(actionSchema, request.body);
    const ticket = await ticketOf(String(request.params['id']));
    const answer = await perform(DESK, {
      actionId: action_id,
      agent: agentOf(response, agent),
      about: { ticketId: ticket.id },
      ask: await commandOf(command, ticket, attachments),
      answerTo: {},
    });
    const [changed, customer] = await Promise.all([ticketOf(ticket.id), reader.nameOf(ticket.contactId)]);
    const after = ticketRow(changed, customer, teams);
    if (!answer.ok) throw new RequestError('ConflictError', answer.markdown, { details: { agent: after.agent, ticket: after } });
    response.json({ message: answer.markdown, ticket: after });
  });

  router.post('/:id/typing', jsonBody, async (request, response) => {
    const { agent } = parseInput(typingSchema, request.body);
    await services.typing.agent(String(request.params['id']), agentOf(response, agent));
    response.status(204).end();
  });

  const oneFile = multipartBody({ field: 'file', maxFiles: 1, maxFileBytes: services.maxFileBytes });
  router.post('/:id/files', oneFile, async (request, response) => {
    const [file] = filesOf(request);
    if (file === undefined || file.bytes.length === 0) throw new RequestError('ValidationError', 'Send the file in the form field "file".');
    const ticket = await ticketOf(String(request.params['id']));
    const conversation = await reader.conversationOf(ticket.conversationId);
    const kept = await attachmentOf(file, ticket, conversation?.threadId ?? ticket.threadId);
    await attachments.save(kept, file.bytes);
    const { id, filename, contentType, sizeBytes } = kept;
    response.status(201).json({ id, filename, content_type: contentType, size_bytes: sizeBytes });
  });

  router.get('/:id/files/:file', async (request, response) => {
    const { conversationId } = await ticketOf(request.params.id);
    const [known] = await attachments.findMany(conversationId, [request.params.file]);
    const file = known === undefined ? null : await attachments.loadFile(known.id);
    if (file === null) throw new RequestError('NotFoundError', 'There is no such file in this case.');
    sendFile(response, file);
  });

  router.get('/:id/turns/:turn', async (request, response) => {
    const { conversationId } = await ticketOf(request.params.id);
    const turn = await services.turns.find(request.params.turn);
    if (turn?.conversationId !== conversationId) throw new RequestError('NotFoundError', 'There is no such turn in this case.');
    response.json(turnView(turn));
  });

  router.get('/:id/suggestions', async (request, response) => {
    const { markdown, suggestions = [] } = await ask(await ticketOf(request.params.id), response, 'suggest');
    response.json({ message: markdown, suggestions });
  });

  router.get('/:id/transcript', async (request, response) => {
    const { format } = parseInput(transcriptQuerySchema, request.query);
    const ticket = await ticketOf(request.params.id);
    const { markdown } = await ask(ticket, response, 'transcript');
    response.set('Cache-Control', 'private, no-store');
    response.attachment(`${ticket.id}.${format === 'pdf' ? 'pdf' : 'txt'}`);
    if (format === 'pdf') response.type('application/pdf').send(await transcriptPdf(ticket.id, markdown, language));
    else response.type('text/plain').send(markdown);
  });

  const close = () => {
    stopHearing();
    line.close();
  };
  return { path: '/api/tickets', scope: 'tickets', router, perMinute: PER_MINUTE, close };
}

/** An id that the body names is the inbox's own: nobody acts here as somebody of another desk. */
function agentIdOf(response: Response, named: string | undefined): string {
  return `${INBOX}:${named ?? apiKeyOf(response)?.id ?? ''}`;
}

const agentOf = (response: Response, { id, name }: { readonly id?: string | undefined; readonly name: string }): Agent => ({
  id: agentIdOf(response, id),
  name,
});

const inOrder = (messages: readonly Message[]): Message[] => [...messages].sort((one, other) => one.order - other.order);

async function commandOf(command: ActionInput['command'], ticket: Ticket, attachments: AttachmentStore): Promise<DeskCommand> {
  if (command.kind === 'resolve' || command.kind === 'return-to-bot') {
    const { open_ms, ...asked } = command;
    return { ...asked, begunAt: new Date(Date.now() - open_ms) };
  }
  if (command.kind !== 'reply') return command;
  const { markdown, files } = command;
  return { kind: 'reply', markdown, files: await filesNamed(files, ticket, attachments) };
}

async function filesNamed(ids: readonly string[], { conversationId }: Ticket, attachments: AttachmentStore): Promise<MediaRef[]> {
  const known = await attachments.findMany(conversationId, ids);
  return ids.map((id) => {
    const file = known.find((attachment) => attachment.id === id);
    if (file === undefined)
      throw new RequestError('ValidationError', 'command.files: one of them is not a file of this case. Upload it first.');
    const { filename, contentType, sizeBytes } = file;
    return { id, filename, contentType, sizeBytes };
  });
}

/** Not read, as customers' files are: the bot does not answer by what an agent sent. */
async function attachmentOf({ filename, bytes }: UploadedFile, { conversationId }: Ticket, threadId: string): Promise<Attachment> {
  const known = await fileTypeFromBuffer(bytes);
  return {
    ...{ id: randomId('att'), conversationId, threadId, filename: filenameOf(filename), sizeBytes: bytes.length },
    contentType: known?.mime ?? (isUtf8(bytes) ? 'text/plain' : 'application/octet-stream'),
    ...{ processed: false, error: null, text: '', chunks: [], createdAt: new Date() },
  };
}
