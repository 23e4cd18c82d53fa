/**
 * The connector through the SDK's client, and files, with failures as ChannelErrors. Each call goes over the wire once: left to itself the SDK sends again
 * after a timeout or a 5xx, and the customer would read a message twice.
 */
import { ConnectorClient } from 'botframework-connector';
import { z } from 'zod';
import type { FetchedMedia } from '../../src/domain/channel.js';
import { ChannelError } from '../../src/domain/errors.js';
import { parseJson } from '../shared/json.js';
import { createHttpClient, failureOfStatus, type HttpResponse } from '../shared/http-client.js';
import { capabilities, MAX_ACTIVITY_BYTES } from './capabilities.js';
import { botIdOf, type TeamsSettings } from './config.js';
import type { OutboundActivity } from './encode.js';
import type { ConversationAddress } from './thread-key.js';
import { pagedMembersSchema } from './wire.js';
import { createTokenSource, type TokenSource } from './token.js';

const CALL_TIMEOUT_MS = 15_000;
const DOWNLOAD_TIMEOUT_MS = 60_000;
/** A customer waits for it, see file-consent.ts. */
const UPLOAD_TIMEOUT_MS = 7_000;
const MAX_ANSWER_BYTES = 256 * 1024;

/** Where OneDrive and SharePoint keep files, in Microsoft's clouds. The addresses carry their own permission: no token goes there. */
const FILE_HOSTS = /(^|\.)(sharepoint\.(com|us|cn)|sharepoint-mil\.us|1drv\.com|svc\.ms)$/;

export interface TeamsClient {
  readonly token: TokenSource;
  /** Null where the connector names no id. Throws ChannelError, as all of them. */
  send(to: ConversationAddress, activity: OutboundActivity | { readonly type: 'typing' }): Promise<string | null>;
  update(to: ConversationAddress, activityId: string, activity: OutboundActivity): Promise<void>;
  /** Begins a thread in a channel with its first message. */
  beginThread(
    channel: ConversationAddress,
    activity: OutboundActivity,
  ): Promise<{ readonly conversationId: string; readonly activityId: string }>;
  /** The personal chat with somebody of a team that the bot is in, new or not: its id. */
  openChat(near: ConversationAddress, userId: string): Promise<string>;
  /** Of a conversation or, for a channel, of its team; without bots. */
  members(of: ConversationAddress): Promise<readonly Member[]>;
  /** A file by its address: with the bot's token where a connector keeps it, without where OneDrive does. */
  download(address: string): Promise<FetchedMedia>;
  /** To an address that Teams gave with the customer's consent. The same bytes again change nothing. */
  upload(address: string, bytes: Buffer): Promise<void>;
}

export interface Member {
  readonly id: string;
  readonly aadObjectId: string | null;
  readonly name: string;
}

/** A team has 25,000 members at most. */
const MEMBERS_A_PAGE = 500;
const MAX_PAGES = 50;

type ConnectorOptions = NonNullable<ConstructorParameters<typeof ConnectorClient>[1]>;

export function createTeamsClient(settings: TeamsSettings): TeamsClient {
  const token = createTokenSource(settings);
  const connectors = new Map<string, ConnectorClient>();
  const connectorAt = (serviceUrl: string): ConnectorClient => {
    const known = connectors.get(serviceUrl) ?? createConnector(settings, token, serviceUrl);
    connectors.set(serviceUrl, known);
    return known;
  };
  const from = { id: botIdOf(settings.appId), name: '' };
  const serviceOrigins = settings.serviceUrls.map((url) => new URL(url).origin);
  const tenant = settings.tenantId === null ? {} : { tenantId: settings.tenantId };

  return {
    token,
    async send({ conversationId, serviceUrl }, activity) {
      const whole = fitting({ ...activity, from, conversation: { id: conversationId } });
      const sent = await connectorAt(serviceUrl).conversations.sendToConversation(conversationId, whole as Wire);
      return sent.id === undefined || sent.id === '' ? null : sent.id;
    },
    async update({ conversationId, serviceUrl }, activityId, activity) {
      const whole = { ...activity, id: activityId, from, conversation: { id: conversationId } };
      await connectorAt(serviceUrl).conversations.updateActivity(conversationId, activityId, whole as Wire);
    },
    async beginThread({ conversationId, serviceUrl }, activity) {
      const channelData = { channel: { id: conversationId } };
      const asked = { isGroup: true, bot: from, channelData, activity: fitting({ ...activity, from }), ...tenant };
      const begun = await connectorAt(serviceUrl).conversations.createConversation(asked as Conversation);
      if (!begun.id || !begun.activityId) throw new ChannelError('unknown', 'create: the answer names no message.');
      return { conversationId: begun.id, activityId: begun.activityId };
    },
    async openChat({ serviceUrl }, userId) {
      const asked = { isGroup: false, bot: from, members: [{ id: userId }], ...tenant, channelData: { tenant: { id: settings.tenantId } } };
      const { id } = await connectorAt(serviceUrl).conversations.createConversation(asked as Conversation);
      if (!id) throw new ChannelError('unavailable', 'create: the answer names no chat.');
      return id;
    },
    async members({ conversationId, serviceUrl }) {
      const found: Member[] = [];
      let next = '';
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const asked = { pageSize: MEMBERS_A_PAGE, ...(next === '' ? {} : { continuationToken: next }) } as PageAsked;
        const given = await connectorAt(serviceUrl).conversations.getConversationPagedMembers(conversationId, asked);
        const { members = [], continuationToken = '' } = pagedMembersSchema.safeParse(given).data ?? {};
        found.push(...members.filter(({ id }) => !id.startsWith('28:')));
        next = continuationToken;
        if (next === '') break;
      }
      return found;
    },
    async download(address) {
      const url = fileUrl('file download', address, serviceOrigins);
      const http = createHttpClient({
        allowedOrigins: [url.origin],
        timeoutMs: DOWNLOAD_TIMEOUT_MS,
        maxBytes: capabilities.maxDownloadBytes,
      });
      const headers = serviceOrigins.includes(url.origin) ? { authorization: `Bearer ${await token()}` } : {};
      const response = await http('file download', url, { headers });
      if (response.status !== 200) throw failureOf('file download', response);
      return { bytes: response.bytes, contentType: response.headers.get('content-type') };
    },
    async upload(address, bytes) {
      const url = fileUrl('file upload', address, serviceOrigins);
      const http = createHttpClient({ allowedOrigins: [url.origin], timeoutMs: UPLOAD_TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES });
      const headers = {
        'content-type': 'application/octet-stream',
        'content-range': `bytes 0-${bytes.byteLength - 1}/${bytes.byteLength}`,
      };
      const response = await http('file upload', url, { method: 'PUT', headers, body: bytes });
      if (response.status >= 300) throw failureOf('file upload', response);
    },
  };
}

