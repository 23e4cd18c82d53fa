/** Serves page.js as https://web.whatsapp.com to a browser that is told so, and is the phone behind it: what it has, and what it is shown. */
import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CUSTOMER, messageModel, OWN_IDS, widOf, type MessageModel } from './models.js';

const HTML = '<!doctype html><title>WhatsApp</title><script src="/app.js"></script>';
const FOLDER = import.meta.dirname;
/** Shorter than any client waits. */
const ORDER_WAIT_MS = 10_000;

export interface Told {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** `failed`: WhatsApp does not take the message, and the page shows it so; `cut`: it does, and the page breaks before it says so. */
export type PageFault = 'failed' | 'cut';

export interface WebPageOptions {
  /** The phone has linked whichever browser comes, with or without a profile: nobody has to scan. */
  readonly linked?: boolean;
  /** What becomes of the next message to this chat; undefined: it is sent. */
  readonly faultOf?: (chatId: string) => PageFault | undefined;
  readonly answerAfterMs?: () => number;
  readonly onSent?: (sent: { readonly chatId: string; readonly text: string }) => void;
}

export interface WebPage {
  /** For Chromium: the way here. */
  readonly chromiumArgs: readonly string[];
  /** For the service: on, in this Chromium, with the way here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly told: readonly Told[];
  /** Resolves when the library listens to what is received: linked for the first time, it looks for nothing older. */
  listening(): Promise<void>;
  /** Times that the page was loaded. */
  readonly loads: () => number;
  order(order: { readonly do: string; readonly [field: string]: unknown }): void;
  /** Somebody has written; a page that is there is not told of it. */
  write(fields: Readonly<Record<string, unknown>>, options?: { chat?: string }): MessageModel;
  /** Somebody writes: each page that is there receives it, and each that comes later has it. */
  receive(fields: Readonly<Record<string, unknown>>, options?: { chat?: string }): MessageModel;
  /** From where the page downloads it. */
  addFile(bytes: Buffer): string;
  close(): Promise<void>;
}

export async function startWebPage(options: WebPageOptions = {}): Promise<WebPage> {
  const { linked = false, faultOf, answerAfterMs, onSent } = options;
  const told: Told[] = [];
  const messages: MessageModel[] = [];
  const files: Buffer[] = [];
  /** All that were ever given; each page follows them from those on that it was not told of when it came. */
  const orders: object[] = [];
  const following = new EventEmitter().setMaxListeners(0);
  let loads = 0;

  /** Null: there was none for a while. WhatsApp serves one page of a device, the newest. */
  const orderAt = async (index: number, load: number): Promise<object | null> => {
    if (load < loads) return { do: 'state', state: 'CONFLICT' };
    if (orders[index] === undefined) {
      const waiting = AbortSignal.timeout(ORDER_WAIT_MS);
      await once(following, 'news', { signal: waiting }).catch(() => undefined); // nothing came
    }
    return orders[index] ?? null;
  };
  const tell = async (entry: Told): Promise<{ fault: PageFault | null }> => {
    told.push(entry);
    following.emit('told');
    if (entry.kind !== 'sent') return { fault: null };
    const { chatId, id, body, caption } = entry as Told & { chatId: string; id: string; body?: string; caption?: string };
    if (answerAfterMs !== undefined) await sleep(answerAfterMs());
    const fault = faultOf?.(chatId) ?? null;
    if (fault === 'failed') return { fault };
    // The phone has what was sent, like everything else that is said.
    messages.push({
      ...messageModel({ body }, { chat: chatId, fromMe: true }),
      id: { fromMe: true, remote: chatId, id: id.split('_')[2] ?? id, _serialized: id },
      from: widOf(OWN_IDS[0]),
    });
    onSent?.({ chatId, text: caption ?? body ?? '' });
    return { fault };
  };

  const routes: Readonly<
    Record<string, (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => Promise<void> | void>
  > = {
    '/': (_request, response) => {
      loads += 1;
      following.emit('news');
      response.setHeader('content-type', 'text/html').end(HTML);
    },
    '/app.js': (_request, response) => {
      response.setHeader('content-type', 'text/javascript').end(readFileSync(join(FOLDER, 'page.js')));
    },
    '/situation': (_request, response) => void response.end(JSON.stringify({ linked, load: loads, next: orders.length })),
    '/messages': (_request, response) => void response.end(JSON.stringify(messages)),
    '/told': async (request, response) => {
      response.end(JSON.stringify(await tell((await json(request)) as Told)));
    },
    '/orders': async (_request, response, query) => {
      const order = await orderAt(Number(query.get('from')), Number(query.get('load')));
      response.statusCode = order === null ? 204 : 200;
      response.end(order === null ? '' : JSON.stringify(order));
    },
  };
  const server = createServer(certificate(), (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://web.whatsapp.com');
    const file = /^\/file\/(\d+)$/.exec(pathname)?.[1];
    if (file !== undefined) return void response.end(files[Number(file)]);
    const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
    if (route === undefined) return void response.writeHead(404).end();
    void route(request, response, searchParams);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const chromiumArgs = [`--host-resolver-rules=MAP web.whatsapp.com:443 127.0.0.1:${port}`, '--ignore-certificate-errors', '--no-sandbox'];
  const order: WebPage['order'] = (given) => {
    orders.push(given);
    following.emit('news');
  };
  const write: WebPage['write'] = (fields, about = { chat: CUSTOMER }) => {
    const message = messageModel(fields, about);
    messages.push(message);
    return message;
  };
  return {
    chromiumArgs,
    environment: {
      WHATSAPP_WEB: '1',
      CHROMIUM_PATH: CHROMIUM,
      CHROMIUM_ARGS: chromiumArgs.map((argument) => `"${argument}"`).join(' '),
    },
    told,
    loads: () => loads,
    async listening() {
      while (!told.some(({ kind }) => kind === 'listening')) await once(following, 'told');
    },
    order,
    write,
    receive(fields, about) {
      const message = write(fields, about);
      order({ do: 'receive', message });
      return message;
    },
    addFile: (bytes) => `/file/${files.push(bytes) - 1}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function json(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
}

/** For web.whatsapp.com, signed by itself, made for this run. */
function certificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'parley-certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
    '-days',
    '2',
    '-subj',
    '/CN=web.whatsapp.com',
  ];
  try {
    execFileSync('openssl', made, { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Whether this machine has what the page needs. */
export const canShowPage = (): boolean => existsSync(CHROMIUM) && hasOpenssl();

/** Makes certificates. */
function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw thrown;
  }
}
