/**
 * `/api/contacts`: a person's right to have what is kept of them, and to have it deleted, for people with an API key of scope `admin`. A person is all the
 * contacts that they linked, and may be named by any of them.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router, type Response } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { RequestError } from '../../domain/errors.js';
import type { People, Person } from '../../domain/person.js';
import type { TicketStore } from '../../domain/ticket.js';
import { contactView, exportText, personRequestView } from '../contact-views.js';
import {
  contactPath,
  contactSchema,
  erasureSchema,
  exportSchema,
  findContactSchema,
  listRequestsSchema,
  personRequestSchema,
} from '../contact-schemas.js';
import { apiKeyOf } from '../middleware/auth.js';
import { parseInput } from '../middleware/body.js';
import { jsonAnswer, keyOnly } from '../openapi-parts.js';
import type { RouteExtension } from '../services.js';

export interface ContactRouteServices {
  readonly people: People;
  readonly tickets: Pick<TicketStore, 'find'>;
}

/** For `HttpServices.extensions`. */
export function contactsExtension({ people, tickets }: ContactRouteServices): RouteExtension {
  const router = Router();

  const known = (person: Person | null): Person => {
    if (person === null) throw new RequestError('NotFoundError', 'Nothing is kept of such a contact.');
    return person;
  };

  router.get('/', async (request, response) => {
    const { ticket_id, channel, account, user_id } = parseInput(findContactSchema, request.query);
    if (channel !== undefined && user_id !== undefined) {
      response.json(contactView(known(await people.findByIdentity({ channel, account, userId: user_id }))));
      return;
    }
    const ticket = ticket_id === undefined ? null : await tickets.find(ticket_id);
    response.json(contactView(known(ticket === null ? null : await people.find(ticket.contactId))));
  });

  router.get('/requests', async (request, response) => {
    const { limit } = parseInput(listRequestsSchema, request.query);
    response.json((await people.requests(limit)).map(personRequestView));
  });

  router.get('/:id', async (request, response) => {
    response.json(contactView(known(await people.find(request.params.id))));
  });

  router.get('/:id/export', async (request, response) => {
    const person = known(await people.find(request.params.id));
    const data = await people.exportOf(person, keyIdOf(response));
    response.attachment(`${person.contact.id}.json`).type('application/json').set('Cache-Control', 'private, no-store');
    await pipeline(Readable.from(exportText(person, data, new Date())), response);
  });

  router.delete('/:id', async (request, response) => {
    const erased = await people.erase(request.params.id, keyIdOf(response));
    if (erased === null) throw new RequestError('NotFoundError', 'Nothing is kept of such a contact.');
    const message = erased.doneAt === null ? 'Erased, but for what is being worked on: that follows within minutes.' : 'Erased.';
    response.json({ message, request: personRequestView(erased) });
  });

  return { path: '/api/contacts', router, scope: 'admin' };
}

const keyIdOf = (response: Response): string => apiKeyOf(response)?.id ?? '';

const one = { ...keyOnly, requestParams: { path: contactPath } };

export const CONTACT_PATHS: ZodOpenApiPathsObject = {
  '/api/contacts': {
    get: {
      summary: 'The person of a case, or who writes under an id on a channel; scope `admin`, as for all of these',
      ...keyOnly,
      requestParams: { query: findContactSchema },
      responses: jsonAnswer(200, contactSchema, 400, 401, 403, 404),
    },
  },
  '/api/contacts/requests': {
    get: {
      summary: 'Who had what is kept of somebody handed out or erased, and when; newest first',
      ...keyOnly,
      requestParams: { query: listRequestsSchema },
      responses: jsonAnswer(200, personRequestSchema.array(), 400, 401, 403),
    },
  },
  '/api/contacts/{id}': {
    get: { summary: 'A person with the identities that they linked', ...one, responses: jsonAnswer(200, contactSchema, 401, 403, 404) },
    delete: {
      summary:
        'Erase a person: all conversations, sessions, messages, files, facts and traces on every channel that they linked, and what was said in cases. Asked again it goes on with the same erasure',
      ...one,
      responses: jsonAnswer(200, erasureSchema, 401, 403, 404),
    },
  },
  '/api/contacts/{id}/export': {
    get: {
      summary: 'Everything that is kept of a person; the bytes of files are at `/api/attachments/{id}`',
      ...one,
      responses: jsonAnswer(200, exportSchema, 401, 403, 404),
    },
  },
};
