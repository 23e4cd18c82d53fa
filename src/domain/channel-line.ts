/**
 * A line that a platform gives to one client at a time, such as the one browser that may hold a linked phone. One instance has it, by a lease; what the
 * client needs to get the same line again (the browser's profile) is kept with it, so that another instance can go on.
 */

export interface LineClaim {
  /** Grows with every claim; what a former holder writes carries a smaller number and is refused. */
  readonly fence: number;
  /** Everything that came before this time was stored; null where the line was never up. */
  readonly seenUntil: Date | null;
}

export interface ChannelLines {
  /**
   * Takes the line; null while another instance has it. That one has lost it when nothing was heard of it, from here, for the lease that it asked for:
   * so a claim has to be repeated, and no clocks have to agree. Where there is only one instance nobody is waited for.
   * @param line channel and account
   * @param leaseMs how long nobody else may have it after each `renew`
   */
  claim(line: string, leaseMs: number): Promise<LineClaim | null>;
  /** False: another instance has it by now. Rejects when the database is away. */
  renew(line: string, fence: number, seenUntil: Date | null): Promise<boolean>;
  /** For another instance to take at once. */
  release(line: string, fence: number, seenUntil: Date | null): Promise<void>;

  hasProfile(line: string): Promise<boolean>;
  /** Null where there is none, or it is not whole. */
  loadProfile(line: string): Promise<Buffer | null>;
  /** All or nothing. Throws Error where the line is another's by now: then the former profile stays. */
  saveProfile(line: string, fence: number, profile: Buffer): Promise<void>;
  /** Nothing where the line is another's by now. */
  deleteProfile(line: string, fence: number): Promise<void>;
}
