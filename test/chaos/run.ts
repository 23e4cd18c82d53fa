/** A whole chaos run: starts the service and the fake platforms, does what the plan says, waits until all is quiet and judges. */
import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { canShowPage, CHROMIUM } from '../fakes/whatsapp-web/web-page.js';
import { type ChaosChannel, type ChaosOptions, type Plan, type PlannedConversation, type PlannedMessage, planOf } from './plan.js';
import { type Customer, type Delivered, type FakePlatform, type Gateway, pause } from './platform.js';
import { learnReplies, questionsOfSample } from './questions.js';
import { randomOf } from './random.js';
import { type ChaosService, startChaosService } from './service.js';
import { startSlackPlatform } from './slack-platform.js';
import { readStored } from './stored.js';
import { startTeamsPlatform } from './teams-platform.js';
import { startTelegramPlatform } from './telegram-platform.js';
import { inflict, type Inflicted } from './trouble.js';
import { type Expected, judge, type Judged } from './verdict.js';
import { startWebPlatform } from './web-platform.js';
import { startWhatsAppPlatform } from './whatsapp-platform.js';
import { startWhatsAppWebPlatform } from './whatsapp-web-platform.js';

export interface JudgedConversation {
  readonly channel: string;
  readonly name: string;
  /** Its messages that were taken. */
  readonly conversation: PlannedConversation;
  /** Those that were not, and are delivered no more: see Delivered. */
  readonly refused: number;
  readonly unreachable: number;
  readonly expected: readonly Expected[];
  readonly shown: readonly string[];
  readonly judged: Judged;
}

export interface ChaosResult {
  readonly conversations: readonly JudgedConversation[];
  readonly inflicted: Inflicted;
  readonly redelivered: number;
  readonly swapped: number;
  readonly platforms: readonly { readonly channel: string; readonly counts: Readonly<Record<string, number>> }[];
  /** Instances that ended though nobody killed them. */
  readonly crashes: readonly string[];
  readonly failedStarts: number;
  /** What each process printed last. */
  readonly outputs: readonly { readonly name: string; readonly output: string }[];
  readonly seconds: number;
  /** By channel. */
  readonly waited: Readonly<Record<string, Waited>>;
  /** In which no instance was there. */
  readonly secondsAlone: number;
}

/** What customers waited for, in ms: those of a channel together, and the last of them. */
export interface Waited {
  /** For replies, having written as much as anybody would without one. */
  unanswered: number;
  /** For their message to be taken, or given up. */
  delivering: number;
  /** Since the beginning, until the last message was taken or given up. */
  done: number;
}

/** Nobody is shown anything new for this long: it is over. Longer than a lease, a sweep, the usual backoff and the start of a browser together. */
const QUIET_MS = 120_000;
/** Leases in which what an instance left behind is found and answered. */
const SETTLED_LEASES = 3;
/** Who was not heard writes on after so long; at once, they would write all that they have to a service that is down. */
const AFTER_SILENCE_MS = 5_000;
/** Messages that a customer has written and had no reply to, at most. */
const MAX_UNANSWERED = 4;
const LOOK_MS = 50;
const WATCH_MS = 250;
/** So many at least, or mixing replies up would go unseen. */
const MIN_QUESTIONS = 12;
/** Whatever came twice would come within this time. */
const AFTERWARDS_MS = 1_500;

