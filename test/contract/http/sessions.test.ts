/** CONTRACT.md, "Access" and "Sessions", line by line. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeTestServices, startTestService, type TestService } from './service.js';

let service: TestService;
let key: string;
beforeAll(async () => {
  service = await startTestService();
  key = await service.key('sessions');
});
afterAll(closeTestServices);
const bearer = (secret: string) => ({ headers: { Authorization: `Bearer ${secret}` } });

const SESSION = {
  session_id: expect.stringMatching(/^sess_[0-9a-f]{32}$/),
  user_id: null,
  thread_id: expect.stringMatching(/^thread_/),
  status: 'active',
  created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  last_activity: expect.stringMatching(/Z$/),
  metadata: {},
};

describe('POST /api/sessions', () => {
  it('with an empty body: 201 Session', async () => {
    const { status, body } = await service.call('POST', '/api/sessions');
    expect(status).toBe(201);
    expect(body).toEqual(SESSION);
  });

  it('with {user_id, metadata}; unknown fields ignored', async () => {
    const json = { user_id: 'ana', metadata: { page: '/panel', nested: { a: [1, null] } }, unknown: true };
    const { status, body } = await service.call('POST', '/api/sessions', { json });
    expect(status).toBe(201);
    expect(body).toEqual({ ...SESSION, user_id: 'ana', metadata: json.metadata });
  });
});

describe('GET /api/sessions (key)', () => {
  it('user_id, status, limit, offset, newest first, X-Total-Count', async () => {
    for (let count = 0; count < 3; count += 1) await service.call('POST', '/api/sessions', { json: { user_id: 'lista' } });
    const { status, body, headers } = await service.call('GET', '/api/sessions?user_id=lista&status=active&limit=2&offset=1', bearer(key));
    expect(status).toBe(200);
    expect(headers.get('x-total-count')).toBe('3');
    const dates = (body as unknown as { last_activity: string }[]).map((session) => session.last_activity);
    expect(dates).toHaveLength(2);
    expect([...dates].sort().reverse()).toEqual(dates);
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'offset=-1', 'status=gone'])('%s: 400', async (query) => {
    expect((await service.call('GET', `/api/sessions?${query}`, bearer(key))).status).toBe(400);
  });

  it('missing or wrong key: 401; lacking the scope: 403; also as X-API-Key', async () => {
    expect((await service.call('GET', '/api/sessions')).status).toBe(401);
    expect((await service.call('GET', '/api/sessions', bearer(`pk_${'0'.repeat(64)}`))).status).toBe(401);
    expect((await service.call('GET', '/api/sessions', { headers: { Authorization: 'Basic eA==' } })).status).toBe(401);
    expect((await service.call('GET', '/api/sessions', bearer(await service.key('analytics')))).status).toBe(403);
    expect((await service.call('GET', '/api/sessions', { headers: { 'X-API-Key': key } })).status).toBe(200);
    expect((await service.call('GET', '/api/sessions', bearer(await service.key('admin')))).status).toBe(200);
  });
});

describe('GET /api/sessions/:id', () => {
  it('Session', async () => {
    const id = await service.session();
    expect(await service.call('GET', `/api/sessions/${id}`)).toMatchObject({ status: 200, body: { ...SESSION, session_id: id } });
  });

  it.each(['undefined', 'null', '%20'])('an id that is %s: 400', async (id) => {
    expect(await service.call('GET', `/api/sessions/${id}`)).toMatchObject({ status: 400, body: { error: 'ValidationError' } });
  });

  it.each([`sess_${'0'.repeat(32)}`, 'sess_x', "';return true", '%24where'])('unknown (%s): 404', async (id) => {
    expect(await service.call('GET', `/api/sessions/${id}`)).toMatchObject({ status: 404, body: { error: 'NotFoundError' } });
  });
});

describe('PATCH /api/sessions/:id/status', () => {
  it.each(['active', 'ended', 'escalated'])('{status: %s} in the body', async (status) => {
    const id = await service.session();
    expect(await service.call('PATCH', `/api/sessions/${id}/status`, { json: { status } })).toMatchObject({
      status: 200,
      body: { status },
    });
  });

  it('?status= in the query', async () => {
    const id = await service.session();
    expect(await service.call('PATCH', `/api/sessions/${id}/status?status=ended`)).toMatchObject({
      status: 200,
      body: { status: 'ended' },
    });
    expect((await service.call('GET', `/api/sessions/${id}`)).body['status']).toBe('ended');
  });

  it('another status, or none: 400; unknown session: 404', async () => {
    const id = await service.session();
    expect((await service.call('PATCH', `/api/sessions/${id}/status?status=gone`)).status).toBe(400);
    expect((await service.call('PATCH', `/api/sessions/${id}/status`)).status).toBe(400);
    expect((await service.call('PATCH', `/api/sessions/sess_${'0'.repeat(32)}/status?status=ended`)).status).toBe(404);
  });
});

describe('DELETE /api/sessions/:id', () => {
  it('{message, session_id}; its messages are gone', async () => {
    const id = await service.session();
    await service.send(id, 'borra esto, por favor');
    expect(await service.call('DELETE', `/api/sessions/${id}`)).toMatchObject({
      status: 200,
      body: { message: expect.any(String), session_id: id },
    });
    expect((await service.call('GET', `/api/sessions/${id}`)).status).toBe(404);
    expect((await service.call('GET', `/api/chat/sessions/${id}/messages`)).status).toBe(404);
    expect((await service.call('DELETE', `/api/sessions/${id}`)).status).toBe(404);
    const { messages, turns, inbox, outbox } = service.database.models;
    for (const model of [messages, turns, inbox, outbox]) {
      expect(JSON.stringify(await model.collection.find({}).toArray())).not.toContain('borra esto');
    }
  });

  it('an empty id: 400', async () => {
    expect((await service.call('DELETE', '/api/sessions/')).status).toBe(400);
  });
});

describe('POST /api/sessions/cleanup (key)', () => {
  it('?days=0: deletes what is not active, {message, sessions_deleted, cutoff_date}', async () => {
    const [ended, active] = [await service.session(), await service.session()];
    await service.call('PATCH', `/api/sessions/${ended}/status?status=ended`);
    const { status, body } = await service.call('POST', '/api/sessions/cleanup?days=0', bearer(key));
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { message: expect.any(String), cutoff_date: expect.stringMatching(/Z$/) },
    });
    expect(body['sessions_deleted']).toBeGreaterThanOrEqual(1);
    expect((await service.call('GET', `/api/sessions/${ended}`)).status).toBe(404);
    expect((await service.call('GET', `/api/sessions/${active}`)).status).toBe(200);
  });

  it('days from 0 to 3650, 30 where it is left out; no key: 401', async () => {
    expect((await service.call('POST', '/api/sessions/cleanup', bearer(key))).body['sessions_deleted']).toBe(0);
    expect((await service.call('POST', '/api/sessions/cleanup?days=3651', bearer(key))).status).toBe(400);
    expect((await service.call('POST', '/api/sessions/cleanup?days=-1', bearer(key))).status).toBe(400);
    expect((await service.call('POST', '/api/sessions/cleanup')).status).toBe(401);
  });
});

describe('a session that was idle for SESSION_TTL_HOURS', () => {
  it('is ended', async () => {
    const id = await service.session();
    const longAgo = new Date(Date.now() - 86_400_001);
    await service.database.models.sessions.updateOne({ _id: id }, { lastActivity: longAgo });
    expect((await service.call('GET', `/api/sessions/${id}`)).body['status']).toBe('ended');
  });
});

describe('a session id', () => {
  it('is never logged', () => {
    expect(service.log.join('')).not.toMatch(/sess_[0-9a-f]{8}/);
  });
});
