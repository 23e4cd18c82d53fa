/** The limits and times of delivery, with the values that a service runs with. Tests shorten them. */
import { forAll, type PerChannel } from '../domain/per-channel.js';

export interface DeliveryOptions {
  /** A lane is another instance's for the taking after this time without a heartbeat. */
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** How often work that nobody works on is looked for. */
  readonly sweepMs: number;
  /** The only instance keeps a lane so long after its last reply, so that a customer who writes on needs no new claim; 0: lets it go at once. */
  readonly restMs: number;
  /** Turns that are computed at the same time. */
  readonly maxLanes: number;
  /** Events of one conversation in a row while others wait. */
  readonly maxEventsPerVisit: number;
  /** Conversations that may wait here for their turn; more stay in the store, and platforms that deliver again are told to. */
  readonly maxWaitingLanes: number;
  /** No other instance can be there (embedded engine): lanes of dead owners are taken over at once. */
  readonly soleInstance: boolean;
  /** A turn that takes longer is answered with an apology. */
  readonly turnTimeoutMs: number;
  /** Tries of an event that may end with the process, or fail, before it is answered with an apology. See turn-runner.ts for who is blamed. */
  readonly maxAttempts: number;
  /** A customer who writes on within this time is answered once, for all of it; 0: each message by itself. */
  readonly debounceMs: PerChannel<number>;
  /** An edit of a message that was answered already is answered again. */
  readonly answerEdits: boolean;
  /** A platform that has not answered a send by then may or may not have taken it. */
  readonly sendTimeoutMs: number;
  /** Sends whose result is not known, and that the platform cannot tell of: made again, or held for a person to look. */
  readonly uncertainSends: PerChannel<'resend' | 'hold'>;
  /** Times that a content whose result is not known is sent again before it is held after all. */
  readonly maxUncertainSends: number;
  /** A reply that is older than this is not sent any more. */
  readonly staleMs: number;
  /** For how long done events are recognised and sent replies kept. */
  readonly retentionMs: number;
  /** Events that may wait for the store; more are refused, so that the platform delivers them again later. */
  readonly maxWaitingEvents: number;
  /** A customer message without an outcome for this long counts as silent. */
  readonly silentMs: number;
  readonly watchdogMs: number;
  /** How often another instance's turn is looked for while somebody waits for it. */
  readonly turnPollMs: number;
  /** Override the sends a second that the channels declare, for platforms that allow more: of an account, to one conversation; null: as declared. */
  readonly sendsPerSecond: number | null;
  readonly sendsPerChat: number | null;
}

export const DELIVERY_DEFAULTS: DeliveryOptions = {
  leaseMs: 15_000,
  heartbeatMs: 5_000,
  sweepMs: 2_000,
  restMs: 2_000,
  maxLanes: 64,
  maxEventsPerVisit: 5,
  maxWaitingLanes: 5_000,
  soleInstance: false,
  turnTimeoutMs: 60_000,
  maxAttempts: 4,
  debounceMs: forAll(0),
  answerEdits: false,
  sendTimeoutMs: 30_000,
  uncertainSends: forAll('resend'),
  maxUncertainSends: 3,
  staleMs: 24 * 3_600_000,
  retentionMs: 7 * 24 * 3_600_000,
  maxWaitingEvents: 2_000,
  silentMs: 60_000,
  watchdogMs: 10_000,
  turnPollMs: 250,
  sendsPerSecond: null,
  sendsPerChat: null,
};

type Configured = Pick<DeliveryOptions, 'leaseMs' | 'sendsPerSecond' | 'sendsPerChat' | 'debounceMs' | 'uncertainSends' | 'answerEdits'>;

/** What an operator chooses of them, out of the whole configuration. */
export function configuredOptions(chosen: Configured, { soleInstance }: Pick<DeliveryOptions, 'soleInstance'>): Partial<DeliveryOptions> {
  const { leaseMs, sendsPerSecond, sendsPerChat, debounceMs, uncertainSends, answerEdits } = chosen;
  return { soleInstance, leaseMs, heartbeatMs: leaseMs / 3, sendsPerSecond, sendsPerChat, debounceMs, uncertainSends, answerEdits };
}
