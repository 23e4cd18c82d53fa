/** What the doctor finds of a WhatsApp set-up, right and wrong in every place, against the emulated Graph API. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WhatsAppSettings } from '../../../channels/whatsapp-cloud/config.js';
import { APP_SECRET, TOKEN, VERIFY_TOKEN } from '../../fakes/whatsapp/customer.js';
import { openWhatsApp, type OpenWhatsApp } from '../../fakes/whatsapp/harness.js';
import type { GraphState } from '../../fakes/whatsapp/state.js';

let open: OpenWhatsApp;
const start = async (settings: Partial<WhatsAppSettings> = {}): Promise<void> => {
  open = await openWhatsApp(settings);
};
beforeEach(() => start());
afterEach(() => open.close());

describe('the doctor', () => {
  const findings = async (publicUrl: string | null = new URL(open.graph.state.webhook ?? '').origin) =>
    Object.fromEntries((await open.channel.diagnose(publicUrl)).map((finding) => [finding.check, finding]));

  it('finds nothing wrong where nothing is', async () => {
    const found = await findings();
    expect(Object.values(found).map(({ check, state }) => [check, state])).toEqual(
      ['token', 'permissions', 'phone number', 'signature secret', 'webhook', 'webhook reachable', 'account', 'templates'].map((check) => [
        check,
        'ok',
      ]),
    );
    expect(found['phone number']?.detail).toContain("Jasper's Market");
    expect(found['templates']?.detail).toContain('approved: reply_waiting (es), reply_waiting (en_US), order_ready (en_US)');
    expect(JSON.stringify(found)).not.toMatch(new RegExp(`${TOKEN}|${APP_SECRET}|${VERIFY_TOKEN}`));
  });

  const broken: [string, string, string, (state: GraphState) => void][] = [
    ['token', 'temporary', 'permanent token', (state) => (state.tokenExpiresAt = Math.floor(Date.now() / 1000) + 3600)],
    [
      'permissions',
      'missing: whatsapp_business_management',
      'both permissions',
      (state) => (state.scopes = ['whatsapp_business_messaging']),
    ],
    ['phone number', 'payment method', 'Add a payment method', (state) => (state.canSend = 'BLOCKED')],
    ['webhook', 'no webhook is set', '/webhooks/whatsapp', (state) => (state.webhook = null)],
    [
      'webhook',
      'webhooks go to https://elsewhere.example/',
      'WhatsApp > Configuration',
      (state) => (state.webhook = 'https://elsewhere.example/webhooks/whatsapp'),
    ],
    ['account', 'does not send its webhooks', 'subscribed_apps', (state) => (state.subscribed = false)],
    ['templates', 'reply_waiting (es) does not exist', 'Message templates', (state) => (state.templates = [])],
    [
      'templates',
      'reply_waiting (es) is paused',
      'Message templates',
      (state) => (state.templates = state.templates.map((template) => ({ ...template, status: 'PAUSED' }))),
    ],
    [
      'templates',
      'has 0 placeholders, not 1',
      'Message templates',
      (state) => (state.templates = state.templates.map((template) => ({ ...template, text: 'Hola' }))),
    ],
  ];
  it.each(broken)('says of the %s: %s', async (check, detail, remedy, change) => {
    const publicUrl = new URL(open.graph.state.webhook ?? '').origin;
    change(open.graph.state);
    expect((await findings(publicUrl))[check]).toMatchObject({
      state: 'wrong',
      detail: expect.stringContaining(detail),
      remedy: expect.stringContaining(remedy),
    });
  });

  it('says that a token is refused, and asks no further', async () => {
    expect(await open.withWrongCredentials?.().diagnose(null)).toMatchObject([
      { check: 'token', state: 'wrong', remedy: expect.stringContaining('WHATSAPP_TOKEN') },
    ]);
  });

  it('says that webhooks could not be verified, and that ours does not answer Meta', async () => {
    await open.close();
    await start({ appSecret: 'another' });
    expect((await findings(null))['signature secret']).toMatchObject({
      state: 'wrong',
      remedy: expect.stringContaining('WHATSAPP_APP_SECRET'),
    });
    await open.close();
    await start();
    expect((await findings('http://127.0.0.1:1'))['webhook reachable']).toMatchObject({
      state: 'unknown',
      remedy: expect.stringContaining('Start the service'),
    });
  });

  it('says what it could not ask', async () => {
    open.graph.failNext({ kind: 'answer', status: 503, text: '', path: 'message_templates' });
    expect((await findings())['templates']).toMatchObject({ state: 'unknown' });
    open.graph.failNext({ kind: 'answer', status: 503, text: '', path: 'debug_token' });
    expect(await open.channel.diagnose(null)).toMatchObject([{ check: 'token', state: 'unknown' }]);
  });
});
