/** A client of the HTTP interface and the WebSocket, for tests. */
import { WebSocket } from 'ws';
import type { ServerFrame } from '../../channels/web/frames.js';

export interface CallOptions {
  readonly json?: unknown;
  readonly body?: string | Buffer | FormData;
  readonly headers?: Record<string, string>;
}

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  /** Tests read fields of whatever came; each says what it expects of them. */
  readonly body: Record<string, unknown> & { readonly [index: number]: Record<string, unknown> };
  readonly text: string;
}

export type Frame = ServerFrame & { readonly timestamp: string };

export interface SocketClient {
  readonly frames: readonly Frame[];
  send(frame: unknown): void;
  /** Resolves with the `count`th frame of the type, also one that came before. */
  next<Type extends Frame['type']>(type: Type, count?: number): Promise<Extract<Frame, { type: Type }>>;
  /** Resolves with the code once the line is closed. */
  readonly closed: Promise<number>;
  close(): void;
}

export interface HttpClient {
  readonly url: string;
  /** Status, headers and parsed body of a call. */
  call(method: string, path: string, options?: CallOptions): Promise<Called>;
  /** A new session's id. */
  session(): Promise<string>;
  send(sessionId: string, message: string, headers?: Record<string, string>): Promise<Called>;
  connect(query: string, headers?: Record<string, string>): SocketClient;
}

/** A caller is kept waiting for 25 s at most: what is not answered by then never will be, and is to fail where it was asked. */
const UNANSWERED_MS = 60_000;

export function createHttpClient(url: string): HttpClient {
  const call: HttpClient['call'] = async (method, path, { json, body, headers } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      signal: AbortSignal.timeout(UNANSWERED_MS),
      headers: { ...(json === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(json === undefined ? (body === undefined ? {} : { body }) : { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : {}) as Called['body'] };
  };
  return {
    url,
    call,
    session: async () => String((await call('POST', '/api/sessions')).body['session_id']),
    send: (sessionId, message, headers = {}) => call('POST', `/api/chat/sessions/${sessionId}/messages`, { json: { message }, headers }),
    connect: (query, headers = {}) => connect(`${url.replace('http', 'ws')}/ws${query}`, headers),
  };
}

function connect(url: string, headers: Record<string, string>): SocketClient {
  const socket = new WebSocket(url, { headers });
  const frames: Frame[] = [];
  const watchers = new Set<() => void>();
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString('utf8')) as Frame);
    watchers.forEach((watcher) => watcher());
  });
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => resolve(code));
    socket.on('error', () => resolve(0));
  });
  const opened = new Promise<void>((resolve) => socket.once('open', () => resolve()));
  return {
    frames,
    closed,
    send: (frame) => void opened.then(() => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))),
    next: (type, count = 1) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`no ${type} came, but ${frames.map((frame) => frame.type).join(', ')}`)),
          UNANSWERED_MS,
        );
        const look = () => {
          const found = frames.filter((frame) => frame.type === type)[count - 1];
          if (found === undefined) return;
          clearTimeout(late);
          watchers.delete(look);
          resolve(found as never);
        };
        watchers.add(look);
        look();
      }),
    close: () => socket.close(),
  };
}

/** Answers that came whole, first one first, put together from their pieces. */
export function answersIn({ frames }: Pick<SocketClient, 'frames'>): { id: string; content: string }[] {
  const texts = new Map<string, string>();
  return frames.flatMap((frame) => {
    if (frame.type === 'text') texts.set(frame.message_id, (texts.get(frame.message_id) ?? '') + frame.content);
    return frame.type === 'complete' ? [{ id: frame.message_id, content: texts.get(frame.message_id) ?? '' }] : [];
  });
}

/** A multipart form; files are pairs of name and content. */
export function formOf(
  fields: Record<string, string>,
  files: Record<string, readonly (readonly [string, string | Buffer])[]> = {},
): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  for (const [name, list] of Object.entries(files)) {
    for (const [filename, bytes] of list) data.append(name, new Blob([new Uint8Array(Buffer.from(bytes))]), filename);
  }
  return data;
}
