/** CONTRACT.md, "Everywhere", "Health", "Analytics", and the access of keys. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { HealthReport } from '../../../src/http/services.js';
import { closeTestServices, startTestService, type TestService } from './service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ config: { allowedOrigins: ['https://shop.example'] } });
});
afterAll(closeTestServices);
const withKey = async (...scopes: Parameters<TestService['key']>) => ({ headers: { 'X-API-Key': await service.key(...scopes) } });

describe('errors', () => {
  it('{error, message, request_id, details}', async () => {
    const { status, body } = await service.call('POST', '/api/chat/search', {
      json: { limit: 0 },
      headers: { 'X-Request-ID': 'caller-1' },
    });
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'ValidationError',
      message: expect.stringContaining('query'),
      request_id: 'caller-1',
      details: [
        { field: 'query', message: expect.any(String) },
        { field: 'limit', message: expect.any(String) },
      ],
    });
  });

  it('an unknown address: 404, also as JSON', async () => {
    expect(await service.call('GET', '/api/nothing')).toMatchObject({ status: 404, body: { error: 'NotFoundError', details: null } });
    expect(await service.call('PUT', '/api/sessions')).toMatchObject({ status: 400 });
    expect((await service.call('GET', '/api/sessions/%E0%A4%A')).status).toBe(400);
  });

  it('the database away: 503 with Retry-After', async () => {
    class MongoServerSelectionError extends Error {
      override readonly name = 'MongoServerSelectionError';
    }
    const away = () => Promise.reject(new MongoServerSelectionError('connect ECONNREFUSED'));
    const broken = await startTestService({ services: { analytics: { conversations: away } } });
    const key = await broken.key('analytics');
    const { status, body, headers } = await broken.call('GET', '/analytics/conversations', { headers: { 'X-API-Key': key } });
    expect({ status, body }).toMatchObject({ status: 503, body: { error: 'ServiceUnavailableError' } });
    expect(headers.get('retry-after')).toBe('5');
    await broken.close();
  });

  it('a defect of ours: 500 that says nothing of it; the log has it under the request id', async () => {
    const broken = await startTestService({
      services: { knowledge: { search: () => Promise.reject(new TypeError('x is not a function')) } },
    });
    const { status, body } = await broken.call('POST', '/api/chat/search', { json: { query: 'privado' } });
    expect({ status, body }).toMatchObject({ status: 500, body: { error: 'InternalError', details: null } });
    expect(JSON.stringify(body)).not.toContain('not a function');
    const line = broken.log.find((entry) => entry.includes('x is not a function')) ?? '';
    expect(line).toContain(String(body['request_id']));
    expect(broken.log.join('')).not.toContain('privado');
    await broken.close();
  });
});

describe('headers', () => {
  it('X-Request-ID: taken over when sane, else made', async () => {
    const id = async (given: string) =>
      (await service.call('GET', '/health/live', { headers: { 'X-Request-ID': given } })).headers.get('x-request-id');
    expect(await id('req-42')).toBe('req-42');
    expect(await id('not sane!')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await id('x'.repeat(65))).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('X-Process-Time in seconds, on good and bad answers', async () => {
    for (const path of ['/health', '/nothing', '/', '/api/sessions', '/docs/openapi.json']) {
      const time = (await service.call('GET', path)).headers.get('x-process-time');
      expect(Number(time)).toBeGreaterThanOrEqual(0);
      expect(Number(time)).toBeLessThan(5);
    }
  });

  it('RateLimit-*: 100 requests a minute for each address, then 429', async () => {
    const strict = await startTestService({ config: { rateLimits: { default: 2, process: 1 } } });
    const first = await strict.call('POST', '/api/sessions');
    expect(first.headers.get('ratelimit-limit')).toBe('2');
    expect(first.headers.get('ratelimit-remaining')).toBe('1');
    expect(Number(first.headers.get('ratelimit-reset'))).toBeLessThanOrEqual(60);
    await strict.call('POST', '/api/sessions');
    const refused = await strict.call('POST', '/api/sessions');
    expect(refused).toMatchObject({ status: 429, body: { error: 'RateLimitError' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    for (let count = 0; count < 5; count += 1) expect((await strict.call('GET', '/health/live')).status).toBe(200);
    await strict.close();
  });

  it('a limit holds across instances', async () => {
    const config = { rateLimits: { default: 2, process: 1 } };
    const one = await startTestService({ config, database: service.database });
    await one.call('POST', '/api/sessions');
    await one.call('POST', '/api/sessions');
    await one.close();
    const two = await startTestService({ config, database: service.database });
    expect((await two.call('POST', '/api/sessions')).status).toBe(429);
    await two.close();
  });

  it('a strict content security policy; nobody is told what we run on', async () => {
    const { headers } = await service.call('GET', '/docs');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('cross-origin access for the configured origins and nobody else', async () => {
    const from = (origin: string, method = 'GET') => service.call(method, '/api/chat/search', { headers: { Origin: origin } });
    expect((await from('https://shop.example', 'OPTIONS')).status).toBe(204);
    expect((await from('https://shop.example')).headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect((await from('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('over 1 s is logged, by route and not by address', async () => {
    const id = await service.session();
    await service.send(id, 'lento 1100');
    const line = service.log.find((entry) => entry.includes('slow request')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ level: 'warn', route: '/api/chat/sessions/:id/messages', status: '200' });
    expect(line).not.toContain(id);
  });
});

describe('health', () => {
  const health = (probes: Record<string, () => HealthReport | Promise<HealthReport>>, accepting = true) =>
    startTestService({ services: { health: { probes, required: ['database'], accepting: () => accepting } }, database: service.database });
  const good = (): HealthReport => ({ state: 'healthy' });

  it('GET /health {status, timestamp, version, services}', async () => {
    expect(await service.call('GET', '/health')).toMatchObject({
      status: 200,
      body: { status: 'healthy', timestamp: expect.stringMatching(/Z$/), version: '0.0.0-test', services: { database: 'healthy' } },
    });
  });

  it('GET /health/ready: each service by name; degraded is ready', async () => {
    const limping = await health({
      database: good,
      cache: () => ({ state: 'degraded', detail: 'in memory' }),
      'channels.slack': () => ({ state: 'disabled' }),
    });
    expect(await limping.call('GET', '/health/ready')).toMatchObject({
      status: 200,
      body: {
        status: 'degraded',
        services: { database: 'healthy', cache: 'degraded', 'channels.slack': 'disabled' },
        details: { cache: 'in memory' },
      },
    });
    await limping.close();
  });

  it('503 when it cannot take messages: database away or slow, or stopping', async () => {
    const away = await health({ database: () => Promise.reject(new Error('mongodb://u:geheim@h refused')), agent: good });
    const answer = await away.call('GET', '/health/ready');
    expect(answer).toMatchObject({ status: 503, body: { status: 'unhealthy', services: { database: 'unhealthy', agent: 'healthy' } } });
    expect(answer.text).not.toContain('geheim');
    await away.close();
    const slow = await health({ database: () => new Promise(() => undefined) });
    expect((await slow.call('GET', '/health/ready')).status).toBe(503);
    await slow.close();
    const stopping = await health({ database: good }, false);
    expect((await stopping.call('GET', '/health/ready')).status).toBe(503);
    await stopping.close();
  });

  it('GET /health/live {status: "alive", timestamp}', async () => {
    expect(await service.call('GET', '/health/live')).toMatchObject({
      status: 200,
      body: { status: 'alive', timestamp: expect.any(String) },
    });
  });

  it('GET /metrics for Prometheus, without ids in labels', async () => {
    const id = await service.session();
    await service.call('GET', `/api/sessions/${id}`);
    const { status, text, headers } = await service.call('GET', '/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    expect(text).toContain('parley_http_request_seconds_count{method="GET",route="/api/sessions/:id",status="200"}');
    expect(text).not.toContain(id);
  });
});

describe('GET /analytics/conversations (key, scope analytics)', () => {
  it('days=7 where it is left out, phone; without a key: 401, without the scope: 403', async () => {
    const asked: unknown[] = [];
    const analytics = { conversations: async (query: object) => ({ ...query, seen: asked.push(query) }) };
    const own = await startTestService({ services: { analytics }, database: service.database });
    const get = async (query: string) => own.call('GET', `/analytics/conversations${query}`, await withKey('analytics'));
    expect((await get('')).status).toBe(200);
    await get('?days=3650&phone=%2B34600111222');
    expect(asked).toEqual([{ days: 7 }, { days: 3650, phone: '+34600111222' }]);
    for (const query of ['?days=0', '?days=3651', '?days=x', '?phone=%24where']) expect((await get(query)).status).toBe(400);
    expect((await own.call('GET', '/analytics/conversations')).status).toBe(401);
    expect((await own.call('GET', '/analytics/conversations', await withKey('process'))).status).toBe(403);
    await own.close();
  });
});

describe('/api/keys (key, scope keys)', () => {
  it('makes a key that works, lists it without its secret, revokes it', async () => {
    const admin = await withKey('admin');
    const made = await service.call('POST', '/api/keys', { json: { name: 'informes', scopes: ['analytics'] }, ...admin });
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'informes', scopes: ['analytics'], key: expect.stringMatching(/^pk_[0-9a-f]{64}$/) },
    });
    const secret = String(made.body['key']);
    const use = () => service.call('GET', '/analytics/conversations', { headers: { Authorization: `Bearer ${secret}` } });
    expect((await use()).status).toBe(200);
    const list = await service.call('GET', '/api/keys', admin);
    expect(list.text).toContain(String(made.body['id']));
    expect(list.text).not.toContain(secret.slice(20));
    expect((await service.call('DELETE', `/api/keys/${String(made.body['id'])}`, admin)).status).toBe(200);
    expect((await use()).status).toBe(401);
    expect((await service.call('DELETE', `/api/keys/${String(made.body['id'])}`, admin)).status).toBe(404);
  });

  it('hands out no scope that the caller lacks', async () => {
    const json = { name: 'mehr', scopes: ['admin'] };
    expect((await service.call('POST', '/api/keys', { json, ...(await withKey('keys')) })).status).toBe(403);
    expect((await service.call('POST', '/api/keys', { json })).status).toBe(401);
    expect((await service.call('POST', '/api/keys', { json: { name: 'x', scopes: ['root'] }, ...(await withKey('admin')) })).status).toBe(
      400,
    );
  });
});

describe('/docs', () => {
  it('is served under the same policy: no inline script or style', async () => {
    const { status, text } = await service.call('GET', '/docs');
    expect(status).toBe(200);
    expect(text).not.toMatch(/<script(?![^>]*src=)|<style|style=|onload=/);
    for (const path of text.match(/\/docs\/[a-z.-]+/g) ?? []) expect((await service.call('GET', path)).status).toBe(200);
    expect((await service.call('GET', '/docs/package.json')).status).toBe(404);
  });

  it('/docs/openapi.json describes every call of the contract', async () => {
    const { body } = await service.call('GET', '/docs/openapi.json');
    const paths = body['paths'] as Record<string, Record<string, { responses: object }>>;
    const calls = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(calls).toEqual(
      expect.arrayContaining([
        'POST /api/sessions',
        'GET /api/sessions',
        'GET /api/sessions/{id}',
        'PATCH /api/sessions/{id}/status',
        'DELETE /api/sessions/{id}',
        'POST /api/sessions/cleanup',
        'POST /api/chat/sessions/{id}/messages',
        'GET /api/chat/sessions/{id}/messages',
        'POST /api/chat/search',
        'POST /api/chat/upload',
        'POST /chat/process',
        'GET /chat/sessions',
        'GET /analytics/conversations',
        'GET /health',
        'GET /health/ready',
        'GET /health/live',
      ]),
    );
    expect(JSON.stringify(body)).toContain('"maxLength":4000');
    expect(Object.keys((body['components'] as { schemas: object }).schemas)).toEqual(
      expect.arrayContaining(['Session', 'Source', 'ChatResponse', 'Message', 'Error']),
    );
  });
});
