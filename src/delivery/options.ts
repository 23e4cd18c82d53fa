/** The limits and times of delivery, with the values that a service runs with. Tests shorten them. */

export interface DeliveryOptions {
  /** A lane is another instance's for the taking after this time without a heartbeat. */
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** How often work that nobody works on is looked for. */
  readonly sweepMs: number;
  /** Turns that are computed at the same time. */
  readonly maxLanes: number;
  /** Events of one conversation in a row while others wait. */
  readonly maxEventsPerVisit: number;
  /** No other instance can be there (embedded engine): lanes of dead owners are taken over at once. */
  readonly soleInstance: boolean;
  /** A turn that takes longer is answered with an apology. */
  readonly turnTimeoutMs: number;
  /** Processes that may die over one event, or attempts that may fail, before it is answered with an apology. */
  readonly maxAttempts: number;
  /** A platform that has not answered a send by then may or may not have taken it. */
  readonly sendTimeoutMs: number;
  /** Sends whose result is not known: made again, or held for a person to look. */
  readonly uncertainSends: 'resend' | 'hold';
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
  /** Overrides the sends a second that the channels declare, for platforms that allow an account more; null: as declared. */
  readonly sendsPerSecond: number | null;
}

export const DELIVERY_DEFAULTS: DeliveryOptions = {
  leaseMs: 15_000,
  heartbeatMs: 5_000,
  sweepMs: 2_000,
  maxLanes: 64,
  maxEventsPerVisit: 5,
  soleInstance: false,
  turnTimeoutMs: 60_000,
  maxAttempts: 3,
  sendTimeoutMs: 30_000,
  uncertainSends: 'resend',
  maxUncertainSends: 3,
  staleMs: 24 * 3_600_000,
  retentionMs: 7 * 24 * 3_600_000,
  maxWaitingEvents: 5_000,
  silentMs: 60_000,
  watchdogMs: 10_000,
  turnPollMs: 250,
  sendsPerSecond: null,
};
