/** What an operator should know of the app's set-up: does the token work, may the bot do what it must, do events reach us. */
import type { Finding } from '../../src/domain/channel.js';
import { asError, ChannelError } from '../../src/domain/errors.js';
import { createHttpClient } from '../shared/http-client.js';
import { hmacSha256Hex } from '../shared/signature.js';
import { clientOptions, type SlackClient } from './client.js';
import { BOT_SCOPES, wayIn, type SlackSettings } from './config.js';
import { channelSchema } from './desk/wire.js';
import { channelErrorOf } from './errors.js';
import { webApi } from '@slack/bolt';

const TIMEOUT_MS = 5000;
const REINSTALL = 'Paste channels/slack/manifest.yaml into App Manifest and install the app again.';

const ok = (check: string, detail: string): Finding => ({ check, state: 'ok', detail, remedy: null });
const wrong = (check: string, detail: string, remedy: string): Finding => ({ check, state: 'wrong', detail, remedy });

export async function diagnose(client: SlackClient, settings: SlackSettings, publicUrl: string | null): Promise<Finding[]> {
  const way = wayIn(settings);
  const events = 'appToken' in way ? socketFinding(settings.apiUrl, way.appToken) : webhookFinding(way.signingSecret, publicUrl);
  const desk = settings.desk === undefined ? [] : [await deskFinding(client, settings.desk.channel)];
  return [...(await tokenFindings(client)), await events, ...desk];
}

/** Whether the bot is in the desk's channel and may post there; it cannot be tried without a message that everybody sees. */
async function deskFinding(client: SlackClient, id: string): Promise<Finding> {
  try {
    const { channel } = await client.run('conversations.info', (slack) => slack.conversations.info({ channel: id }), { quick: true });
    const found = channelSchema.safeParse(channel).data;
    const name = `#${found?.name ?? id}`;
    if (found?.is_archived === true) return wrong('desk', `${name} is archived`, 'Unarchive it, or name another in SLACK_DESK_CHANNEL.');
    if (found?.is_member !== true) return wrong('desk', `the bot is not in ${name}`, 'Write /invite @Parley there.');
    if (found.is_read_only === true) return wrong('desk', `${name} is read-only`, "Let the bot post there, in the channel's settings.");
    if (found.is_ext_shared === true) {
      return wrong(
        'desk',
        `${name} is shared with another company, who can read the cases`,
        'Name a channel of your own in SLACK_DESK_CHANNEL.',
      );
    }
    return ok('desk', `cases are shown in ${name}`);
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown;
    const remedy =
      'Compare SLACK_DESK_CHANNEL with the id in the details of the channel; to a private one the bot has to be invited first.';
    return wrong('desk', thrown.message, remedy);
  }
}

async function tokenFindings(client: SlackClient): Promise<Finding[]> {
  try {
    const me = await client.run('auth.test', (slack) => slack.auth.test(), { quick: true });
    return [ok('token', `${me.user ?? 'the bot'} in ${me.team ?? 'the workspace'}`), scopesFinding(me.response_metadata?.scopes)];
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown;
    const remedy =
      thrown.kind === 'credentials-rejected'
        ? 'Copy SLACK_BOT_TOKEN anew from OAuth & Permissions; install the app again where it was removed.'
        : 'Check the connection to SLACK_API_URL and try again.';
    return [wrong('token', thrown.message, remedy)];
  }
}

function scopesFinding(given: readonly string[] | undefined): Finding {
  if (given === undefined) {
    return { check: 'permissions', state: 'unknown', detail: 'Slack does not say what the token may do', remedy: null };
  }
  const missing = BOT_SCOPES.filter((scope) => !given.includes(scope));
  return missing.length === 0
    ? ok('permissions', `all ${BOT_SCOPES.length} scopes`)
    : wrong('permissions', `the token lacks ${missing.join(', ')}`, REINSTALL);
}

async function socketFinding(apiUrl: string, appToken: string): Promise<Finding> {
  try {
    await new webApi.WebClient(appToken, clientOptions(apiUrl, TIMEOUT_MS)).apps.connections.open({});
    return ok('events', 'socket mode; Slack opens a socket for SLACK_APP_TOKEN');
  } catch (thrown) {
    const remedy = 'Basic Information, App-Level Tokens: a token with connections:write; and switch Socket Mode on.';
    return wrong('events', channelErrorOf('apps.connections.open', thrown).message, remedy);
  }
}

/** Slack does not tell which address is set, so the address itself is asked what Slack would ask it, signed with our secret. */
async function webhookFinding(signingSecret: string, publicUrl: string | null): Promise<Finding> {
  if (publicUrl === null) {
    return {
      check: 'events',
      state: 'unknown',
      detail: 'the signing secret is there; the public address is not known',
      remedy: 'Name it to have it checked. Or set SLACK_APP_TOKEN for socket mode, which needs none.',
    };
  }
  const url = new URL('/webhooks/slack/events', publicUrl);
  const challenge = `doctor-${Date.now()}`;
  const body = JSON.stringify({ type: 'url_verification', challenge });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/json',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${hmacSha256Hex(signingSecret, `v0:${timestamp}:`, body)}`,
  };
  try {
    const http = createHttpClient({ allowedOrigins: [url.origin], timeoutMs: TIMEOUT_MS, maxBytes: 64 * 1024 });
    const { status, bytes } = await http('url_verification', url, { method: 'POST', headers, body });
    if (status === 200 && bytes.toString() === challenge) {
      return ok('events', `${url.href} answers; it must be the Request URL under Event Subscriptions`);
    }
    const remedy =
      status === 401
        ? 'It runs with another SLACK_SIGNING_SECRET, or its clock is off by minutes.'
        : 'Start the service there, with the Slack channel switched on.';
    return wrong('events', `${url.href} answers ${status} to Slack's question`, remedy);
  } catch (thrown) {
    return wrong('events', asError(thrown).message, `Make ${url.href} reachable over https, or use socket mode (SLACK_APP_TOKEN).`);
  }
}
