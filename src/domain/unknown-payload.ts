/** What platforms sent that this version does not know, kept for a while so that somebody can look at it and teach the channel. */

export interface UnknownPayload {
  readonly channel: string;
  readonly account: string;
  /** Why it was not processed; says nothing of its content. */
  readonly reason: string;
  /** JSON text as it came. It may hold what a customer wrote. */
  readonly payload: string;
}

export interface KeptPayload extends UnknownPayload {
  /** `unk_…`, derived: the same payload again is counted, not kept twice. */
  readonly id: string;
  readonly times: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

export interface UnknownPayloadStore {
  /** Resolves once it is kept, or once it is known that enough of its kind are. Rejects when the database is away. */
  keep(payload: UnknownPayload): Promise<void>;
  /** Latest first. */
  list(limit: number): Promise<KeptPayload[]>;
}
