/** CONTRACT.md, "Access", for files: a session opens its own, a key all of them, and none of them can act as a page of ours. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAttachmentStore } from '../../../src/storage/attachment-store.js';
import { formOf } from '../../fakes/http-client.js';
import { closeTestServices, startTestService, type TestService } from './service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(closeTestServices);

const upload = async (sessionId: string, filename: string, bytes: string | Buffer): Promise<string> => {
  const { body } = await service.call('POST', '/api/chat/upload', {
    body: formOf({ session_id: sessionId }, { file: [[filename, bytes]] }),
  });
  return String(body['id']);
};
const get = (id: string, query = '', headers: Record<string, string> = {}) =>
  service.call('GET', `/api/attachments/${id}${query}`, { headers });

/** As the service stores a file whose content says that it is of this type. */
const stored = async (threadId: string, contentType: string, filename = 'a'): Promise<string> => {
  const id = `att_${contentType.replace(/\W/g, '')}`;
  const bytes = Buffer.from('bytes');
  await createAttachmentStore(service.database.models).save(
    {
      ...{ id, conversationId: 'conv_1', threadId, filename, contentType, sizeBytes: bytes.length },
      ...{ processed: false, error: null, text: '', chunks: [], createdAt: new Date() },
    },
    bytes,
  );
  return id;
};

describe('GET /api/attachments/:id', () => {
  it('gives a session its own file, byte for byte, also when it has ended', async () => {
    const session = await service.session();
    const id = await upload(session, 'medidas.txt', 'largo 3 m');
    expect(await get(id, `?session_id=${session}`)).toMatchObject({ status: 200, text: 'largo 3 m' });
    await service.call('PATCH', `/api/sessions/${session}/status`, { json: { status: 'ended' } });
    expect((await get(id, `?session_id=${session}`)).status).toBe(200);
    await service.call('DELETE', `/api/sessions/${session}`);
    expect((await get(id, '', { 'X-API-Key': await service.key('sessions') })).status).toBe(404);
  });

  it('no session: 400; another’s file, an unknown one and an unknown session: 404', async () => {
    const [session, other] = [await service.session(), await service.session()];
    const id = await upload(session, 'a.txt', 'uno');
    expect((await get(id)).status).toBe(400);
    expect((await get(id, `?session_id=${session}&session_id=${other}`)).status).toBe(400);
    expect(await get(id, `?session_id=${other}`)).toMatchObject({ status: 404, body: { message: 'There is no such file.' } });
    expect(await get('att_unknown', `?session_id=${other}`)).toMatchObject({ status: 404, body: { message: 'There is no such file.' } });
    expect((await get(id, `?session_id=sess_${'0'.repeat(32)}`)).status).toBe(404);
  });

  it('a key of scope sessions: any file; of another scope: 403; a wrong one: 401', async () => {
    const id = await upload(await service.session(), 'a.txt', 'uno');
    expect((await get(id, '', { 'X-API-Key': await service.key('sessions') })).text).toBe('uno');
    expect((await get(id, '', { 'X-API-Key': await service.key('analytics') })).status).toBe(403);
    expect((await get(id, '', { 'X-API-Key': 'pk_wrong' })).status).toBe(401);
  });

  it('pictures are shown in place; everything else is saved, and nothing can run', async () => {
    const { body } = await service.call('POST', '/api/sessions');
    const query = `?session_id=${String(body['session_id'])}`;
    const threadId = String(body['thread_id']);
    for (const type of ['image/png', 'image/jpeg', 'image/gif', 'image/webp']) {
      const { headers } = await get(await stored(threadId, type), query);
      expect({ type: headers.get('content-type'), how: headers.get('content-disposition') }).toEqual({
        type,
        how: "inline; filename*=UTF-8''a",
      });
    }
    for (const type of ['text/html', 'image/svg+xml', 'application/pdf', 'text/javascript', 'application/xhtml+xml', 'text/plain']) {
      const { headers } = await get(await stored(threadId, type), query);
      expect(headers.get('content-type')).toBe('application/octet-stream');
      expect(headers.get('content-disposition')).toMatch(/^attachment;/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox; frame-ancestors 'none'");
      expect(headers.get('cache-control')).toBe('private, no-store');
    }
  });

  it('names of files cannot break out of the header', async () => {
    const { body } = await service.call('POST', '/api/sessions');
    const name = 'plaño "1"\r\nSet-Cookie: a=b; x=\'(*)\ud800.png';
    const id = await stored(String(body['thread_id']), 'image/png', name);
    const { status, headers } = await get(id, `?session_id=${String(body['session_id'])}`);
    expect(status).toBe(200);
    expect(headers.get('content-disposition')).toBe(
      "inline; filename*=UTF-8''pla%C3%B1o%20%221%22%0D%0ASet-Cookie%3A%20a%3Db%3B%20x%3D%27%28%2A%29%EF%BF%BD.png",
    );
    expect(headers.get('set-cookie')).toBeNull();
  });
});
