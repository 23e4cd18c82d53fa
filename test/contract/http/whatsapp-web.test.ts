/** Linking a phone over HTTP: with an admin key only, codes as a picture, and a page that is harmless without a key. */
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { FakePhone } from '../../fakes/whatsapp-web/client.js';
import { linkOf, openWhatsAppWeb, until, type OpenWhatsAppWeb } from '../../fakes/whatsapp-web/harness.js';
import { closeTestServices, startTestService, type TestService } from './service.js';

afterAll(closeTestServices);
const opened: OpenWhatsAppWeb[] = [];
afterEach(() => Promise.all(opened.splice(0).map((web) => web.close())));

async function withPhone(linked: boolean): Promise<{ service: TestService; web: OpenWhatsAppWeb; admin: Record<string, string> }> {
  const web = await openWhatsAppWeb({ phone: Object.assign(new FakePhone(), { linked }), untilReady: false });
  opened.push(web);
  await until(() => linkOf(web.channel).status().state === (linked ? 'ready' : 'unlinked'));
  const service = await startTestService({ channels: [web.channel] });
  return { service, web, admin: { 'x-api-key': await service.key('admin') } };
}

describe('/api/whatsapp-web', () => {
  it('takes an admin key and nothing less', async () => {
    const { service } = await withPhone(false);
    expect(await service.call('GET', '/api/whatsapp-web')).toMatchObject({ status: 401 });
    const headers = { 'x-api-key': await service.key('deliveries', 'keys') };
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/qr.svg'],
      ['POST', '/link'],
      ['POST', '/log-out'],
    ] as const)
      expect(await service.call(method, `/api/whatsapp-web${path}`, { headers })).toMatchObject({ status: 403 });
  });

  it('shows the QR code as a picture that nothing keeps, gives a pairing code, and refuses what is no number', async () => {
    const { service, admin: headers } = await withPhone(false);
    expect(await service.call('GET', '/api/whatsapp-web', { headers })).toMatchObject({
      status: 200,
      body: { state: 'unlinked', has_qr: true, pairing_code: null, linked_as: null },
    });
    const picture = await fetch(`${service.url}/api/whatsapp-web/qr.svg`, { headers });
    expect(picture.headers.get('content-type')).toMatch(/^image\/svg\+xml/);
    expect(picture.headers.get('cache-control')).toBe('no-store');
    expect(await picture.text()).toMatch(/^<svg [^]*<path /);
    const link = (phone: string) => service.call('POST', '/api/whatsapp-web/link', { headers, json: { phone_number: phone } });
    expect(await link('call me')).toMatchObject({ status: 400, body: { message: expect.stringContaining('phone_number') } });
    expect(await link('+34 911-222-333')).toMatchObject({ status: 200, body: { pairing_code: 'ABCD2345' } });
    expect(service.log.join('\n')).not.toMatch(/2@fake|ABCD2345/);
  });

  it('logs out, refuses a second phone beside a linked one, and says when the channel is off', async () => {
    const { service, web, admin: headers } = await withPhone(true);
    expect(await service.call('GET', '/api/whatsapp-web', { headers })).toMatchObject({
      body: { state: 'ready', linked_as: '34911222333@c.us' },
    });
    expect(await service.call('GET', '/api/whatsapp-web/qr.svg', { headers })).toMatchObject({ status: 404 });
    expect(await service.call('POST', '/api/whatsapp-web/link', { headers })).toMatchObject({ status: 409 });
    expect(await service.call('POST', '/api/whatsapp-web/log-out', { headers })).toMatchObject({ status: 200 });
    await until(() => linkOf(web.channel).status().state === 'unlinked');
    const off = await startTestService({ channels: [] });
    expect(await off.call('GET', '/api/whatsapp-web', { headers: { 'x-api-key': await off.key('admin') } })).toMatchObject({
      status: 404,
      body: { message: expect.stringContaining('WHATSAPP_WEB=1') },
    });
  });
});

describe('/whatsapp-web', () => {
  it('is a page under a strict policy, without inline scripts or anything secret in it', async () => {
    const { service } = await withPhone(false);
    const response = await fetch(`${service.url}/whatsapp-web`);
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'/);
    const html = await response.text();
    expect(html).not.toMatch(/<script(?![^>]* src=)|\son\w+=|style=|2@fake/);
    for (const file of ['page.js', 'page.css']) expect((await fetch(`${service.url}/whatsapp-web/${file}`)).status).toBe(200);
    expect((await fetch(`${service.url}/whatsapp-web/../client.ts`)).status).toBe(404);
  });
});
