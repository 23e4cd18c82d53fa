/** One measured run: the load is posted, the replies are collected, and every reply that is missing, extra or in another place is counted. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LoadPlan, type LoadReport, type Posted } from './load.js';
import { type Send, type Target, type Usage } from './target.js';

export interface Shape {
  readonly name: string;
  readonly chats: number;
  readonly messagesEach: number;
  /** Null: as fast as they are acknowledged. */
  readonly perSecond: number | null;
}

export interface Result {
  readonly repliesPerSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly lost: number;
  readonly doubled: number;
  readonly misplaced: number;
  readonly refused: number;
  /**
   * Of the bot, all of its threads; of that, its own thread and the busiest other one, which is the embedded engine's where there is one; of the load
   * and the fake platform, which run on the same processors.
   */
  readonly cpuMsPerTurn: number;
  readonly ownThreadMsPerTurn: number;
  readonly nextThreadMsPerTurn: number;
  readonly otherCpuMsPerTurn: number;
  readonly calibrationMs: number;
}

/** No reply for this long: the rest is lost. */
const SILENCE_MS = 10_000;

/** Above those of earlier runs, which a store that was kept still knows: it would take these for delivered again. */
let nextChat = Date.now();
let nextUpdate = Date.now();

/** Ticket numbers differ from chat to chat. */
const comparable = (reply: string): string => reply.replace(/T-[0-9A-Z]{8}/g, 'T-…');

async function load(target: Target, messages: LoadPlan['messages'], perSecond: number | null): Promise<LoadReport> {
  const plan: LoadPlan = { url: target.webhook, secret: target.secret, messages, firstUpdateId: nextUpdate, perSecond };
  nextUpdate += messages.length;
  const child = spawn(process.execPath, [join(import.meta.dirname, 'load.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(plan));
  return JSON.parse(await text(child.stdout)) as LoadReport;
}

/** The replies to each script, asked one message at a time: per message what was sent. */
export async function record(target: Target, scripts: readonly (readonly string[])[]): Promise<string[][]> {
  const chats = scripts.map(() => nextChat++);
  const replies = scripts.map((): string[] => []);
  const rounds = Math.max(...scripts.map((script) => script.length));
  for (let round = 0; round < rounds; round++) {
    await load(
      target,
      scripts.map((script, index) => ({ chatId: chats[index] ?? 0, text: script[round] ?? '' })),
      null,
    );
    const asked = performance.now();
    while (replies.some((sent) => sent.length <= round)) {
      if (performance.now() - asked > SILENCE_MS) throw new Error(`${target.name} does not answer: look at its log`);
      await sleep(5);
      for (const send of await target.newSends()) replies[chats.indexOf(Number(send.chatId))]?.push(comparable(send.text));
    }
  }
  if (replies.some((sent, index) => sent.length !== scripts[index]?.length))
    throw new Error('a question was answered in several messages: leave it out');
  return replies;
}

/** Chat number n is asked script n, and after the last one the first again; `expected` are the replies to each script. */
export async function measure(
  target: Target,
  shape: Shape,
  scripts: readonly (readonly string[])[],
  expected: readonly (readonly string[])[],
): Promise<Result> {
  const calibrationMs = calibrate();
  const chats = Array.from({ length: shape.chats }, () => nextChat++);
  const messages = Array.from({ length: shape.messagesEach }, (_, round) =>
    chats.map((chatId, index) => ({ chatId, text: scripts[index % scripts.length]?.[round] ?? '' })),
  ).flat();
  const before = await target.usage();
  const posting = load(target, messages, shape.perSecond);
  const sends: Send[] = [];
  for (let last = performance.now(); sends.length < messages.length && performance.now() - last < SILENCE_MS;) {
    await sleep(200);
    const more = await target.newSends();
    sends.push(...more);
    if (more.length > 0) last = performance.now();
  }
  const { posted, cpuSeconds: loadSeconds } = await posting;
  await sleep(1_000); // whatever is doubled would come now
  sends.push(...(await target.newSends()));
  const after = await target.usage();
  const others = [...(after?.threadSeconds ?? [])].filter(([thread]) => thread !== target.pid);
  const busiest = Math.max(...others.map(([thread, seconds]) => seconds - (before?.threadSeconds.get(thread) ?? 0)));
  const perTurn = (of: (usage: Usage) => number, more = 0) =>
    before === null || after === null ? NaN : ((of(after) - of(before) + more) * 1000) / messages.length;
  return {
    ...verdict(chats, posted, sends, (index) => expected[index % expected.length] ?? []),
    cpuMsPerTurn: perTurn((usage) => usage.cpuSeconds),
    ownThreadMsPerTurn: perTurn((usage) => usage.threadSeconds.get(target.pid) ?? 0),
    nextThreadMsPerTurn: (busiest * 1000) / messages.length,
    otherCpuMsPerTurn: perTurn((usage) => usage.platformSeconds, loadSeconds),
    calibrationMs,
  };
}

function verdict(
  chats: readonly number[],
  posted: readonly Posted[],
  sends: readonly Send[],
  expectedOf: (index: number) => readonly string[],
) {
  const latencies: number[] = [];
  let [lost, doubled, misplaced] = [0, 0, 0];
  for (const [index, chatId] of chats.entries()) {
    const expected = expectedOf(index);
    const asked = posted.filter((post) => post.chatId === chatId);
    const got = sends.filter((send) => send.chatId === String(chatId));
    lost += Math.max(0, asked.length - got.length);
    doubled += Math.max(0, got.length - asked.length);
    for (const [place, send] of got.entries()) {
      if (comparable(send.text) !== expected[place]) misplaced += 1;
      const post = asked[place];
      if (post !== undefined) latencies.push(send.atMs - post.atMs);
    }
  }
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? NaN;
  const seconds = (Math.max(...sends.map((send) => send.atMs)) - Math.min(...posted.map((post) => post.atMs))) / 1000;
  const refused = posted.filter((post) => post.status !== 200).length;
  return { repliesPerSecond: latencies.length / seconds, p50: at(0.5), p95: at(0.95), p99: at(0.99), lost, doubled, misplaced, refused };
}

/** A fixed piece of work: how long it takes tells how busy the machine was with other things. */
function calibrate(): number {
  const began = performance.now();
  let sum = 0;
  for (let turn = 0; turn < 20_000_000; turn++) sum = (sum + turn * 31) % 1_000_003;
  return sum < 0 ? NaN : performance.now() - began;
}
