/**
 * The lightest Bot API: takes sends, records them and answers, thousands a second, for benchmarks and crash tests. It checks nothing; the emulator
 * in telegram/ does. In a test: `startFakeTelegramApi()`. As a process of its own, which prints its address as one line of JSON:
 * `node --import ./test/typescript.mjs test/fakes/fake-telegram-api.ts`, read through `GET /control/sends?from=0`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type JsonAnswer, type JsonRequest, startJsonServer } from './json-server.js';

export interface RecordedSend {
  readonly method: string;
  readonly chatId: string;
  readonly text: string;
  readonly messageId: number;
  /** Unix time in ms with fractions, comparable across processes of one machine. */
  readonly atMs: number;
}

export interface ScriptedAnswer {
  /** `cut` records nothing and closes the line without an answer; `taken-cut` takes the send and then does the same. */
  readonly kind: 'error' | 'cut' | 'taken-cut';
  readonly status?: number;
  readonly description?: string;
  readonly retryAfterSeconds?: number;
  /** The group is a supergroup now, of this id. */
  readonly migrateToChatId?: number;
}

export interface FakeTelegramApi {
  /** For TELEGRAM_API_ROOT. */
  readonly url: string;
  /** In the order of arrival; only methods that put something into a chat. */
  readonly sends: RecordedSend[];
  /** The next sends get these answers, one each. */
  answerNext(...answers: readonly ScriptedAnswer[]): void;
  close(): Promise<void>;
}

export async function startFakeTelegramApi(
  options: {
    port?: number;
    onSend?: (send: RecordedSend) => void;
    /** Asked of each send that nothing is scripted for; undefined: it is taken. */
    faultOf?: (chatId: string) => ScriptedAnswer | undefined;
    /** How long a send that was taken waits for its answer; none where left out. */
    answerAfterMs?: () => number;
  } = {},
): Promise<FakeTelegramApi> {
  const sends: RecordedSend[] = [];
  const scripted: ScriptedAnswer[] = [];
  let lastMessageId = 0;

  const takeSend = async (method: string, body: string): Promise<JsonAnswer | 'cut'> => {
    const payload = parse(body);
    const answer = scripted.shift() ?? options.faultOf?.(String(payload.chat_id ?? ''));
    if (answer?.kind === 'cut') return 'cut';
    if (answer?.kind === 'error') return errorOf(answer);
    const send = {
      method,
      chatId: String(payload.chat_id ?? ''),
      text: payload.text ?? payload.caption ?? '',
      messageId: (lastMessageId += 1),
      atMs: performance.timeOrigin + performance.now(),
    };
    sends.push(send);
    options.onSend?.(send);
    if (options.answerAfterMs !== undefined) await sleep(options.answerAfterMs());
    if (answer?.kind === 'taken-cut') return 'cut';
    const chat = { id: Number(send.chatId), type: 'private' };
    return {
      status: 200,
      body: { ok: true, result: { message_id: send.messageId, date: Math.floor(send.atMs / 1000), chat, text: send.text } },
    };
  };

  const answerTo = async ({ url, body }: JsonRequest): Promise<JsonAnswer | 'cut'> => {
    if (url.pathname === '/control/sends') return { status: 200, body: sends.slice(Number(url.searchParams.get('from') ?? 0)) };
    const method = /^\/bot[^/]+\/(\w+)$/.exec(url.pathname)?.[1];
    if (method === undefined) return { status: 404, body: { ok: false, error_code: 404, description: 'Not Found' } };
    if (/^send(?!ChatAction)/.test(method)) return takeSend(method, body);
    if (method === 'getMe')
      return { status: 200, body: { ok: true, result: { id: 1, is_bot: true, first_name: 'Fake', username: 'fake_bot' } } };
    return { status: 200, body: { ok: true, result: true } };
  };

  const { url, close } = await startJsonServer(answerTo, options.port);
  return { url, sends, answerNext: (...answers) => void scripted.push(...answers), close };
}

function errorOf({ status = 500, description = 'scripted', retryAfterSeconds, migrateToChatId }: ScriptedAnswer) {
  // What is undefined is left out of the JSON.
  const parameters = { retry_after: retryAfterSeconds, migrate_to_chat_id: migrateToChatId };
  return { status, body: { ok: false, error_code: status, description, parameters } };
}

interface SendPayload {
  readonly chat_id?: string | number;
  readonly text?: string;
  readonly caption?: string;
}

/** Multipart bodies are taken as they are: what is recorded of them is that they came. */
const parse = (body: string): SendPayload => (body.startsWith('{') ? (JSON.parse(body) as SendPayload) : {});

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startFakeTelegramApi({ port: Number(process.env['FAKE_TELEGRAM_PORT'] ?? 0) });
  console.log(JSON.stringify({ url }));
}
