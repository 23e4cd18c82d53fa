/** An OpenAI-compatible endpoint over a real socket: streams what a test says, word by word, and fails as it says. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ModelRequest {
  readonly authorization: string | undefined;
  readonly model: string;
  readonly system: string;
  /** The JSON that the user's message holds. */
  readonly data: {
    readonly question: string;
    readonly earlier: readonly { readonly role: string; readonly text: string }[];
    readonly passages: readonly { readonly number: number; readonly title: string; readonly text: string }[];
  };
}

/** What becomes of one request; the functions end it, or leave it open. */
export interface ModelReply {
  /** A chunk of the answer goes out. */
  say(text: string): void;
  /** The regular end. */
  end(finish?: string): void;
  /** The line breaks. */
  cut(): void;
  /** Anything else, as it is. */
  raw(text: string): void;
  refuse(status: number, headers?: Readonly<Record<string, string>>): void;
}

export interface ModelServer {
  /** As LLM_BASE_URL. */
  readonly url: string;
  readonly requests: ModelRequest[];
  /** How the next requests are answered. */
  onRequest: (request: ModelRequest, reply: ModelReply) => Promise<void> | void;
  close(): Promise<void>;
}

export async function startModelServer(): Promise<ModelServer> {
  const model: ModelServer = { url: '', requests: [], onRequest: (_request, reply) => reply.refuse(500), close };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      if (request.url !== '/v1/chat/completions') return void response.writeHead(404).end();
      const asked = requestOf(body, request.headers.authorization);
      model.requests.push(asked);
      void model.onRequest(asked, replyOn(response));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  function close(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
  return Object.assign(model, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
}

/** Says a whole text in chunks of a few characters. */
export function sayAll(text: string): ModelServer['onRequest'] {
  return (_request, reply) => {
    for (const chunk of text.match(/[\s\S]{1,7}/gu) ?? []) reply.say(chunk);
    reply.end();
  };
}

function requestOf(body: string, authorization: string | undefined): ModelRequest {
  const { model, messages } = JSON.parse(body) as { model: string; messages: readonly { role: string; content: string }[] };
  const contentOf = (role: string) => messages.find((message) => message.role === role)?.content ?? '';
  return { authorization, model, system: contentOf('system'), data: dataIn(contentOf('user')) };
}

/** The doctor sends none. */
function dataIn(content: string): ModelRequest['data'] {
  const isData = content.startsWith('{');
  return isData ? (JSON.parse(content) as ModelRequest['data']) : { question: content, earlier: [], passages: [] };
}

function replyOn(response: ServerResponse): ModelReply {
  const begin = () => response.headersSent || response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (delta: object, finish: string | null) => {
    begin();
    response.write(
      `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
    );
  };
  return {
    say: (content) => send({ content }, null),
    end(finish = 'stop') {
      send({}, finish);
      response.end('data: [DONE]\n\n');
    },
    cut: () => void response.destroy(),
    raw(text) {
      begin();
      response.end(text);
    },
    refuse: (status, headers = {}) =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{"error":{"message":"no"}}'),
  };
}
