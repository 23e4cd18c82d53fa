/**
 * `npm run bench:turns`: how many customers' messages a second the real service answers, in order, durably, and how long each waits. The service,
 * the fake Telegram API and the load are processes of their own on this machine. What each conversation is answered is recorded first, one message
 * at a time; in the measured runs anything that is missing, extra or in another place is counted.
 *
 * On the embedded engine; with MONGODB_URI set, on that server. An argument chooses the shapes whose name begins so: `npm run bench:turns -- 1`.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { ROOT_FOLDER } from '../../src/root-folder.js';
import { type BenchService, type Send, startBenchService } from './bench-service.js';
import { type LoadPlan, type Posted } from './turn-load.js';

const RUNS = 3;
const SCRIPTS = 20;
/** No reply for this long: the rest is lost. */
const SILENCE_MS = 10_000;

interface Shape {
  readonly name: string;
  readonly chats: number;
  readonly messagesEach: number;
  readonly perSecond: number | null;
}
const SHAPES: readonly Shape[] = [
  { name: '200 x 10, at once', chats: 200, messagesEach: 10, perSecond: null },
  { name: '1 x 200, at once', chats: 1, messagesEach: 200, perSecond: null },
  { name: '200 x 10, 100/s', chats: 200, messagesEach: 10, perSecond: 100 },
];

interface Result {
  readonly repliesPerSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly lost: number;
  readonly doubled: number;
  readonly misplaced: number;
  readonly refused: number;
  readonly cpuMsPerTurn: number;
  readonly calibrationMs: number;
}

let nextChat = 1_000_000;
let nextUpdate = 1;
let sendsSeen = 0;

async function questions(): Promise<string[]> {
  const file = parse(await readFile(join(ROOT_FOLDER, 'sample/questions.yaml'), 'utf8')) as {
    questions: { question: string; unanswerable?: boolean }[];
  };
  return file.questions.filter((entry) => entry.unanswerable !== true).map((entry) => entry.question);
}

/** What chat number `index` asks: of `SCRIPTS` different scripts, or all questions round and round in one long chat. */
const scriptOf = (asked: readonly string[], shape: Shape, index: number): string[] =>
  Array.from({ length: shape.messagesEach }, (_, round) => asked[((index % SCRIPTS) * 7 + round) % asked.length] ?? '');

/** Ticket numbers differ from chat to chat. */
const comparable = (reply: string): string => reply.replace(/T-[0-9A-Z]{8}/g, 'T-…');

