/** `/api/contacts`: what is kept of a person is handed out and erased, for admins alone. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportSchema } from '../../../src/http/contact-schemas.js';
import { contactsExtension } from '../../../src/http/routes/contacts.js';
import { createPeopleStore } from '../../../src/storage/people-store.js';
import { createTicketStore } from '../../../src/storage/ticket-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { closeTestServices, startTestService, type TestService } from './service.js';

let database: TestDatabase;
let service: TestService;
let headers: { 'X-API-Key': string };
beforeAll(async () => {
  database = await startTestDatabase();
  const extension = contactsExtension({ people: createPeopleStore(database.models), tickets: createTicketStore(database.models) });
  service = await startTestService({ database, services: { extensions: [extension] } });
  headers = { 'X-API-Key': await service.key('admin') };
});
afterAll(async () => {
  await closeTestServices();
  await database.close();
});

const call = (method: string, path: string) => service.call(method, `/api/contacts${path}`, { headers });

/** A visitor who has said something: their session and their contact. */
async function visitor(text: string) {
  const session = await service.session();
  await service.send(session, text);
  const { threadId = '' } = (await database.models.sessions.findById(session).lean()) ?? {};
  const found = await call('GET', `?channel=web&user_id=${threadId}`);
  return { session, found, id: String(found.body['id']) };
}

describe('access', () => {
  it.each([
    ['GET', '?ticket_id=T-00000000'],
    ['GET', '/requests'],
    ['GET', '/cont_1'],
    ['GET', '/cont_1/export'],
    ['DELETE', '/cont_1'],
  ])('%s %s needs a key of scope admin', async (method, path) => {
    expect(await service.call(method, `/api/contacts${path}`)).toMatchObject({ status: 401 });
    const other = { 'X-API-Key': await service.key('tickets', 'sessions', 'keys') };
    expect(await service.call(method, `/api/contacts${path}`, { headers: other })).toMatchObject({ status: 403 });
  });
});

it('a person is found by who they are on a channel', async () => {
  const { found } = await visitor('hola');
  expect(found).toMatchObject({ status: 200, body: { identities: [{ channel: 'web', account: 'default', verified: false }], linked: [] } });
});

it.each(['', '?channel=web', '?user_id=1', '?ticket_id=T-1&channel=web&user_id=1', '/requests?limit=0'])('%s: 400', async (query) => {
  expect(await call('GET', query)).toMatchObject({ status: 400, body: { error: 'ValidationError' } });
});

it.each([
  ['GET', '?ticket_id=T-00000000'],
  ['GET', '/cont_nobody'],
  ['GET', '/cont_nobody/export'],
  ['DELETE', '/cont_nobody'],
])('%s %s: 404 where nobody is known', async (method, path) => {
  expect(await call(method, path)).toMatchObject({ status: 404, body: { error: 'NotFoundError' } });
});

it('an export is one JSON document of what the OpenAPI document says, without the session’s id', async () => {
  const { id, session } = await visitor('guarda esto: grosella');
  const response = await fetch(`${service.url}/api/contacts/${id}/export`, { headers });
  const text = await response.text();
  expect(response.headers.get('content-disposition')).toContain(`${id}.json`);
  const exported = exportSchema.parse(JSON.parse(text));
  expect(exported.messages.map(({ role, content }) => [role, content])).toContainEqual(['user', 'guarda esto: grosella']);
  expect(text).not.toContain(session);
});

it('an erasure takes the session with it, is done once however often it is asked for, and is in the audit', async () => {
  const { id, session } = await visitor('borra esto: grosella');
  const first = await call('DELETE', `/${id}`);
  expect(first).toMatchObject({
    status: 200,
    body: { message: expect.any(String), request: { kind: 'erasure', contact_id: id, done_at: null } },
  });
  const { request } = first.body as { request: { id: string } };
  expect((await call('DELETE', `/${id}`)).body['request']).toMatchObject({ id: request.id });
  expect(await service.call('GET', `/api/sessions/${session}`)).toMatchObject({ status: 404 });
  expect(await call('GET', `/${id}/export`)).toMatchObject({ status: 404 });
  for (const { name } of await database.db.listCollections().toArray())
    expect(JSON.stringify(await database.db.collection(name).find().toArray())).not.toContain('borra esto');
  const audit = (await call('GET', '/requests')).body as unknown as { id: string }[];
  expect(audit[0]).toMatchObject({ id: request.id, by: expect.stringMatching(/^key_/) });
});
