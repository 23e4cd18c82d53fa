/** The channels with their recorded payloads, and how each payload is signed: what the fuzz over payloads is made of. */
import type { TeamsSettings } from '../../channels/teams/config.js';
import { createTeamsChannel } from '../../channels/teams/index.js';
import { createTelegramChannel } from '../../channels/telegram/index.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { openSlack } from '../fakes/slack/harness.js';
import { recorded as recordedOfSlack, recordedNames, requestOf } from '../fakes/slack/recorded.js';
import { settingsFor } from '../fakes/teams/harness.js';
import { startTeamsPlatform } from '../fakes/teams/platform.js';
import { TOKEN, WEBHOOK_SECRET } from '../fakes/telegram/customer.js';
import { openWhatsApp } from '../fakes/whatsapp/harness.js';
import { webTarget, whatsAppWebTarget } from './line-targets.js';
import { type FuzzTarget, receiving, recordedIn } from './recorded.js';
import { slackDeskTarget } from './slack-desk-target.js';

/** A form knows nothing but text. */
const formOf = (payload: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(Object(payload) as object).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );

export const FUZZ_TARGETS: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  telegram: async () => {
    const logger = createLogger({ level: 'silent' });
    // Nobody answers there: what it would ask Telegram for (its own name) it has to do without.
    const settings = { token: TOKEN, apiRoot: 'http://127.0.0.1:9', mode: 'webhook', webhookSecret: WEBHOOK_SECRET } as const;
    const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET };
    const payloads = recordedIn('telegram', (body) => ({ method: 'POST', url: '/', headers, body }));
    return { channel: receiving(createTelegramChannel(settings, logger)), payloads, close: () => Promise.resolve() };
  },
  slack: async () => {
    const slack = await openSlack('webhook');
    const payloads = recordedNames.map((name) => {
      const { path, payload } = recordedOfSlack(name);
      return { name, payload, request: (spoilt: unknown) => requestOf({ path, payload: path === '/commands' ? formOf(spoilt) : spoilt }) };
    });
    return { channel: receiving(slack.channel), payloads, close: () => slack.close() };
  },
  'slack desk': slackDeskTarget,
  teams: () => openTeams('teams', {}),
  'teams desk': () =>
    openTeams('teams-desk', { desk: { conversation: '19:bc1ff1b5f3e0488cb3d8e4b2a1a0c4d7@thread.tacv2', language: 'es' } }),
  whatsapp: async () => {
    const whatsapp = await openWhatsApp();
    const { signed } = whatsapp;
    if (signed === null) throw new Error('whatsapp has a webhook');
    return { channel: receiving(whatsapp.channel), payloads: recordedIn('whatsapp', signed), close: () => whatsapp.close() };
  },
  'whatsapp-web': () => Promise.resolve(whatsAppWebTarget()),
  web: webTarget,
};

async function openTeams(folder: string, more: Partial<TeamsSettings>): Promise<FuzzTarget> {
  const platform = await startTeamsPlatform();
  const settings = { ...settingsFor(platform), serviceUrls: ['https://smba.trafficmanager.net/teams/'], ...more };
  const payloads = recordedIn(folder, (body) => {
    // A token names the service address of its activity.
    const serviceurl = /"serviceUrl":"([^"]*)"/.exec(body.toString())?.[1] ?? platform.serviceUrl;
    return {
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/json', authorization: platform.authorize({ serviceurl }) },
      body,
    };
  });
  const channel = receiving(createTeamsChannel(settings, createLogger({ level: 'silent' })));
  return { channel, payloads, close: () => platform.close() };
}
