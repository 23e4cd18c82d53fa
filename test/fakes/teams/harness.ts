/** The Teams channel in front of the emulated platform, as the contract suite and other runs over all channels need it. */
import { createTeamsChannel } from '../../../channels/teams/index.js';
import type { TeamsSettings } from '../../../channels/teams/config.js';
import type { ChannelErrorKind } from '../../../src/domain/errors.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import type { OpenChannel } from '../../contract/channel-suite.js';
import { CONVERSATION_ID, messageActivity, USER_ID } from './activities.js';
import { serveEndpoint } from './endpoint.js';
import { APP_ID, APP_PASSWORD, startTeamsPlatform, TENANT_ID, type ScriptedFailure, type TeamsPlatform } from './platform.js';
import { PLAYGROUND_CONVERSATION, PLAYGROUND_USER, startPlayground, type Playground } from './playground.js';
import { shownOf } from './shown.js';

const logger = createLogger({ level: 'silent' });

const FAILURES: Record<Exclude<ChannelErrorKind, 'window-closed'>, ScriptedFailure> = {
  'rate-limited': { kind: 'answer', status: 429, code: 'TooManyRequests', retryAfter: 3 },
  'recipient-unreachable': { kind: 'answer', status: 403, code: 'BotNotInConversationRoster' },
  'credentials-rejected': { kind: 'answer', status: 401, code: 'Unauthorized' },
  'payload-refused': { kind: 'answer', status: 413, code: 'MessageSizeTooBig' },
  unavailable: { kind: 'answer', status: 503, code: 'ServiceUnavailable' },
  unknown: { kind: 'cut' },
};

export const settingsFor = (platform: Pick<TeamsPlatform, 'url' | 'globalUrl' | 'openIdMetadata'>): TeamsSettings => ({
  appId: APP_ID,
  appPassword: APP_PASSWORD,
  tenantId: TENANT_ID,
  serviceUrls: [platform.globalUrl],
  openIdMetadata: platform.openIdMetadata,
  loginUrl: platform.url,
  loadFile: async () => ({ bytes: Buffer.from('%PDF-1.7'), contentType: 'application/pdf' }),
});

/** The platform by itself, in this process. */
export async function openTeams(): Promise<OpenChannel> {
  const platform = await startTeamsPlatform();
  const channel = createTeamsChannel(settingsFor(platform), logger);
  const endpoint = await serveEndpoint(channel);
  let last: object | null = null;
  const deliver = async (activity: object) => {
    last = activity;
    await platform.post(endpoint.url, activity);
    return endpoint.next();
  };
  return {
    ...commonParts(platform, channel),
    to: { conversationId: 'conv_1', threadKey: CONVERSATION_ID, userId: USER_ID },
    say: (text) => deliver(messageActivity(platform.serviceUrl, text)),
    sayAgain: () => (last === null ? Promise.reject(new Error('nothing was said yet')) : deliver(last)),
    shown: async () => platform.messages(CONVERSATION_ID).map((activity) => ({ ...shownOf(activity), sources: [] })),
    typingShown: async () => platform.calls.filter(({ activity }) => activity.type === 'typing').length,
    close: async () => {
      await endpoint.close();
      await platform.close();
    },
  };
}

/** The same with Microsoft's playground as the person's client; the platform in front signs, checks tokens and fails. */
export async function openTeamsPlayground(platform: TeamsPlatform, playground: Playground): Promise<OpenChannel> {
  platform.reset();
  await playground.reset();
  const channel = createTeamsChannel(settingsFor(platform), logger);
  const endpoint = await serveEndpoint(channel);
  playground.setBot(endpoint.url);
  return {
    ...commonParts(platform, channel),
    to: { conversationId: 'conv_1', threadKey: PLAYGROUND_CONVERSATION, userId: PLAYGROUND_USER },
    say: async (text) => {
      await playground.say(text);
      return endpoint.next();
    },
    sayAgain: async () => {
      await playground.sayAgain();
      return endpoint.next();
    },
    shown: async () => (await playground.shown()).map((message) => ({ ...message, sources: [] })),
    typingShown: () => playground.typingShown(),
    close: () => endpoint.close(),
  };
}

function commonParts(platform: TeamsPlatform, channel: OpenChannel['channel']) {
  return {
    channel,
    signed: (body: Buffer) => ({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/json', authorization: platform.authorize() },
      body,
    }),
    failNextSend: async (kind: ChannelErrorKind) => platform.failNext(FAILURES[kind as keyof typeof FAILURES]),
    customerFile: async (bytes: Buffer, sizeBytes?: number) => ({
      id: platform.addFile(bytes, sizeBytes),
      filename: 'foto 1.jpg',
      contentType: null,
      sizeBytes: bytes.byteLength,
    }),
    groups: ['19:abc@thread.tacv2', '19:abc@thread.tacv2;messageid=1'],
    ourFile: { id: 'att_1', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 8 },
    reactions: null,
    withWrongCredentials: () => createTeamsChannel({ ...settingsFor(platform), appPassword: 'revoked' }, logger),
  };
}

export { startPlayground, startTeamsPlatform };
