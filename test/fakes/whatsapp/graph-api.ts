/**
 * Meta's Graph API for one business number, in memory and on loopback: stateful, strict (every message is checked against Meta's OpenAPI file and
 * under the rules that it does not hold), with the webhook, signatures, statuses, the 24 hours, files in two hops, and failures on demand.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { messagesWebhook, PHONE_NUMBER_ID, signed, statusWebhook, TOKEN, VERIFY_TOKEN, type Customer } from './customer.js';
import { GraphFailure, postMedia, postMessage, readNode, storeFile } from './graph-methods.js';
import { problemWith } from './meta-schema.js';
import { shownMessages, type ShownMessage } from './shown.js';
import { newState, nowOf, type GraphState, type LadderStep, type RecordedCall, type ScriptedFailure, type SentMessage } from './state.js';

export interface GraphApi {
  /** With the version: what WHATSAPP_API_ROOT is set to. */
  readonly url: string;
  /** All that it remembers; tests may look at it and change it. */
  readonly state: GraphState;
  /** Asks the address whether it is a webhook of ours, as Meta does, and sends what happens there. Throws where it is none. */
  setWebhook(url: string): Promise<void>;
  /** A customer does something: one webhook with these messages. The status that the webhook answered. */
  deliver(customer: Customer, ...messages: readonly Readonly<Record<string, unknown>>[]): Promise<number>;
  /** Any body, signed. */
  post(body: object): Promise<number>;
  /** Pushes the statuses of a message that was sent. */
  climb(wamid: string, steps: readonly LadderStep[], failure?: { readonly code: number; readonly title: string }): Promise<void>;
  addFile(bytes: Buffer, known?: Partial<Parameters<typeof storeFile>[2]>): string;
  failNext(failure: ScriptedFailure): void;
  calls(path: string): readonly RecordedCall[];
  /** What a customer has in front of them, oldest first. */
  shown(waId: string): readonly ShownMessage[];
  /** Sets Meta's clock forward. */
  advance(ms: number): void;
  close(): Promise<void>;
}

const VERSION = 'v23.0';

export interface GraphApiOptions {
  /** Statuses that every message gets by itself, as with Meta; none unless told. */
  readonly ladder?: readonly LadderStep[];
  /** Asked of each message to a customer that nothing is scripted for; undefined: it is taken. */
  readonly faultOf?: (to: string) => ScriptedFailure | undefined;
  readonly onSent?: (sent: SentMessage) => void;
  /** How long a message that was taken waits for its answer. */
  readonly answerAfterMs?: () => number;
}

