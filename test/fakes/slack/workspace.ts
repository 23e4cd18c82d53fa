/** The workspace of the tests: who is there, with which tokens, and what Slack sends about them, as it was recorded. */
import { hmacSha256Hex } from '../../../channels/shared/signature.js';
import type { ChannelRequest } from '../../../src/domain/channel.js';

export const BOT_TOKEN = 'xoxb-test-bot-token-of-parley';
export const APP_TOKEN = 'xapp-test-app-token-of-parley';
/** The customer's own client. */
export const CUSTOMER_TOKEN = 'xoxp-test-customer-token';
export const SIGNING_SECRET = '8f742231b10e8888abcd99yyyzzz85a5';

export const TEAM = 'T000000001';
export const APP = 'A0PARLEY01';
export const BOT = 'U0PARLEYBOT';
export const BOT_ID = 'B0PARLEY01';
/** The first person of the emulator's workspace. */
export const CUSTOMER = 'U000000001';

/** Staff, by their names at the workspace; Olga is not in the desk's channel. */
export const STAFF = ['marta', 'luis', 'olga'] as const;
export type StaffName = (typeof STAFF)[number];
export const staffToken = (name: StaffName): string => `xoxp-test-token-of-${name}`;

let events = 0;

/** An event in the envelope that Slack puts around it. */
export function eventEnvelope(event: object): object {
  events += 1;
  return {
    token: 'verification-token',
    team_id: TEAM,
    api_app_id: APP,
    event,
    type: 'event_callback',
    event_id: `Ev${String(events).padStart(9, '0')}`,
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [{ enterprise_id: null, team_id: TEAM, user_id: BOT, is_bot: true, is_enterprise_install: false }],
    is_ext_shared_channel: false,
  };
}

export const directMessage = (channel: string, ts: string, text: string): object => ({
  client_msg_id: `00000000-0000-4000-8000-${ts.replace(/\D/g, '').slice(-12)}`,
  type: 'message',
  text,
  user: CUSTOMER,
  ts,
  team: TEAM,
  blocks: [{ type: 'rich_text', block_id: 'b1', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] }],
  channel,
  event_ts: ts,
  channel_type: 'im',
});

/** What Slack posts when the customer presses a button of ours. */
export const pressPayload = (channel: string, ts: string, value: string, label: string): object => ({
  type: 'block_actions',
  user: { id: CUSTOMER, username: 'admin', name: 'admin', team_id: TEAM },
  api_app_id: APP,
  container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
  trigger_id: `${Date.now()}.1.abc`,
  team: { id: TEAM, domain: 'emulate' },
  channel: { id: channel, name: channel.startsWith('D') ? 'directmessage' : 'general' },
  message: { user: BOT, type: 'message', ts, bot_id: BOT_ID, app_id: APP, text: '' },
  response_url: 'https://hooks.slack.com/actions/T000000001/1/x',
  actions: [
    {
      type: 'button',
      action_id: 'choice_0',
      block_id: 'b',
      value,
      text: { type: 'plain_text', text: label },
      action_ts: `${Date.now() / 1000}`,
    },
  ],
});

export const commandFields = (text: string, channel: string): Record<string, string> => ({
  token: 'verification-token',
  team_id: TEAM,
  team_domain: 'emulate',
  channel_id: channel,
  channel_name: 'general',
  user_id: CUSTOMER,
  user_name: 'admin',
  command: '/parley',
  text,
  api_app_id: APP,
  is_enterprise_install: 'false',
  response_url: 'https://hooks.slack.com/commands/T000000001/1/x',
  trigger_id: `${Date.now()}.2.${text.length}`,
});

export type Path = '/events' | '/interactions' | '/commands';

/** A request with this body as Slack signs it; `atMs` is when. */
export function signedRequest(path: Path, body: Buffer, { secret = SIGNING_SECRET, atMs = Date.now() } = {}): ChannelRequest {
  const timestamp = String(Math.floor(atMs / 1000));
  return {
    method: 'POST',
    url: path,
    headers: {
      'content-type': path === '/events' ? 'application/json' : 'application/x-www-form-urlencoded',
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${hmacSha256Hex(secret, `v0:${timestamp}:`, body)}`,
    },
    body,
  };
}

export const eventRequest = (envelope: object) => signedRequest('/events', Buffer.from(JSON.stringify(envelope)));
export const interactionRequest = (payload: object) =>
  signedRequest('/interactions', Buffer.from(new URLSearchParams({ payload: JSON.stringify(payload) }).toString()));
export const commandRequest = (fields: Record<string, string>) =>
  signedRequest('/commands', Buffer.from(new URLSearchParams(fields).toString()));

/** Posts a request to a service, whose webhooks of Slack are at this address: `http://127.0.0.1:3000/webhooks/slack`. */
export const post = ({ method, url, headers, body }: ChannelRequest, webhooks: string): Promise<Response> =>
  fetch(`${webhooks}${url}`, { method, headers, body });
