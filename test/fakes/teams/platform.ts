/**
 * Microsoft's side in small: the login endpoint, the keys, and a connector that keeps what bots send. It signs what it posts to a bot with a real key, so
 * that the bot's token validation is the real one, checks the bot's own token on each call, and fails on demand. In front of the agents playground
 * (`upstream`) it passes calls on to that instead of keeping them.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSigningKey, type Claims } from './keys.js';
import type { WireActivity } from './shown.js';

export const APP_ID = '11111111-2222-3333-4444-555555555555';
export const APP_PASSWORD = 'teams-test-secret';
export const TENANT_ID = '99999999-8888-7777-6666-555555555555';

/** For the next call of the kind: an answer of the connector's, or the line cut after the request was read; `taken`: and what it asked for was done. */
export type ScriptedFailure =
  | { readonly kind: 'cut'; readonly taken?: boolean }
  | { readonly kind: 'answer'; readonly status: number; readonly code: string; readonly retryAfter?: number };

export interface ConnectorCall {
  readonly method: string;
  readonly path: string;
  readonly conversationId: string;
  readonly activity: WireActivity;
}

export interface TeamsPlatform {
  readonly url: string;
  /** What activities name: the connector of a region. */
  readonly serviceUrl: string;
  /** For TEAMS_SERVICE_URLS: the connector that reaches every region. */
  readonly globalUrl: string;
  readonly openIdMetadata: string;
  /** Calls of the connector that were taken, in order; without those that only read. */
  readonly calls: ConnectorCall[];
  /** Messages as they stand, edits made; by conversation. */
  messages(conversationId: string): readonly WireActivity[];
  /** The same with their ids. */
  messagesById(conversationId: string): ReadonlyMap<string, WireActivity>;
  /** Threads and chats that bots have begun, in order. */
  readonly begun: string[];
  /** Who is in the team of every channel. */
  readonly team: TeamMember[];
  /** Posts to a bot's endpoint as Teams does; claims that are given replace the right ones. */
  post(endpoint: string, activity: object, claims?: Claims): Promise<Response>;
  /** An `Authorization` header that is right but for what is given. */
  authorize(claims?: Claims): string;
  /** Signed by somebody else, under the name of the real key. */
  forge(): string;
  /** Signed with a key that is not endorsed for Teams. */
  authorizeUnendorsed(): string;
  failNext(failure: ScriptedFailure): void;
  /** Answers 503 to whatever is sent to this channel and its threads, until it is up again; null: to nothing. */
  setDown(channelId: string | null): void;
  /** Somebody deletes it in their client. */
  deleteMessage(conversationId: string, id: string): void;
  /** Files that a connector or OneDrive keeps, by path; `sizeBytes` may claim more than there is. */
  addFile(bytes: Buffer, sizeBytes?: number): string;
  /** Uploads that were made, by path. */
  readonly uploads: Map<string, Buffer>;
  /** Authorization headers of fetched and uploaded files. */
  readonly fileTokens: (string | undefined)[];
  /** Where the playground is reached, for calls that are passed on. */
  setUpstream(url: string | null): void;
  setKeysAvailable(available: boolean): void;
  /** The keys' answer begins at once, and ends so much later. */
  setKeysDelay(ms: number): void;
  reset(): void;
  close(): Promise<void>;
}

export interface TeamMember {
  readonly id: string;
  readonly name: string;
  readonly aadObjectId: string;
}

interface State {
  readonly begun: string[];
  readonly team: TeamMember[];
  readonly calls: ConnectorCall[];
  readonly stored: Map<string, Map<string, WireActivity>>;
  readonly failures: ScriptedFailure[];
  readonly files: Map<string, { bytes: Buffer; sizeBytes: number }>;
  readonly uploads: Map<string, Buffer>;
  readonly fileTokens: (string | undefined)[];
  readonly tokens: Set<string>;
  upstream: string | null;
  downChannel: string | null;
  keysAvailable: boolean;
  keysDelayMs: number;
  nextId: number;
  readonly options: TeamsPlatformOptions;
}

// Made once: a key takes longer than most tests.
const key = createSigningKey('key-1');
const unendorsed = createSigningKey('key-2', ['webchat']);