type Wire = Parameters<ConnectorClient['conversations']['sendToConversation']>[1];
/** Its token is declared as required, which the first page has none of. */
type PageAsked = NonNullable<Parameters<ConnectorClient['conversations']['getConversationPagedMembers']>[1]>;
type Conversation = Parameters<ConnectorClient['conversations']['createConversation']>[0];

function fitting<Activity extends object>(activity: Activity): Activity {
  const size = Buffer.byteLength(JSON.stringify(activity));
  if (size > MAX_ACTIVITY_BYTES) throw new ChannelError('payload-refused', `send: ${size} bytes are more than Teams takes in one message.`);
  return activity;
}

function createConnector(settings: TeamsSettings, token: TokenSource, serviceUrl: string): ConnectorClient {
  const credentials: ConstructorParameters<typeof ConnectorClient>[0] = {
    signRequest: async (request) => {
      request.headers.set('authorization', `Bearer ${await token()}`);
      return request;
    },
  };
  const allowedOrigins = settings.serviceUrls.map((url) => new URL(url).origin);
  const http = createHttpClient({ allowedOrigins, timeoutMs: CALL_TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES });
  return new ConnectorClient(credentials, { baseUri: serviceUrl, httpClient: { sendRequest: sendOnce(http) } });
}

type SendRequest = NonNullable<ConnectorOptions['httpClient']>['sendRequest'];

const CALLS: Readonly<Record<string, readonly [string, 'PUT' | 'GET']>> = { PUT: ['update', 'PUT'], GET: ['members', 'GET'] };

/** The end of the SDK's pipeline. A ChannelError thrown here passes its retries, which look at errors of its own only. */
const sendOnce =
  (http: ReturnType<typeof createHttpClient>): SendRequest =>
  async (request) => {
    const [what, method] = CALLS[request.method] ?? (['send', 'POST'] as const);
    const body = method === 'GET' ? {} : { body: String(request.body) };
    const response = await http(what, new URL(request.url), { method, headers: request.headers.rawHeaders(), ...body });
    if (response.status >= 300) throw failureOf(what, response);
    const headers = request.headers.clone();
    for (const { name } of headers.headersArray()) headers.remove(name);
    headers.set('content-type', 'application/json');
    return { status: response.status, headers, request, bodyAsText: response.bytes.toString('utf8') };
  };

function fileUrl(what: string, address: string, serviceOrigins: readonly string[]): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  const atService = url !== null && serviceOrigins.includes(url.origin);
  const atFiles = url !== null && url.protocol === 'https:' && FILE_HOSTS.test(url.hostname);
  if (url === null || (!atService && !atFiles))
    throw new ChannelError('payload-refused', `${what}: ${url?.origin ?? 'the address'} is not where Teams keeps files.`);
  return url;
}

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string().optional() }) });

/** The connector's error codes (https://learn.microsoft.com/microsoftteams/platform/bots/build-notification-capability, `Status code responses`). */
const UNREACHABLE =
  /^(BotNotInConversationRoster|ConversationBlockedByUser|MessageWritesBlocked|BotDisabledByAdmin|ConversationNotFound|ActivityNotFoundInConversation|NotEnoughPermissions|InsufficientPermissions|UserNotFound)$/;

function failureOf(what: string, response: HttpResponse): ChannelError {
  const { status } = response;
  const code = errorSchema.safeParse(parseJson(response.bytes)).data?.error.code.slice(0, 80) ?? '';
  const message = `${what}: ${status} ${code}`.trimEnd();
  if (code === 'MessageSizeTooBig' || status === 413) return new ChannelError('payload-refused', message);
  if (status === 429) return new ChannelError('rate-limited', message, { retry: { afterMs: retryAfterMs(response) } });
  if (status === 401) return new ChannelError('credentials-rejected', message);
  if (status === 403 || status === 404 || (status === 400 && UNREACHABLE.test(code)))
    return new ChannelError('recipient-unreachable', message);
  // Somebody else writes to the conversation at this moment: to be tried again.
  if (status === 412) return new ChannelError('unavailable', message);
  return new ChannelError(failureOfStatus(what, status).kind, message);
}

/** Seconds, as the connector says it; a second where it says nothing. */
function retryAfterMs({ headers }: HttpResponse): number {
  const seconds = Number(headers.get('retry-after') ?? '1');
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : 1000;
}
