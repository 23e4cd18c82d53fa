/** Each platform as an emulator with one customer in front of it: what the service has to be told, how the customer speaks, what they see. */
import type { Shown } from '../contract/channel-suite.js';
import { messagesOf } from '../fakes/slack/harness.js';
import { shownOf as shownOfSlack } from '../fakes/slack/shown.js';
import { startSlackEmulator } from '../fakes/slack/emulator.js';
import { BOT, BOT_TOKEN, directMessage, eventEnvelope, eventRequest, post, SIGNING_SECRET } from '../fakes/slack/workspace.js';
import { CONVERSATION_ID, messageActivity } from '../fakes/teams/activities.js';
import { APP_ID, APP_PASSWORD, startTeamsPlatform, TENANT_ID } from '../fakes/teams/platform.js';
import { shownOf as shownOfTeams } from '../fakes/teams/shown.js';
import { CUSTOMER } from '../fakes/whatsapp-web/models.js';
import { canShowPage, CHROMIUM, startWebPage } from '../fakes/whatsapp-web/web-page.js';
import { messageUpdate, TOKEN as TELEGRAM_TOKEN, WEBHOOK_SECRET } from '../fakes/telegram/customer.js';
import { startTelegramEmulator } from '../fakes/telegram/process.js';
import { APP_SECRET, PHONE_NUMBER_ID, SHEENA, textOf, TOKEN as WHATSAPP_TOKEN, VERIFY_TOKEN } from '../fakes/whatsapp/customer.js';
import { startGraphApi } from '../fakes/whatsapp/graph-api.js';

/** Sources where the platform shows them apart from the text. */
export type ShownAnswer = Pick<Shown, 'text' | 'buttons'> & Partial<Pick<Shown, 'sources'>>;

export interface SimulatedPlatform {
  /** Variables of the service, which make it talk to the emulator. */
  readonly environment: Readonly<Record<string, string>>;
  /** The service is up at this address. */
  connect(serviceUrl: string): Promise<void>;
  say(text: string): Promise<void>;
  /** All messages of the bot so far, oldest first. */
  shown(): Promise<readonly ShownAnswer[]>;
  /** The whole answer is there when `say` resolves. */
  readonly answersAtOnce?: true;
  close(): Promise<void>;
}

const accepted = (what: string, status: number | null): void => {
  if (status === null || status >= 300) throw new Error(`${what}: the service answered ${status ?? 'nothing'}`);
};

async function telegram(): Promise<SimulatedPlatform> {
  const emulator = await startTelegramEmulator();
  let messages = 0;
  return {
    environment: {
      TELEGRAM_BOT_TOKEN: TELEGRAM_TOKEN,
      TELEGRAM_WEBHOOK_SECRET: WEBHOOK_SECRET,
      TELEGRAM_API_ROOT: emulator.url,
    },
    async connect(serviceUrl) {
      await fetch(`${emulator.url}/bot${TELEGRAM_TOKEN}/setWebhook`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ url: `${serviceUrl}/webhooks/telegram`, secret_token: WEBHOOK_SECRET }),
      });
    },
    async say(text) {
      messages += 1;
      accepted('the webhook', (await emulator.deliver(TELEGRAM_TOKEN, messageUpdate(messages, 7, text))).status);
    },
    shown: () => emulator.shown(),
    close: () => emulator.stop(),
  };
}

async function slack(): Promise<SimulatedPlatform> {
  const emulator = await startSlackEmulator();
  let webhooks = '';
  return {
    environment: { SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SIGNING_SECRET, SLACK_API_URL: emulator.apiUrl },
    connect: (serviceUrl) => {
      webhooks = `${serviceUrl}/webhooks/slack`;
      return Promise.resolve();
    },
    async say(text) {
      const { ts } = await emulator.call('chat.postMessage', { channel: emulator.directChannel, text });
      const event = eventEnvelope(directMessage(emulator.directChannel, String(ts), text));
      accepted('the webhook', (await post(eventRequest(event), webhooks)).status);
    },
    shown: async () => (await messagesOf(emulator)).filter((message) => message.user === BOT).map(shownOfSlack),
    close: () => emulator.close(),
  };
}

