/**
 * Customers who write to a service that dies under them, on Telegram and on the web. A message counts as acknowledged when its request got 200;
 * until then it is delivered again, as Telegram and a careful web client do, and some that were acknowledged come once more all the same.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export const WEBHOOK_SECRET = 'crash-secret';

export interface TelegramCustomer {
  readonly chatId: string;
  /** Indexes of the questions, in the order in which they were asked. */
  readonly asked: number[];
}

export interface WebCustomer {
  readonly sessionId: string;
  readonly asked: number[];
}

export interface Customers {
  readonly telegram: readonly TelegramCustomer[];
  readonly web: readonly WebCustomer[];
  /** Everybody asks the next questions, one after the other; resolves once all of them, and those before, were acknowledged. */
  ask(each: number): Promise<unknown>;
  /** Resolves with the next acknowledgement of anybody. */
  acknowledgement(): Promise<void>;
}

export interface CustomerOptions {
  readonly url: string;
  readonly questions: readonly string[];
  readonly telegram: number;
  readonly web: number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Aborted: nobody tries any longer. */
  readonly signal: AbortSignal;
}

/** A share of the messages comes twice at the same time, and as large a share again later, after messages that followed it. */
const REDELIVERED = 0.2;
const TRY_AGAIN_MS = 40;
/** Answered, or taken and not answered yet. */
const ACCEPTED = [200, 202];

let lastUpdateId = 0;
let lastChatId = 1000;

export async function gatherCustomers(options: CustomerOptions): Promise<Customers> {
  const telegram = Array.from({ length: options.telegram }, () => ({ chatId: String((lastChatId += 1)), asked: [] as number[] }));
  const sessions = await Promise.all(Array.from({ length: options.web }, () => newSession(options.url)));
  const web = sessions.map((sessionId) => ({ sessionId, asked: [] as number[] }));
  const listeners = new Set<() => void>();
  const acknowledged = () => {
    for (const tell of listeners) tell();
    listeners.clear();
  };
  const queues = [
    ...telegram.map((customer) => queueOf(customer, askOnTelegram(options, customer.chatId), options, acknowledged)),
    ...web.map((customer) => queueOf(customer, askOnWeb(options, customer.sessionId), options, acknowledged)),
  ];
  return {
    telegram,
    web,
    ask: (each) => Promise.all(queues.map((queue) => queue(each))),
    acknowledgement: () => new Promise((resolve) => listeners.add(resolve)),
  };
}

/** One customer's messages go one after the other; each question is another than the one before it, so that answers to both can be told apart. */
function queueOf(
  { asked }: { asked: number[] },
  post: (text: string) => Promise<void>,
  { questions, random }: CustomerOptions,
  acknowledged: () => void,
): (each: number) => Promise<void> {
  let last = Promise.resolve();
  return (each) => {
    for (let count = 0; count < each; count += 1) {
      const step = 1 + Math.floor(random() * (questions.length - 1));
      const question = ((asked.at(-1) ?? 0) + step) % questions.length;
      asked.push(question);
      last = last.then(() => post(questions[question] ?? '')).then(acknowledged);
    }
    return last;
  };
}

function askOnTelegram({ url, random, signal }: CustomerOptions, chatId: string): (text: string) => Promise<void> {
  const updates: string[] = [];
  const deliver = async (update: string) => {
    const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET };
    const answer = await request(`${url}/webhooks/telegram`, { method: 'POST', headers, body: update });
    return answer?.status === 200;
  };
  return async (text) => {
    const update = textUpdate(chatId, text);
    const twice = random() < REDELIVERED ? deliver(update) : null;
    while (!(await deliver(update)) && !signal.aborted) await sleep(TRY_AGAIN_MS);
    await twice;
    const earlier = updates[Math.floor(random() * updates.length)];
    if (earlier !== undefined && random() < REDELIVERED) await deliver(earlier);
    updates.push(update);
  };
}

export function textUpdate(chatId: string, text: string): string {
  const id = (lastUpdateId += 1);
  const from = { id: Number(chatId), is_bot: false, first_name: 'Ana', language_code: 'es' };
  const chat = { id: Number(chatId), type: 'private' };
  return JSON.stringify({ update_id: id, message: { message_id: id, date: Math.floor(Date.now() / 1000), chat, from, text } });
}

function askOnWeb({ url, signal }: CustomerOptions, sessionId: string): (text: string) => Promise<void> {
  let count = 0;
  return async (message) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': `question-${(count += 1)}` };
    const body = JSON.stringify({ message });
    const post = () => request(`${url}/api/chat/sessions/${sessionId}/messages`, { method: 'POST', headers, body });
    while (!ACCEPTED.includes((await post())?.status ?? 0) && !signal.aborted) await sleep(TRY_AGAIN_MS);
  };
}

async function newSession(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/sessions`, { method: 'POST' });
  return ((await answer.json()) as { session_id: string }).session_id;
}

/** Null when the line was cut or nobody listened. The body is read to its end, or the answer would not be known to be whole. */
async function request(url: string, init: RequestInit): Promise<Response | null> {
  try {
    const answer = await fetch(url, init);
    await answer.arrayBuffer();
    return answer;
  } catch (thrown) {
    if ((thrown as Error).name === 'TypeError') return null; // how fetch says that the network failed; not this realm's TypeError
    throw thrown;
  }
}
