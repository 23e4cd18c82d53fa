/**
 * What a chaos run does, all of it decided by its seed before it begins: who writes what and when, what is delivered twice or in another order,
 * which instance dies when, when the database is away and who is frozen. What the machine's own timing makes of it is not.
 */
import { type Random, randomOf, shuffled } from './random.js';

export const CHANNELS = ['telegram', 'web', 'whatsapp', 'slack', 'teams', 'whatsapp-web'] as const;
export type ChaosChannel = (typeof CHANNELS)[number];

export interface ChaosOptions {
  readonly seed: number;
  /** Customers write on each of them in turn. */
  readonly channels: readonly ChaosChannel[];
  readonly messages: number;
  readonly conversations: number;
  readonly instances: number;
  readonly database: 'embedded' | 'mongodb';
  /** In which the messages are written, where the service keeps up. */
  readonly durationMs: number;
  readonly kills: number;
  readonly databaseStops: number;
  readonly databaseStopMs: number;
  readonly freezes: number;
  readonly leaseSeconds: number;
  /** Shares of the messages. Those that are delivered again are half at once, half after `laterMs`. */
  readonly redelivered: number;
  readonly swapped: number;
  readonly laterMs: readonly [least: number, most: number];
  /** Slack's retries of an event that was not taken: after how long each. Its own come at once, after one minute and after five. */
  readonly slackRetriesMs: readonly number[];
}

export const LONG = {
  channels: CHANNELS,
  messages: 10_000,
  conversations: 500,
  instances: 2,
  durationMs: 200_000,
  kills: 20,
  databaseStops: 2,
  databaseStopMs: 10_000,
  freezes: 1,
  leaseSeconds: 5,
  redelivered: 0.1,
  swapped: 0.05,
  laterMs: [60_000, 100_000],
  // A quarter of Slack's own, and longer still than anything is away.
  slackRetriesMs: [0, 15_000, 75_000],
} as const satisfies Partial<ChaosOptions>;

/** For `npm test`: the same things, fewer of them. */
export const SHORT = {
  ...LONG,
  messages: 200,
  conversations: 20,
  durationMs: 9_000,
  kills: 2,
  databaseStops: 1,
  databaseStopMs: 1_500,
  leaseSeconds: 2,
  laterMs: [2_000, 4_000],
  slackRetriesMs: [0, 1_500, 7_500],
} as const satisfies Partial<ChaosOptions>;

export interface PlannedMessage {
  /** In its conversation, in the order in which the customer wrote; names the message on its platform. */
  readonly number: number;
  /** Index into the questions. */
  readonly question: number;
  /** Not delivered before this time since the beginning. */
  readonly atMs: number;
  /** Delivered a second time: so long after the first delivery began; null: not. */
  readonly againAfterMs: number | null;
}

/** The platform delivers the messages in this order: the order of arrival, which is what "in order" refers to. */
export type PlannedConversation = readonly PlannedMessage[];

/** `at`: when this share of all messages has been acknowledged, so that a slow machine does not have it all at the beginning. */
export type Fault =
  | {
      readonly kind: 'kill';
      readonly at: number;
      readonly instance: number;
      /** Also while it starts; else another one is killed then, or this one when it is up. */
      readonly evenStarting: boolean;
    }
  | { readonly kind: 'freeze'; readonly at: number; readonly instance: number; readonly forMs: number }
  | { readonly kind: 'database'; readonly at: number; readonly how: 'SIGSTOP' | 'SIGKILL'; readonly forMs: number };

export interface Plan {
  readonly conversations: readonly PlannedConversation[];
  /** First come first. */
  readonly faults: readonly Fault[];
}

/** @param questions how many there are to choose from */
export function planOf(options: ChaosOptions, questions: number): Plan {
  const conversations = Array.from({ length: options.conversations }, (_, index) => {
    const count = Math.floor(options.messages / options.conversations) + (index < options.messages % options.conversations ? 1 : 0);
    return planConversation(options, count, questions, randomOf(options.seed, `conversation ${index}`));
  });
  return { conversations, faults: planFaults(options, randomOf(options.seed, 'faults')) };
}

function planConversation(options: ChaosOptions, count: number, questions: number, random: Random): PlannedConversation {
  // No question comes again before all others were asked, so that each reply tells which message it answers.
  const order = shuffled([...Array(questions).keys()], random);
  const times = Array.from({ length: count }, () => random() * options.durationMs).sort((one, other) => one - other);
  const numbers = [...Array(count).keys()];
  for (let place = 0; place + 1 < count; place += 1) {
    if (random() >= options.swapped) continue;
    numbers.splice(place, 2, place + 1, place);
    place += 1;
  }
  return numbers.map((number, place) => {
    const atMs = times[place] ?? 0;
    return { number, question: order[number % questions] ?? 0, atMs, againAfterMs: againAfter(options, atMs, random) };
  });
}

/** Only the first half of the run has later redeliveries, twice as many of them, so that there is time for all. */
function againAfter({ redelivered, laterMs, durationMs }: ChaosOptions, atMs: number, random: Random): number | null {
  const chance = random();
  if (chance < redelivered / 2) return random() * 50;
  const [least, most] = laterMs;
  if (atMs < durationMs / 2 && chance < redelivered * 1.5) return least + random() * (most - least);
  return null;
}

/** One in so many kills may hit an instance that is starting. */
const STARTING_EVERY = 5;

function planFaults({ instances, kills, leaseSeconds, ...options }: ChaosOptions, random: Random): Fault[] {
  const within = (index: number, count: number, edge: number) => edge + ((index + random()) / count) * (1 - 2 * edge);
  const chosen = () => Math.floor(random() * instances);
  const stops = Array.from({ length: options.databaseStops }, (_, index): Fault => {
    const how = (index + options.seed) % 2 === 0 ? 'SIGSTOP' : 'SIGKILL';
    return { kind: 'database', at: within(index, options.databaseStops, 0.1), how, forMs: options.databaseStopMs };
  });
  const freezes = Array.from({ length: options.freezes }, (_, index): Fault => {
    const forMs = leaseSeconds * 1000 * (1.3 + random());
    return { kind: 'freeze', at: within(index, options.freezes, 0.3), instance: chosen(), forMs };
  });
  const deaths = Array.from({ length: kills }, (_, index): Fault => {
    return { kind: 'kill', at: within(index, kills, 0.03), instance: chosen(), evenStarting: (index + 1) % STARTING_EVERY === 0 };
  });
  return [...stops, ...freezes, ...deaths].sort((one, other) => one.at - other.at);
}
