/**
 * The load process of `npm run bench:turns`: posts signed Telegram updates as Telegram does, over 40 connections at most and one after the other
 * within a chat. Reads its plan from standard input and prints when it posted what, and the CPU it took.
 */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LoadPlan {
  readonly url: string;
  readonly secret: string;
  /** Posted in this order. */
  readonly messages: readonly { readonly chatId: number; readonly text: string }[];
  readonly firstUpdateId: number;
  /** Null: as fast as they are acknowledged. */
  readonly perSecond: number | null;
}

export interface Posted {
  readonly chatId: number;
  /** Unix time in ms with fractions, before the request was written. */
  readonly atMs: number;
  readonly status: number;
}

export interface LoadReport {
  readonly posted: readonly Posted[];
  readonly cpuSeconds: number;
}

/** Telegram's default for `max_connections`. */
const CONNECTIONS = 40;

const plan = JSON.parse(await text(process.stdin)) as LoadPlan;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const nowMs = () => performance.timeOrigin + performance.now();

function post(chatId: number, message: string, updateId: number): Promise<number> {
  const chat = { id: chatId, type: 'private' };
  const from = { id: chatId, is_bot: false, first_name: 'Load', language_code: 'es' };
  const body = JSON.stringify({
    update_id: updateId,
    message: { message_id: updateId, date: Math.floor(Date.now() / 1000), chat, from, text: message },
  });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-telegram-bot-api-secret-token': plan.secret,
  };
  return new Promise((resolve, reject) => {
    const sent = request(plan.url, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject).end(body);
  });
}

const posted: Posted[] = [];
const lastOf = new Map<number, Promise<void>>();
let free = CONNECTIONS;
let freed: () => void = () => undefined;
const began = performance.now();
for (const [index, { chatId, text: message }] of plan.messages.entries()) {
  if (plan.perSecond !== null) {
    const waitMs = (index * 1000) / plan.perSecond - (performance.now() - began);
    if (waitMs > 1) await sleep(waitMs);
  }
  const dueMs = nowMs();
  while (free === 0) await new Promise<void>((resolve) => (freed = resolve));
  free -= 1;
  const turn = async (before: Promise<void> | undefined) => {
    await before;
    // A paced message is timed from when it was due, or a service that falls behind would look quick.
    const atMs = plan.perSecond === null ? nowMs() : dueMs;
    posted.push({ chatId, atMs, status: await post(chatId, message, plan.firstUpdateId + index) });
    free += 1;
    freed();
  };
  lastOf.set(chatId, turn(lastOf.get(chatId)));
}
await Promise.all(lastOf.values());
agent.destroy();
const { user, system } = process.cpuUsage();
process.stdout.write(JSON.stringify({ posted, cpuSeconds: (user + system) / 1e6 } satisfies LoadReport));
