/** What `/docs` says of the web inbox's API. */
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { binary, emptyAnswer, jsonAnswer, jsonRequest, keyOnly } from './openapi-parts.js';
import {
  actionSchema,
  agentSchema,
  caseQuerySchema,
  caseSchema,
  keptFileSchema,
  listTicketsSchema,
  outcomeSchema,
  suggestionsSchema,
  ticketRowSchema,
  transcriptQuerySchema,
  turnSchema,
  typingSchema,
} from './ticket-schemas.js';

const path = z.object({ id: z.string().meta({ description: 'Number of the case: `T-` and 8 characters' }) });
const inCase = { ...keyOnly, requestParams: { path } };

export const TICKET_PATHS: ZodOpenApiPathsObject = {
  '/api/tickets': {
    get: {
      summary: 'Cases, breached service levels first, then those whose customer has waited longest; scope `tickets`, as for all of these',
      ...keyOnly,
      requestParams: { query: listTicketsSchema },
      responses: jsonAnswer(200, ticketRowSchema.array(), 400, 401, 403),
    },
  },
  '/api/tickets/events': {
    get: {
      summary: 'Which cases change, as server-sent events; ends every ten minutes',
      ...keyOnly,
      requestParams: { header: z.object({ 'Last-Event-ID': z.string().optional() }) },
      responses: {
        ...jsonAnswer(200, binary, 401, 403),
        '200': {
          description:
            'Events `ready`, `ticket` with `{id, seq, status, ticket: TicketRow}` and `typing` with `{id}` (its customer types); a comment every 15 s',
          content: { 'text/event-stream': { schema: z.string() } },
        },
      },
    },
  },
  '/api/tickets/agents': {
    get: {
      summary: 'Whom a case can be assigned to: who is in the desk’s file, and who has done something with a case in the last week',
      ...keyOnly,
      responses: jsonAnswer(200, agentSchema.array(), 401, 403),
    },
  },
  '/api/tickets/{id}': {
    get: {
      summary: 'A case: what happened, the conversation, earlier cases',
      ...inCase,
      requestParams: { path, query: caseQuerySchema },
      responses: jsonAnswer(200, caseSchema, 400, 401, 403, 404),
    },
  },
  '/api/tickets/{id}/actions': {
    post: {
      summary: 'Do something with a case; 409 says why not and who has it',
      ...inCase,
      ...jsonRequest(actionSchema),
      responses: jsonAnswer(200, outcomeSchema, 400, 401, 403, 404, 409),
    },
  },
  '/api/tickets/{id}/typing': {
    post: {
      summary:
        'An agent types a reply: the customer is shown it for 6 s where their channel can, if it is the agent’s case. Send it every 3 s at most',
      ...inCase,
      ...jsonRequest(typingSchema),
      responses: emptyAnswer(400, 401, 403),
    },
  },
  '/api/tickets/{id}/files': {
    post: {
      summary: 'Upload a file for a reply',
      ...inCase,
      requestBody: { required: true, content: { 'multipart/form-data': { schema: z.object({ file: binary }) } } },
      responses: jsonAnswer(201, keptFileSchema, 400, 401, 403, 404, 413),
    },
  },
  '/api/tickets/{id}/files/{file}': {
    get: {
      summary: 'The bytes of a file of the conversation',
      ...keyOnly,
      requestParams: { path: path.extend({ file: z.string() }) },
      responses: {
        ...jsonAnswer(200, binary, 401, 403, 404),
        '200': { description: 'The file', content: { 'application/octet-stream': { schema: binary } } },
      },
    },
  },
  '/api/tickets/{id}/turns/{turn}': {
    get: {
      summary:
        'The trace of a turn of the conversation: what the bot understood, decided and how long each step took; without anybody’s text',
      ...keyOnly,
      requestParams: { path: path.extend({ turn: z.string().meta({ description: '`turn_id` of a message or of the case' }) }) },
      responses: jsonAnswer(200, turnSchema, 401, 403, 404),
    },
  },
  '/api/tickets/{id}/suggestions': {
    get: { summary: 'What could be answered, with sources', ...inCase, responses: jsonAnswer(200, suggestionsSchema, 401, 403, 404) },
  },
  '/api/tickets/{id}/transcript': {
    get: {
      summary: 'The conversation to keep',
      ...inCase,
      requestParams: { path, query: transcriptQuerySchema },
      responses: {
        ...jsonAnswer(200, binary, 400, 401, 403, 404),
        '200': {
          description: 'One line for each message',
          content: { 'text/plain': { schema: z.string() }, 'application/pdf': { schema: binary } },
        },
      },
    },
  },
};