export interface TeamsPlatformOptions {
  /** Asked of each message that nothing is scripted for; undefined: it is taken. */
  readonly faultOf?: (conversationId: string) => ScriptedFailure | undefined;
  readonly onMessage?: (conversationId: string, activity: WireActivity) => void;
  /** How long a message that was taken waits for its answer. */
  readonly answerAfterMs?: () => number;
}

export async function startTeamsPlatform(options: TeamsPlatformOptions = {}): Promise<TeamsPlatform> {
  const state: State = {
    begun: [],
    team: [],
    calls: [],
    stored: new Map(),
    failures: [],
    files: new Map(),
    uploads: new Map(),
    fileTokens: [],
    tokens: new Set(),
    upstream: null,
    downChannel: null,
    keysAvailable: true,
    keysDelayMs: 0,
    nextId: 1,
    options,
  };
  let url = '';
  const server = createServer((request, response) => {
    void bodyOf(request).then(async (body) => {
      const path = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
      if (path === '/openid') return send(response, state.keysAvailable ? 200 : 503, { jwks_uri: `${url}/keys` });
      if (path === '/keys') {
        response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
        await sleep(state.keysDelayMs);
        return void response.end(JSON.stringify({ keys: [key.jwk, unendorsed.jwk] }));
      }
      if (path.endsWith('/oauth2/v2.0/token')) return login(state, body, response);
      if (path.startsWith('/files/')) return serveFile(state, path, request, body, response);
      return connector(state, path, request, body, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const right = () => ({ aud: APP_ID, serviceurl: `${url}/emea/` });
  return {
    url,
    serviceUrl: `${url}/emea/`,
    globalUrl: `${url}/teams`,
    openIdMetadata: `${url}/openid`,
    calls: state.calls,
    uploads: state.uploads,
    fileTokens: state.fileTokens,
    begun: state.begun,
    team: state.team,
    messages: (conversationId) => [...(state.stored.get(conversationId)?.values() ?? [])],
    messagesById: (conversationId) => state.stored.get(conversationId) ?? new Map<string, WireActivity>(),
    authorize: (claims = {}) => key.authorize({ ...right(), ...claims }),
    forge: () => createSigningKey('key-1').authorize(right()),
    authorizeUnendorsed: () => unendorsed.authorize(right()),
    post: (endpoint, activity, claims = {}) =>
      fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: key.authorize({ ...right(), ...claims }) },
        body: JSON.stringify(activity),
      }),
    failNext: (failure) => void state.failures.push(failure),
    setDown: (channelId) => {
      state.downChannel = channelId;
    },
    deleteMessage: (conversationId, id) => void state.stored.get(conversationId)?.delete(id),
    addFile: (bytes, sizeBytes = bytes.byteLength) => {
      const path = `/files/${(state.nextId += 1)}`;
      state.files.set(path, { bytes, sizeBytes });
      return `${url}${path}`;
    },
    setUpstream: (upstream) => {
      state.upstream = upstream;
    },
    setKeysDelay: (ms) => {
      state.keysDelayMs = ms;
    },
    setKeysAvailable: (available) => {
      state.keysAvailable = available;
    },
    reset: () => {
      for (const part of [state.stored, state.files, state.uploads, state.tokens]) part.clear();
      for (const list of [state.calls, state.failures, state.fileTokens, state.begun, state.team]) list.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function login(state: State, body: Buffer, response: ServerResponse): void {
  const form = new URLSearchParams(body.toString());
  if (form.get('client_id') !== APP_ID || form.get('client_secret') !== APP_PASSWORD)
    return send(response, 401, { error: 'invalid_client', error_description: 'AADSTS7000215', error_codes: [7000215] });
  const token = `token-${(state.nextId += 1)}`;
  state.tokens.add(token);
  send(response, 200, { token_type: 'Bearer', access_token: token, expires_in: 86_399 });
}

function serveFile(state: State, path: string, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  state.fileTokens.push(request.headers.authorization);
  if (request.method === 'PUT') {
    state.uploads.set(path, body);
    return send(response, 201, {});
  }
  const file = state.files.get(path);
  if (file === undefined) return send(response, 404, {});
  // A length that promises more than there is makes the client wait; it is only claimed where it is over any limit.
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': file.sizeBytes });
  response.end(file.bytes);
}

const failWith = (response: ServerResponse, { status, code, retryAfter }: ScriptedFailure & { kind: 'answer' }) =>
  send(response, status, { error: { code, message: code } }, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });

async function connector(state: State, path: string, request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
  const [, conversationId, activityId] = /^\/teams\/v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/.exec(path) ?? [];
  const isRead = request.method === 'GET';
  const failure = isRead ? undefined : (state.failures.shift() ?? faultOf(state, conversationId, body));
  if (failure?.kind === 'answer') return failWith(response, failure);
  if (failure !== undefined && failure.taken !== true) return void request.socket.destroy();
  if (!state.tokens.has(request.headers.authorization?.replace(/^Bearer /, '') ?? ''))
    return failWith(response, { kind: 'answer', status: 401, code: 'Unauthorized' });
  if (state.upstream !== null && (isRead || path === CONVERSATIONS)) return passOn(state.upstream, request, body, response);
  if (isRead) return members(state, path, response);
  if (path === CONVERSATIONS) return begin(state, body, response);
  if (conversationId === undefined) return send(response, 404, { error: { code: 'NotFound', message: path } });
  if (body.byteLength > 28 * 1024) return failWith(response, { kind: 'answer', status: 413, code: 'MessageSizeTooBig' });
  const activity = JSON.parse(body.toString()) as WireActivity;
  state.calls.push({ method: request.method ?? '', path, conversationId, activity });
  if (state.upstream !== null) return passOn(state.upstream, request, body, response);
  if (activity.type !== 'message') return send(response, 202, {});
  const messages = state.stored.get(conversationId) ?? new Map<string, WireActivity>();
  state.stored.set(conversationId, messages);
  if (request.method === 'PUT' && !messages.has(activityId ?? ''))
    return failWith(response, { kind: 'answer', status: 404, code: 'ActivityNotFoundInConversation' });
  const id = request.method === 'PUT' ? (activityId ?? '') : String(1_700_000_000_000 + (state.nextId += 1));
  messages.set(id, activity);
  state.options.onMessage?.(conversationId, activity);
  if (state.options.answerAfterMs !== undefined) await sleep(state.options.answerAfterMs());
  if (failure !== undefined) return void request.socket.destroy();
  send(response, request.method === 'PUT' ? 200 : 201, { id });
}

const CONVERSATIONS = '/teams/v3/conversations';

function members(state: State, path: string, response: ServerResponse): void {
  const known = /^\/teams\/v3\/conversations\/19:[^/]+\/pagedmembers$/.test(path);
  if (!known) return failWith(response, { kind: 'answer', status: 403, code: 'BotNotInConversationRoster' });
  send(response, 200, { members: state.team });
}

/** A thread under a first message in a channel, or a chat with one person. */
function begin(state: State, body: Buffer, response: ServerResponse): void {
  const {
    isGroup,
    channelData,
    members: people,
    activity,
  } = JSON.parse(body.toString()) as {
    isGroup: boolean;
    channelData: { channel?: { id: string } };
    members?: { id: string }[];
    activity?: WireActivity;
  };
  if (activity === undefined || !isGroup) {
    const id = `a:chat-with-${people?.[0]?.id ?? ''}`;
    state.begun.push(id);
    return send(response, 201, { id });
  }
  if (body.byteLength > 28 * 1024) return failWith(response, { kind: 'answer', status: 413, code: 'MessageSizeTooBig' });
  const activityId = String(1_700_000_000_000 + (state.nextId += 1));
  const id = `${channelData.channel?.id ?? ''};messageid=${activityId}`;
  state.begun.push(id);
  state.stored.set(id, new Map([[activityId, activity]]));
  state.calls.push({ method: 'POST', path: CONVERSATIONS, conversationId: id, activity });
  send(response, 201, { id, activityId });
}

function faultOf({ options, downChannel }: State, conversationId: string | undefined, body: Buffer): ScriptedFailure | undefined {
  if (downChannel !== null && (conversationId?.startsWith(downChannel) === true || body.includes(downChannel))) {
    return { kind: 'answer', status: 503, code: 'ServiceUnavailable' };
  }
  return conversationId !== undefined && body.includes('"type":"message"') ? options.faultOf?.(conversationId) : undefined;
}

async function passOn(upstream: string, request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
  const answer = await fetch(`${upstream}${(request.url ?? '').replace(/^\/teams/, '')}`, {
    method: request.method ?? 'POST',
    headers: { 'content-type': 'application/json' },
    ...(request.method === 'GET' ? {} : { body: body.toString() }),
  });
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
}
