/**
 * What a channel's fake platform has to offer to take part in chaos. A new channel joins with one file like telegram-platform.ts, added to the list
 * in run.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random } from './random.js';

/** `refused`: given up after an answer that was none of the right ones, or came too late; `unreachable`: no instance was there, or it died. */
export type Delivered = 'taken' | 'refused' | 'unreachable';

/** One customer's conversation as the platform knows it. */
export interface Customer {
  /** For people who read a trace. */
  readonly name: string;
  /** What the service makes of message `number`: names its turn. */
  inboxIdOf(number: number): string;
  /** Hands the message to the service as the platform does, until it is acknowledged, the platform gives it up, or the run is over. */
  deliver(number: number, text: string): Promise<Delivered>;
  /** Hands over once more what was handed over before; one try, whatever comes of it. */
  deliverAgain(number: number, text: string): Promise<void>;
  /** Texts that the customer was shown, first one first. */
  shown(): readonly string[];
}

export interface FakePlatform {
  readonly channel: string;
  /** Variables for the service. */
  readonly environment: Readonly<Record<string, string>>;
  newCustomer(random: Random): Promise<Customer>;
  /** What it did to the service, for the report. */
  counts(): Readonly<Record<string, number>>;
  /** From now on it misbehaves as planned; before, replies are learnt. */
  misbehave(): void;
  close(): Promise<void>;
}

/** The way into the service: one of the instances, as a load balancer would choose it. */
export interface Gateway {
  /** The address of an instance that is up as far as is known; another one at each call where there are several. */
  next(): string;
  /** The same, as long as it lasts, for callers that stay with one. */
  stickTo(index: number): string;
  /** Aborted when the run is over. */
  readonly over: AbortSignal;
}

/** Like sleep, but over at once when the run is. */
export const pause = (ms: number, over: AbortSignal): Promise<void> =>
  sleep(Math.max(0, ms), undefined, { signal: over }).catch((thrown: unknown) => {
    if (!over.aborted) throw thrown;
  });

/** Customers try again until they are heard. */
export const TRY_AGAIN_MS = 150;
/** No answer for this long, and the platform delivers again, elsewhere. */
export const CALL_LIMIT_MS = 4_000;

/** Makes one try, and after each of these waits another, until it is true; false where none was. */
export async function tryAfter(
  waitsMs: Iterable<number>,
  attempt: (attempts: number) => Promise<boolean>,
  over: AbortSignal,
): Promise<boolean> {
  let attempts = 0;
  if (await attempt(attempts)) return true;
  for (const waitMs of waitsMs) {
    await pause(waitMs, over);
    if (over.aborted) return false;
    attempts += 1;
    if (await attempt(attempts)) return true;
  }
  return false;
}

/** Waits of platforms that do not give up within the time of any run. */
export function* again(): Generator<number> {
  for (;;) yield TRY_AGAIN_MS;
}

/** What a platform that gives up makes of its last try. */
export const deliveredBy = (answer: Answer): Delivered => (answer === 200 ? 'taken' : answer === 'unreachable' ? answer : 'refused');

/** The status, or why there is none. */
export type Answer = number | 'late' | 'unreachable';

/** The body is read to its end, or the answer would not be known to be whole. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
  { over, limitMs = CALL_LIMIT_MS }: { readonly over: AbortSignal; readonly limitMs?: number },
): Promise<Answer> {
  try {
    const signal = AbortSignal.any([AbortSignal.timeout(limitMs), over]);
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body, signal });
    await answer.arrayBuffer();
    return answer.status;
  } catch (thrown) {
    const { name } = thrown as Error;
    if (name === 'TimeoutError') return 'late';
    if (name === 'TypeError' || name === 'AbortError') return 'unreachable'; // how fetch says that the network failed, or the run is over
    throw thrown;
  }
}
