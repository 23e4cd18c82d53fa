/**
 * Slack on this machine: `emulate` keeps the workspace, and in front of it stands a server that adds what it lacks: tokens that are refused, scopes,
 * the limits of blocks, metadata only for who asks for it, failures on demand, a record of calls, and sockets.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEmulator, type Emulator } from 'emulate';
import { WebSocketServer, type WebSocket } from 'ws';
import { BOT_SCOPES } from '../../../channels/slack/config.js';
import { refusalOf, viewRefusalOf } from './limits.js';
import { APP, APP_TOKEN, BOT, BOT_ID, BOT_TOKEN, CUSTOMER, CUSTOMER_TOKEN, STAFF, staffToken, TEAM } from './workspace.js';

/** What becomes of the next call of a method. */
export type ScriptedFailure = { readonly method: string } & (
  | { readonly kind: 'error'; readonly error: string; readonly status?: number; readonly headers?: Record<string, string> }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /** The connection ends without an answer; `done`: after the call was made. */
  | { readonly kind: 'cut'; readonly done?: boolean }
);

export interface Call {
  readonly method: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface SlackEmulator {
  /** Without a slash at its end. */
  readonly url: string;
  readonly apiUrl: string;
  /** The direct channel of bot and customer. */
  readonly directChannel: string;
  /** A call with the customer's token, or another; throws where Slack would refuse it. */
  call(method: string, fields: Record<string, unknown>, token?: string): Promise<Record<string, unknown>>;
  fail(failure: ScriptedFailure): void;
  /** Refuses every call of the bot's with 503, until it is up again. */
  setDown(down: boolean): void;
  calls(method?: string): readonly Call[];
  /** What `files.info` says of every file from now on, beside or in place of what is true. */
  pretendFile(claims: object): void;
  setScopes(scopes: readonly string[]): void;
  /** Sends an envelope over a socket, and resolves with its acknowledgement; rejects where there is none within the time, a minute unless it is given. */
  push(type: 'events_api' | 'interactive' | 'slash_commands', payload: object, withinMs?: number): Promise<unknown>;
  /** How many sockets are open. */
  sockets(): number;
  /** Ends all sockets: as Slack does each few hours, or without a word. */
  dropSockets(how: 'refresh' | 'cut'): void;
  close(): Promise<void>;
}

/** Of people's own clients. */
const PEOPLE = new Set([CUSTOMER_TOKEN, ...STAFF.map(staffToken)]);
const TOKENS = new Set([BOT_TOKEN, APP_TOKEN, ...PEOPLE]);
const CALLS_A_TOKEN = 4000;
const TOKENS_OF_EACH = 100;
const POSTS = new Set(['chat.postMessage', 'chat.postEphemeral', 'chat.update', 'files.completeUploadExternal']);

export async function startSlackEmulator(): Promise<SlackEmulator> {
  const workspace = await createEmulator({ service: 'slack', port: 0, seed: { slack: seed() } });
  const passOn = passing(workspace);
  const script: ScriptedFailure[] = [];
  const calls: Call[] = [];
  let fileClaims: object = {};
  let isDown = false;
  let scopes: readonly string[] = BOT_SCOPES;
  const sockets = openSockets();

  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => response.writeHead(599).end(String(thrown)));
  });
  server.on('upgrade', sockets.upgrade);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const method = /^\/api\/([\w.]+)/.exec(request.url ?? '')?.[1];
    if (method === undefined) return pass(request, response, body, {});
    const fields = fieldsOf(body);
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    if (!PEOPLE.has(token)) calls.push({ method, fields });
    const refuse = (error: string, status = 200, headers: Record<string, string> = {}) =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ ok: false, error }));
    if (isDown && !PEOPLE.has(token)) return void response.writeHead(503).end('down');
    const failure = PEOPLE.has(token) ? undefined : takeFailure(script, method);
    if (failure?.kind === 'cut') {
      if (failure.done === true) await passOn(request, body);
      return void request.socket.destroy();
    }
    if (failure?.kind === 'status') return void response.writeHead(failure.status, failure.headers).end('failed on demand');
    if (failure?.kind === 'error') return refuse(failure.error, failure.status, failure.headers);
    if (!TOKENS.has(token)) return refuse('invalid_auth');
    if (method === 'apps.connections.open') {
      if (token !== APP_TOKEN) return refuse('not_allowed_token_type');
      const ticket = `${url.replace('http', 'ws')}/socket?ticket=secret-ticket`;
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: true, url: ticket }));
    }
    const refusal = POSTS.has(method) ? refusalOf(fields) : method === 'views.open' ? viewRefusalOf(fields) : null;
    if (refusal !== null) return refuse(refusal);
    await pass(request, response, body, { method, fields });
  }

  async function pass(request: IncomingMessage, response: ServerResponse, body: Buffer, call: Partial<Call>): Promise<void> {
    const upstream = await passOn(request, body);
    const bytes = Buffer.from(await upstream.arrayBuffer());
    const type = upstream.headers.get('content-type') ?? 'application/octet-stream';
    const headers = { 'content-type': type, 'x-oauth-scopes': scopes.join(',') };
    if (!type.includes('json')) return void response.writeHead(upstream.status, headers).end(bytes);
    const json = JSON.parse(bytes.toString('utf8').replaceAll(workspace.url, url)) as Record<string, unknown>;
    response.writeHead(upstream.status, headers).end(JSON.stringify(amended(json, call)));
  }

  function amended(json: Record<string, unknown>, { method, fields }: Partial<Call>): Record<string, unknown> {
    if (method === 'files.info' && json['ok'] === true) return { ...json, file: { ...(json['file'] as object), ...fileClaims } };
    if (!Array.isArray(json['messages']) || fields?.['include_all_metadata'] === 'true') return json;
    return { ...json, messages: json['messages'].map((message: object) => ({ ...message, metadata: undefined })) };
  }

  const call: SlackEmulator['call'] = async (method, fields, token = CUSTOMER_TOKEN) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}/api/${method}`, { method: 'POST', headers, body: JSON.stringify(fields) });
    const json = (await response.json()) as Record<string, unknown>;
    if (json['ok'] !== true) throw new Error(`${method}: ${String(json['error'])}`);
    return json;
  };
  const { channel } = await call('conversations.open', { users: BOT });

  return {
    url,
    apiUrl: `${url}/api/`,
    directChannel: (channel as { id: string }).id,
    call,
    fail: (failure) => void script.push(failure),
    setDown: (down) => void (isDown = down),
    calls: (method) => calls.filter((made) => method === undefined || made.method === method),
    pretendFile: (claims) => void (fileClaims = claims),
    setScopes: (given) => void (scopes = given),
    push: sockets.push,
    sockets: sockets.count,
    dropSockets: sockets.drop,
    async close() {
      sockets.drop('cut');
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await workspace.close();
    },
  };
}

function seed(): Record<string, unknown> {
  const bot = { team_id: TEAM, scopes: [...BOT_SCOPES] };
  return {
    users: STAFF.map((name) => ({ name, real_name: `${name[0]?.toUpperCase()}${name.slice(1)} Ruiz` })),
    oauth_apps: [
      {
        app_id: APP,
        client_id: '1.2',
        client_secret: 'client-secret',
        name: 'Parley',
        redirect_uris: [],
        scopes: [...BOT_SCOPES],
        bot_id: BOT_ID,
        bot_user_id: BOT,
        bot_name: 'parley',
      },
    ],
    tokens: Array.from({ length: TOKENS_OF_EACH }, (_, index) => [
      { token: `${BOT_TOKEN}-${index}`, type: 'bot', user_id: BOT, app_id: APP, bot_id: BOT_ID, bot_user_id: BOT, ...bot },
      { token: `${CUSTOMER_TOKEN}-${index}`, type: 'user', team_id: TEAM, user_id: CUSTOMER },
      ...STAFF.map((name) => ({ token: `${staffToken(name)}-${index}`, type: 'user', team_id: TEAM, user: name })),
    ]).flat(),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The SDK posts forms whose objects are JSON; the tests post JSON. */
function fieldsOf(body: Buffer): Record<string, unknown> {
  const text = body.toString('utf8');
  if (text.startsWith('{')) return JSON.parse(text) as Record<string, unknown>;
  const fields = Object.fromEntries(new URLSearchParams(text));
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, /^[[{]/.test(value) ? (JSON.parse(value) as unknown) : value]),
  );
}

function takeFailure(script: ScriptedFailure[], method: string): ScriptedFailure | undefined {
  const index = script.findIndex((failure) => failure.method === method);
  return index === -1 ? undefined : script.splice(index, 1)[0];
}

/**
 * Passes a request on. `emulate` takes 5,000 calls an hour with one token, which no test means to look at: each token stands for many there, of
 * which one is used up after the other.
 */
function passing(workspace: Emulator): (request: IncomingMessage, body: Buffer) => Promise<Response> {
  let passed = 0;
  return (request, body) => {
    passed += 1;
    const { authorization, 'content-type': type } = request.headers;
    const token = `${authorization ?? ''}-${Math.floor(passed / CALLS_A_TOKEN)}`;
    const headers = {
      ...(authorization === undefined ? {} : { authorization: token }),
      ...(type === undefined ? {} : { 'content-type': type }),
    };
    const address = `${workspace.url.replace('localhost', '127.0.0.1')}${request.url ?? ''}`;
    const method = request.method ?? 'GET';
    return fetch(address, { method, headers, ...(method === 'GET' ? {} : { body }) });
  };
}

function openSockets() {
  const server = new WebSocketServer({ noServer: true });
  const open = new Set<WebSocket>();
  const acknowledged = new Map<string, (payload: unknown) => void>();
  let envelopes = 0;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('message', (data: Buffer) => {
      const { envelope_id: id, payload } = JSON.parse(data.toString('utf8')) as { envelope_id: string; payload: unknown };
      acknowledged.get(id)?.(payload);
    });
    socket.send(JSON.stringify({ type: 'hello', num_connections: open.size, connection_info: { app_id: APP } }));
  });
  const push: SlackEmulator['push'] = (type, payload, withinMs = 60_000) =>
    new Promise((resolve, reject) => {
      const [socket] = open;
      if (socket === undefined) return reject(new Error('no socket is open'));
      envelopes += 1;
      const id = `envelope-${envelopes}`;
      const timer = setTimeout(() => reject(new Error('not acknowledged')), withinMs);
      acknowledged.set(id, (given) => {
        clearTimeout(timer);
        resolve(given);
      });
      socket.send(JSON.stringify({ envelope_id: id, type, payload, accepts_response_payload: type !== 'events_api' }));
    });
  return {
    upgrade: (
      ...[request, socket, head]: Parameters<WebSocketServer['handleUpgrade']> extends [infer R, infer S, infer H, unknown]
        ? [R, S, H]
        : never
    ) => server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request)),
    push,
    count: () => open.size,
    drop: (how: 'refresh' | 'cut') => {
      for (const socket of open) {
        if (how === 'cut') socket.terminate();
        else socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
      }
    },
  };
}