async function teams(): Promise<SimulatedPlatform> {
  const platform = await startTeamsPlatform();
  let endpoint = '';
  return {
    environment: {
      MICROSOFT_APP_ID: APP_ID,
      MICROSOFT_APP_PASSWORD: APP_PASSWORD,
      MICROSOFT_APP_TENANT_ID: TENANT_ID,
      TEAMS_SERVICE_URLS: platform.globalUrl,
      TEAMS_OPENID_METADATA: platform.openIdMetadata,
      TEAMS_LOGIN_URL: platform.url,
    },
    connect: (serviceUrl) => {
      endpoint = `${serviceUrl}/api/messages`;
      return Promise.resolve();
    },
    say: async (text) => accepted('the endpoint', (await platform.post(endpoint, messageActivity(platform.serviceUrl, text))).status),
    shown: () => Promise.resolve(platform.messages(CONVERSATION_ID).map(shownOfTeams)),
    close: () => platform.close(),
  };
}

async function whatsapp(): Promise<SimulatedPlatform> {
  const graph = await startGraphApi({ ladder: ['sent', 'delivered', 'read'] });
  return {
    environment: {
      WHATSAPP_TOKEN,
      WHATSAPP_PHONE_NUMBER_ID: PHONE_NUMBER_ID,
      WHATSAPP_APP_SECRET: APP_SECRET,
      WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
      WHATSAPP_API_ROOT: graph.url,
    },
    connect: (serviceUrl) => graph.setWebhook(`${serviceUrl}/webhooks/whatsapp`),
    say: async (text) => accepted('the webhook', await graph.deliver(SHEENA, textOf(SHEENA, text))),
    shown: () => Promise.resolve(graph.shown(SHEENA.waId)),
    close: () => graph.close(),
  };
}

/** The real client of whatsapp-web.js in a real Chromium, on a local page; the phone is linked already. */
async function whatsappWeb(): Promise<SimulatedPlatform> {
  if (!canShowPage())
    throw new Error(`WhatsApp Web needs Chromium, and there is none at ${CHROMIUM} (CHROMIUM_PATH), or openssl is missing.`);
  const shown: { text: string; buttons: string[] }[] = [];
  const page = await startWebPage({ linked: true, onSent: ({ text }) => void shown.push({ text, buttons: [] }) });
  return {
    environment: page.environment,
    connect: () => page.listening(),
    say: (text) => {
      page.receive({ body: text }, { chat: CUSTOMER });
      return Promise.resolve();
    },
    shown: () => Promise.resolve(shown),
    close: () => page.close(),
  };
}

/** The web chat has no platform of its own: the service's API is what a customer talks to. */
function web(): Promise<SimulatedPlatform> {
  const shown: { text: string; buttons: string[] }[] = [];
  let messages = '';
  return Promise.resolve({
    environment: {},
    answersAtOnce: true,
    async connect(serviceUrl) {
      const session = (await (await fetch(`${serviceUrl}/api/sessions`, { method: 'POST' })).json()) as { session_id: string };
      messages = `${serviceUrl}/api/chat/sessions/${session.session_id}/messages`;
    },
    async say(text) {
      const response = await fetch(messages, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ message: text }),
      });
      accepted('the API', response.status);
      const { message, metadata } = (await response.json()) as { message: string; metadata: { buttons?: { label: string }[] } };
      shown.push({ text: message, buttons: (metadata.buttons ?? []).map(({ label }) => label) });
    },
    shown: () => Promise.resolve(shown),
    close: () => Promise.resolve(),
  });
}

export const PLATFORMS: Readonly<Record<string, () => Promise<SimulatedPlatform>>> = {
  telegram,
  slack,
  teams,
  whatsapp,
  'whatsapp-web': whatsappWeb,
  web,
};
