/** The fuzz over recorded payloads: whatever is done to one, a channel answers it calmly and makes no more events of it than were in it. */
import type { Received } from '../../src/domain/channel.js';
import { randomOf } from '../chaos/random.js';
import { mutated } from './mutate.js';
import type { FuzzTarget, RecordedPayload } from './recorded.js';

export interface FuzzResult {
  readonly mutations: number;
  /** By status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly events: number;
  readonly ignored: number;
  readonly slowestMs: number;
  /** What is wrong, with the payload that shows it; the first few. */
  readonly faults: readonly string[];
}

const MAX_FAULTS = 5;
const SLOW_MS = 2_000;
const KINDS: ReadonlySet<string> = new Set(['message', 'edit', 'delete', 'reaction', 'membership', 'status']);

export async function fuzzPayloads(target: FuzzTarget, { mutations, seed }: { mutations: number; seed: number }): Promise<FuzzResult> {
  const random = randomOf(seed, target.channel.name);
  const statuses: Record<string, number> = {};
  const counts = new Map<RecordedPayload, number>();
  const faults: string[] = [];
  let events = 0;
  let ignored = 0;
  let slowestMs = 0;
  for (let done = 0; done < mutations && faults.length < MAX_FAULTS; done += 1) {
    const recorded = target.payloads[Math.floor(random() * target.payloads.length)];
    if (recorded === undefined) throw new Error(`${target.channel.name} has no recorded payloads`);
    // What is ignored as it is may be one event once it is changed, never more.
    const most = counts.get(recorded) ?? Math.max(1, madeOf(await target.channel.receive(recorded.request(recorded.payload))));
    counts.set(recorded, most);
    const payload = mutated(recorded.payload, random);
    const began = performance.now();
    const received = await target.channel.receive(recorded.request(payload)).catch((thrown: unknown) => thrown as Error);
    const tookMs = performance.now() - began;
    slowestMs = Math.max(slowestMs, tookMs);
    const fault = received instanceof Error ? `threw ${received.stack ?? received.message}` : faultOf(target, received, most, tookMs);
    if (fault !== null) faults.push(`${recorded.name}, mutation ${done}: ${fault}\n${JSON.stringify(payload).slice(0, 2000)}`);
    if (received instanceof Error) continue;
    statuses[received.reply.status] = (statuses[received.reply.status] ?? 0) + 1;
    events += madeOf(received);
    ignored += received.ignored.length;
  }
  return { mutations, statuses, events, ignored, slowestMs, faults };
}

/** What customers or people of ours did. */
const madeOf = ({ events, desk = [] }: Received): number => events.length + desk.length;

function faultOf({ channel }: FuzzTarget, received: Received, most: number, tookMs: number): string | null {
  const { reply, events, ignored, desk = [] } = received;
  if (reply.status >= 500) return `answered ${reply.status}`;
  if (tookMs > SLOW_MS) return `took ${Math.round(tookMs)} ms`;
  if (madeOf(received) > most) return `made ${madeOf(received)} events where there were ${most} at most`;
  if (reply.status >= 400 && madeOf(received) > 0) return `answered ${reply.status} and made events`;
  if (desk.some((request) => JSON.stringify(request) === undefined || 'polluted' in request))
    return 'a request of the desk that is no plain data';
  for (const event of events) {
    if (event.channel !== channel.name || event.account !== channel.account) return 'an event of another channel or account';
    if (!KINDS.has(event.kind) || event.eventId === '' || event.threadKey === '' || event.sender.userId === '')
      return 'an event without its ids';
    if (event.sentAt !== null && Number.isNaN(event.sentAt.getTime())) return 'an event at no time';
    if (JSON.stringify(event) === undefined || 'polluted' in event) return 'an event that is no plain data';
  }
  if ('polluted' in {}) return 'the prototype of all objects was changed';
  if (ignored.some(({ reason }) => reason === '')) return 'ignored without a reason';
  return null;
}
