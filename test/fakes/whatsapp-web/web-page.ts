/** Serves page.js as https://web.whatsapp.com to a browser that is told so, and is the phone behind it: what it has, and what it is shown. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CUSTOMER, messageModel, type MessageModel } from './models.js';

const HTML = '<!doctype html><title>WhatsApp</title><script src="/app.js"></script>';
const FOLDER = import.meta.dirname;
/** Shorter than any client waits. */
const ORDER_WAIT_MS = 10_000;

export interface Told {
  readonly kind: string;
  readonly [field: string]: unknown;
}

export interface WebPage {
  /** For Chromium: the way here. */
  readonly chromiumArgs: readonly string[];
  readonly told: readonly Told[];
  /** Times that the page was loaded. */
  readonly loads: () => number;
  order(order: { readonly do: string; readonly [field: string]: unknown }): void;
  /** Somebody writes, whether the page is there or not. */
  write(fields: Readonly<Record<string, unknown>>, options?: { chat?: string; fromMe?: boolean }): MessageModel;
  /** From where the page downloads it. */
  addFile(bytes: Buffer): string;
  close(): Promise<void>;
}

export async function startWebPage(): Promise<WebPage> {
  const told: Told[] = [];
  const messages: MessageModel[] = [];
  const files: Buffer[] = [];
  const orders: object[] = [];
  let listening: ((order: object | null) => void) | null = null;
  let loads = 0;

  const nextOrder = (): Promise<object | null> => {
    const next = orders.shift();
    if (next !== undefined) return Promise.resolve(next);
    return new Promise((resolve) => {
      listening = resolve;
      setTimeout(() => resolve(null), ORDER_WAIT_MS).unref();
    });
  };
  const routes: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void> | void>> = {
    '/': (_request, response) => {
      loads += 1;
      response.setHeader('content-type', 'text/html').end(HTML);
    },
    '/app.js': (_request, response) => {
      response.setHeader('content-type', 'text/javascript').end(readFileSync(join(FOLDER, 'page.js')));
    },
    '/messages': (_request, response) => void response.end(JSON.stringify(messages)),
    '/told': async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      told.push(JSON.parse(Buffer.concat(chunks).toString()) as Told);
      response.end();
    },
    '/orders': async (_request, response) => {
      const order = await nextOrder();
      response.statusCode = order === null ? 204 : 200;
      response.end(order === null ? '' : JSON.stringify(order));
    },
  };
  const server = createServer(certificate(), (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'https://web.whatsapp.com');
    const file = /^\/file\/(\d+)$/.exec(pathname)?.[1];
    if (file !== undefined) return void response.end(files[Number(file)]);
    const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
    if (route === undefined) return void response.writeHead(404).end();
    void route(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const order: WebPage['order'] = (given) => {
    if (listening === null) orders.push(given);
    else {
      const hear = listening;
      listening = null;
      hear(given);
    }
  };
  return {
    chromiumArgs: [`--host-resolver-rules=MAP web.whatsapp.com:443 127.0.0.1:${port}`, '--ignore-certificate-errors', '--no-sandbox'],
    told,
    loads: () => loads,
    order,
    write(fields, options = { chat: CUSTOMER }) {
      const message = messageModel(fields, options);
      messages.push(message);
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

/** Makes certificates. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw thrown;
  }
}