async function load(service: BenchService, messages: LoadPlan['messages'], perSecond: number | null): Promise<Posted[]> {
  const plan: LoadPlan = { url: service.webhook, secret: service.secret, messages, firstUpdateId: nextUpdate, perSecond };
  nextUpdate += messages.length;
  const child = spawn(process.execPath, [join(import.meta.dirname, 'turn-load.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(plan));
  return JSON.parse(await text(child.stdout)) as Posted[];
}

/** The replies to each script, asked one message at a time: per message what was sent. */
async function record(service: BenchService, scripts: readonly (readonly string[])[]): Promise<string[][]> {
  const chats = scripts.map(() => nextChat++);
  const replies = scripts.map((): string[] => []);
  const rounds = Math.max(...scripts.map((script) => script.length));
  for (let round = 0; round < rounds; round++) {
    await load(
      service,
      scripts.map((script, index) => ({ chatId: chats[index] ?? 0, text: script[round] ?? '' })),
      null,
    );
    while (replies.some((sent) => sent.length <= round)) {
      await sleep(5);
      const sends = await service.sendsFrom(sendsSeen);
      sendsSeen += sends.length;
      for (const send of sends) replies[chats.indexOf(Number(send.chatId))]?.push(comparable(send.text));
    }
  }
  if (replies.some((sent, index) => sent.length !== scripts[index]?.length))
    throw new Error('a question was answered in several messages: leave it out');
  return replies;
}

async function run(
  service: BenchService,
  shape: Shape,
  asked: readonly string[],
  expected: readonly (readonly string[])[],
): Promise<Result> {
  const calibrationMs = calibrate();
  const chats = Array.from({ length: shape.chats }, () => nextChat++);
  const scripts = chats.map((_, index) => scriptOf(asked, shape, index));
  const messages = Array.from({ length: shape.messagesEach }, (_, round) =>
    chats.map((chatId, index) => ({ chatId, text: scripts[index]?.[round] ?? '' })),
  ).flat();
  const before = await service.usage();
  const posting = load(service, messages, shape.perSecond);
  const sends: Send[] = [];
  for (let last = performance.now(); sends.length < messages.length && performance.now() - last < SILENCE_MS;) {
    await sleep(200);
    const more = await service.sendsFrom(sendsSeen);
    sendsSeen += more.length;
    sends.push(...more);
    if (more.length > 0) last = performance.now();
  }
  const posted = await posting;
  await sleep(1_000); // whatever is doubled would come now
  const late = await service.sendsFrom(sendsSeen);
  sendsSeen += late.length;
  sends.push(...late);
  const after = await service.usage();
  const cpuSeconds = before === null || after === null ? NaN : after.serviceCpu - before.serviceCpu;
  const cpuMsPerTurn = (cpuSeconds * 1000) / messages.length;
  return { ...verdict(chats, posted, sends, (index) => expected[index % expected.length] ?? []), cpuMsPerTurn, calibrationMs };
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

function printResults(shape: Shape, results: readonly Result[]): void {
  const row = (name: string, value: (result: Result) => number, digits = 0) => {
    const values = results.map(value).sort((a, b) => a - b);
    const [least, middle, most] = [values[0], values[Math.floor(values.length / 2)], values.at(-1)].map((number = NaN) =>
      number.toFixed(digits),
    );
    console.log(`  ${name.padEnd(26)} ${(middle ?? '').padStart(9)}   ${least} .. ${most}`);
  };
  console.log(`\n${shape.name}: median of ${results.length} runs, least .. most`);
  row('replies/s', (result) => result.repliesPerSecond);
  row('p50 ms, post to reply', (result) => result.p50);
  row('p95 ms', (result) => result.p95);
  row('p99 ms', (result) => result.p99);
  row('lost', (result) => result.lost);
  row('doubled', (result) => result.doubled);
  row('out of order or wrong', (result) => result.misplaced);
  row('posts refused', (result) => result.refused);
  row('service CPU ms a turn', (result) => result.cpuMsPerTurn, 2);
  row('calibration loop ms', (result) => result.calibrationMs);
}

async function main(): Promise<void> {
  const server = process.env['MONGODB_URI'] === undefined ? 'embedded engine' : 'MongoDB server';
  console.log(`${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, ${server}`);
  const service = await startBenchService();
  try {
    const asked = await questions();
    const chosen = process.argv[2] === undefined ? SHAPES : SHAPES.filter((shape) => shape.name.startsWith(process.argv[2] ?? ''));
    for (const shape of chosen) {
      const scripts = Array.from({ length: Math.min(SCRIPTS, shape.chats) }, (_, index) => scriptOf(asked, shape, index));
      const expected = await record(service, scripts);
      await run(service, shape, asked, expected); // not counted: the first thousands of turns are run by code that is not compiled yet
      await service.stepTimes();
      const results: Result[] = [];
      for (let count = 0; count < RUNS; count++) results.push(await run(service, shape, asked, expected));
      printResults(shape, results);
      const steps = [...(await service.stepTimes())].sort(([, a], [, b]) => b.meanMs * b.count - a.meanMs * a.count);
      console.log('  steps (mean ms x count):');
      for (const [step, { meanMs, count }] of steps) console.log(`    ${step.padEnd(28)} ${meanMs.toFixed(2).padStart(8)} x ${count}`);
    }
    const usage = await service.usage();
    console.log(`\npeak memory of the service: ${usage?.peakMb.toFixed(0) ?? 'unknown'} MB`);
  } finally {
    await service.stop();
  }
}

await main();