export async function runChaos(options: ChaosOptions, say: (line: string) => void): Promise<ChaosResult> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-chaos-'));
  const over = new AbortController();
  setMaxListeners(0, over.signal); // everybody listens to it
  const cleanUps: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const gateway = openGateway(over.signal);
    const platforms: FakePlatform[] = [];
    for (const start of platformsOf(options, gateway, say)) {
      const platform = await start();
      cleanUps.push(() => platform.close());
      platforms.push(platform);
    }
    const service = await startChaosService(
      options,
      folder,
      Object.assign({}, ...platforms.map((platform) => platform.environment)) as NodeJS.ProcessEnv,
    );
    cleanUps.push(() => service.stop());
    gateway.open(service);
    return await runOn(options, { service, platforms, over: over.signal, say });
  } finally {
    over.abort();
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

function platformsOf(
  { seed, slackRetriesMs, channels }: ChaosOptions,
  gateway: Gateway,
  say: (line: string) => void,
): readonly (() => Promise<FakePlatform> | FakePlatform)[] {
  const platforms: Readonly<Record<ChaosChannel, () => Promise<FakePlatform> | FakePlatform>> = {
    telegram: () => startTelegramPlatform(seed, gateway),
    web: () => startWebPlatform(gateway),
    whatsapp: () => startWhatsAppPlatform(seed, gateway),
    slack: () => startSlackPlatform(seed, slackRetriesMs, gateway),
    teams: () => startTeamsPlatform(seed, gateway),
    'whatsapp-web': () => startWhatsAppWebPlatform(seed),
  };
  const shown = channels.filter((channel) => channel !== 'whatsapp-web' || canShowPage());
  if (shown.length < channels.length) say(`WhatsApp Web takes no part: it needs ${CHROMIUM} (or CHROMIUM_PATH), and openssl`);
  return shown.map((channel) => platforms[channel]);
}

interface Stage {
  readonly service: ChaosService;
  readonly platforms: readonly FakePlatform[];
  readonly over: AbortSignal;
  readonly say: (line: string) => void;
}

interface Writer {
  readonly platform: FakePlatform;
  readonly customer: Customer;
  readonly conversation: PlannedConversation;
  /** What the platform gave up before it was acknowledged. */
  readonly givenUp: Map<PlannedMessage, Delivered>;
}

async function runOn(options: ChaosOptions, { service, platforms, over, say }: Stage): Promise<ChaosResult> {
  say('the service runs');
  const questions = (await questionsOfSample()).slice(0, Math.max(MIN_QUESTIONS, Math.ceil(options.messages / options.conversations)));
  const plan = planOf(options, questions.length);
  const replies = new Map<FakePlatform, string[]>();
  for (const platform of platforms) replies.set(platform, await learnReplies(platform, questions));
  const writers: Writer[] = [];
  for (const [index, conversation] of plan.conversations.entries()) {
    const platform = platforms[index % platforms.length] as FakePlatform;
    writers.push({
      platform,
      conversation,
      customer: await platform.newCustomer(randomOf(options.seed, `customer ${index}`)),
      givenUp: new Map(),
    });
  }
  for (const platform of platforms) platform.misbehave();
  say(`${questions.length} replies learnt, ${writers.length} customers connected; chaos begins`);

  const began = performance.now();
  const elsewhere: Promise<unknown>[] = [];
  let delivered = 0;
  const waited = Object.fromEntries(platforms.map(({ channel }): [string, Waited] => [channel, { unanswered: 0, delivering: 0, done: 0 }]));
  let secondsAlone = 0;
  const watching = setInterval(() => {
    if (!service.instances.some((instance) => instance.up())) secondsAlone += WATCH_MS / 1000;
  }, WATCH_MS).unref();
  const inflicting = inflict(plan.faults, service, { progress: () => delivered / options.messages, say });
  const onDelivered = () => void (delivered += 1);
  await Promise.all(writers.map((writer) => write(writer, questions, { began, over, elsewhere, onDelivered, waited })));
  const inflicted = await inflicting;
  say(`all ${options.messages} messages delivered, or given up, after ${((performance.now() - began) / 1000).toFixed(0)} s`);
  await Promise.all(elsewhere);
  await untilQuiet(writers, SETTLED_LEASES * options.leaseSeconds * 1000, say);
  const seconds = (performance.now() - began) / 1000;
  clearInterval(watching);

  // Nothing of what is read may still be on its way.
  for (const instance of service.instances) await instance.stop();
  const stored = await readStored({ uri: service.databaseUri, dataDir: service.dataDir });
  const conversations = writers.map(({ platform, customer, conversation: planned, givenUp }): JudgedConversation => {
    // What the platform gave up counts where it was stored all the same: the instance died before it could say so.
    const conversation = planned.filter(
      (message) => !givenUp.has(message) || stored(customer.inboxIdOf(message.number)).inbox !== 'missing',
    );
    const expected = conversation.map(({ number, question }) => ({
      reply: replies.get(platform)?.[question] ?? '',
      stored: stored(customer.inboxIdOf(number)),
    }));
    const shown = [...customer.shown()];
    const notTaken = planned.filter((message) => !conversation.includes(message));
    const counts = {
      refused: notTaken.filter((message) => givenUp.get(message) === 'refused').length,
      unreachable: notTaken.filter((message) => givenUp.get(message) === 'unreachable').length,
    };
    return {
      channel: platform.channel,
      name: customer.name,
      conversation,
      ...counts,
      expected,
      shown,
      judged: judge(expected, shown),
    };
  });
  return {
    conversations,
    inflicted,
    ...countsOf(plan),
    platforms: platforms.map((platform) => ({ channel: platform.channel, counts: platform.counts() })),
    crashes: service.instances.flatMap((instance) => instance.crashes),
    failedStarts: service.instances.reduce((sum, instance) => sum + instance.failedStarts(), 0),
    outputs: [...service.instances, ...(service.database === null ? [] : [service.database])].map(({ name, output }) => ({
      name,
      output: output(),
    })),
    seconds,
    waited,
    secondsAlone,
  };
}

interface Writing {
  readonly began: number;
  readonly over: AbortSignal;
  readonly elsewhere: Promise<unknown>[];
  readonly onDelivered: () => void;
  readonly waited: Readonly<Record<string, Waited>>;
}

/** One customer's messages, one after the other: the next is written when this one was acknowledged or given up, and not before its time. */
async function write(
  { platform, customer, conversation, givenUp }: Writer,
  questions: readonly string[],
  { began, over, elsewhere, onDelivered, waited }: Writing,
): Promise<void> {
  const mine = waited[platform.channel] ?? { unanswered: 0, delivering: 0, done: 0 };
  const since = (then: number) => performance.now() - then;
  for (const [place, message] of conversation.entries()) {
    const { number, question, atMs, againAfterMs } = message;
    const text = questions[question] ?? '';
    await pause(began + atMs - performance.now(), over);
    const deliverAgain = async () => {
      await pause(againAfterMs ?? 0, over);
      // What was given up would come behind later ones, and from a platform that does not do so.
      if (!givenUp.has(message)) await customer.deliverAgain(number, text);
    };
    if (againAfterMs !== null) elsewhere.push(deliverAgain());
    const ready = performance.now();
    await untilHeard(customer, place - givenUp.size, over);
    mine.unanswered += since(ready);
    const delivering = performance.now();
    const delivered = await customer.deliver(number, text);
    mine.delivering += since(delivering);
    mine.done = Math.max(mine.done, since(began));
    if (delivered !== 'taken') {
      givenUp.set(message, delivered);
      await pause(AFTER_SILENCE_MS, over);
    }
    onDelivered();
  }
}

/** Nobody writes on and on to one who does not answer. */
async function untilHeard(customer: Customer, written: number, over: AbortSignal): Promise<void> {
  const since = performance.now();
  while (written - customer.shown().length >= MAX_UNANSWERED && performance.now() - since < QUIET_MS && !over.aborted) {
    await pause(LOOK_MS, over);
  }
}

/** @param settledMs without news, after which those have had their replies whose messages were given up, should they have been stored all the same */
async function untilQuiet(writers: readonly Writer[], settledMs: number, say: (line: string) => void): Promise<void> {
  const waiting = ({ customer, conversation }: Writer, givenUp: number) => new Set(customer.shown()).size < conversation.length - givenUp;
  const certain = () => writers.filter((writer) => waiting(writer, writer.givenUp.size)).length;
  const possible = () => writers.some((writer) => waiting(writer, 0));
  const shownInAll = () => writers.reduce((sum, { customer }) => sum + customer.shown().length, 0);
  let last = { shown: shownInAll(), at: performance.now() };
  for (let looks = 0; possible() && performance.now() - last.at < (certain() > 0 ? QUIET_MS : settledMs); looks += 1) {
    if (looks % 50 === 0) say(`${certain()} customers wait for replies`);
    await sleep(100);
    if (shownInAll() > last.shown) last = { shown: shownInAll(), at: performance.now() };
  }
  await sleep(AFTERWARDS_MS);
}

const countsOf = ({ conversations }: Plan) => ({
  redelivered: conversations.flat().filter((message) => message.againAfterMs !== null).length,
  swapped: conversations.flatMap((messages) => messages.filter(({ number }, place) => number > place)).length,
});

/** Chooses among the instances that are up; where none is known to be, any, which is tried in vain and again. */
function openGateway(over: AbortSignal): Gateway & { open(service: ChaosService): void } {
  let service: Pick<ChaosService, 'instances' | 'urls'> = { instances: [], urls: [] };
  let turn = 0;
  const from = (start: number): string => {
    const { instances, urls } = service;
    const places = urls.map((_url, offset) => (start + offset) % urls.length);
    return urls[places.find((place) => instances[place]?.up() === true) ?? places[0] ?? 0] ?? '';
  };
  return {
    over,
    open: (given) => void (service = given),
    next: () => from((turn += 1)),
    stickTo: (index) => from(index),
  };
}