export async function startGraphApi(options: GraphApiOptions = {}): Promise<GraphApi> {
  const { ladder = [] } = options;
  const state = newState();
  const pushes = new Set<Promise<unknown>>();
  const server = createServer((request, response) => {
    void answer(state, request, response, options).then((sent) => {
      if (sent === null || ladder.length === 0) return;
      // Meta would try a webhook that is gone again for days; nobody waits for that here.
      const push = climb(sent.id, ladder)
        .catch(() => undefined)
        .finally(() => pushes.delete(push));
      pushes.add(push);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const post = async (body: object): Promise<number> => {
    if (state.webhook === null) throw new Error('no webhook is set');
    const bytes = Buffer.from(JSON.stringify(body));
    const response = await fetch(state.webhook, { method: 'POST', headers: signed(bytes), body: bytes });
    await response.arrayBuffer();
    return response.status;
  };
  const climb: GraphApi['climb'] = async (wamid, steps, failure) => {
    const sent = state.sent.find(({ id }) => id === wamid);
    if (sent === undefined) throw new Error(`no message ${wamid} was sent`);
    for (const step of steps) await post(statusWebhook(statusOf(sent, step, failure)));
  };
  return {
    url: `${origin}/${VERSION}`,
    state,
    post,
    climb,
    async setWebhook(url) {
      const challenge = '1158201444';
      const query = new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.verify_token': VERIFY_TOKEN, 'hub.challenge': challenge });
      const response = await fetch(`${url}?${query.toString()}`);
      if (response.status !== 200 || (await response.text()) !== challenge)
        throw new Error(`the callback URL could not be validated (${response.status})`);
      state.webhook = url;
    },
    async deliver(customer, ...messages) {
      state.lastWrote.set(customer.waId, nowOf(state));
      const body = messagesWebhook(customer, ...messages);
      const problem = problemWith('webhook', body);
      if (problem !== null) throw new Error(`Meta sends no such webhook: ${problem}`);
      return post(body);
    },
    addFile: (bytes, known = {}) => storeFile(state, bytes, { contentType: 'application/octet-stream', ...known }),
    failNext: (failure) => void state.failures.push(failure),
    calls: (path) => state.calls.filter((call) => call.path === path),
    shown: (waId) => shownMessages(state, waId),
    advance: (ms) => void (state.clockAheadMs += ms),
    async close() {
      await Promise.allSettled(pushes);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** What is told of a message that was sent. */
export function statusOf(
  { id, to, body }: SentMessage,
  status: LadderStep,
  failure?: { code: number; title: string },
): Record<string, unknown> {
  const key = body['biz_opaque_callback_data'];
  const errors = failure === undefined ? {} : { errors: [{ ...failure, message: failure.title, error_data: { details: failure.title } }] };
  return { id, status, recipient_id: to, ...(key === undefined ? {} : { biz_opaque_callback_data: key }), ...errors };
}

/** The message that was sent, if one was. */
async function answer(
  state: GraphState,
  request: IncomingMessage,
  response: ServerResponse,
  options: GraphApiOptions,
): Promise<SentMessage | null> {
  const bytes = await bodyOf(request);
  try {
    const { json, sent, cut } = await perform(state, request, bytes, response, options);
    if (sent !== null) options.onSent?.(sent);
    if (sent !== null && options.answerAfterMs !== undefined) await sleep(options.answerAfterMs());
    if (cut) request.socket.destroy();
    else if (json !== null) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    return sent;
  } catch (thrown) {
    if (!(thrown instanceof GraphFailure)) throw thrown;
    response.writeHead(thrown.status, { 'content-type': 'application/json', ...thrown.headers }).end(JSON.stringify(thrown.body()));
    return null;
  }
}

interface Performed {
  /** Null: answered already. */
  readonly json: object | null;
  readonly sent: SentMessage | null;
  readonly cut?: boolean;
}

async function perform(
  state: GraphState,
  request: IncomingMessage,
  bytes: Buffer,
  response: ServerResponse,
  { faultOf }: GraphApiOptions,
): Promise<Performed> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
  const path = url.pathname.replace(`/${VERSION}/`, '');
  const method = request.method ?? 'GET';
  const isJson = request.headers['content-type']?.startsWith('application/json') === true;
  const body = isJson ? (JSON.parse(bytes.toString('utf8')) as Record<string, unknown>) : {};
  state.calls.push({ method, path, body });
  const token = request.headers.authorization?.replace('Bearer ', '') ?? '';

  const failure = takeFailure(state, path, body) ?? (isMessage(path, body) ? faultOf?.(String(body['to'])) : undefined);
  if (failure?.kind === 'error') throw new GraphFailure(failure.status, failure.code, failure.message, failure.headers);
  if (failure?.kind === 'answer') {
    response.writeHead(failure.status, { 'content-type': 'text/html' }).end(failure.text);
    return { json: null, sent: null };
  }
  if (failure?.kind === 'cut' && !failure.accepted) return { json: null, sent: null, cut: true };
  if (method === 'GET' && url.pathname.startsWith('/whatsapp_business/')) return download(state, url, token, response);
  if (method === 'GET') return { json: readNode(state, path, token, url.origin), sent: null };
  if (token !== TOKEN) throw new GraphFailure(401, 190, 'Invalid OAuth access token');
  if (path === `${PHONE_NUMBER_ID}/media`)
    return { json: await postMedia(state, bytes, request.headers['content-type'] ?? ''), sent: null };
  if (path !== `${PHONE_NUMBER_ID}/messages`)
    throw new GraphFailure(400, 100, `Unsupported post request. Object with ID '${path}' does not exist`);
  const { answer: json, sent } = postMessage(state, body);
  return { json, sent, cut: failure?.kind === 'cut' };
}

/** A failure without a path is one of the next message, not of a mark or an upload. */
function takeFailure(state: GraphState, path: string, body: Readonly<Record<string, unknown>>): ScriptedFailure | undefined {
  const index = state.failures.findIndex((failure) => (failure.path === undefined ? isMessage(path, body) : path.includes(failure.path)));
  return index === -1 ? undefined : state.failures.splice(index, 1)[0];
}

const isMessage = (path: string, body: Readonly<Record<string, unknown>>): boolean =>
  path.endsWith('/messages') && body['type'] !== undefined;

function download(state: GraphState, url: URL, token: string, response: ServerResponse): Performed {
  const download = state.downloads.get(url.searchParams.get('mid') ?? '');
  const file = download === undefined || download.until < nowOf(state) ? undefined : state.files.get(download.fileId);
  if (token !== TOKEN) response.writeHead(401).end();
  else if (file === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': file.contentType }).end(file.bytes);
  return { json: null, sent: null };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
