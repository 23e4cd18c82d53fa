/** Lines in memory: as many instances as are made of it share them. The real ones have tests of their own, on both databases. */
import type { ChannelLines, LineClaim } from '../../../src/domain/channel-line.js';

export class FakeLines {
  owner: object | null = null;
  fence = 0;
  seenUntil: Date | null = null;
  profile: Buffer | null = null;
  /** Set: the database is away. */
  away = false;
  #beatAt = 0;

  /** One instance's view. */
  instance(): ChannelLines {
    const self = {};
    const mine = (fence: number) => this.owner === self && this.fence === fence;
    const reach = () => {
      if (this.away) throw new Error('the database is away');
    };
    return {
      claim: async (_line, leaseMs): Promise<LineClaim | null> => {
        reach();
        if (this.owner !== null && performance.now() - this.#beatAt < leaseMs) return null;
        this.owner = self;
        this.fence += 1;
        this.#beatAt = performance.now();
        return { fence: this.fence, seenUntil: this.seenUntil };
      },
      renew: async (_line, fence, seenUntil) => {
        reach();
        if (!mine(fence)) return false;
        this.#beatAt = performance.now();
        this.seenUntil = seenUntil ?? this.seenUntil;
        return true;
      },
      release: async (_line, fence, seenUntil) => {
        reach();
        if (!mine(fence)) return;
        this.owner = null;
        this.seenUntil = seenUntil ?? this.seenUntil;
      },
      hasProfile: async () => this.profile !== null,
      loadProfile: async () => this.profile,
      saveProfile: async (_line, fence, bytes) => {
        if (!mine(fence)) throw new Error('not ours');
        this.profile = bytes;
      },
      deleteProfile: async (_line, fence) => {
        if (mine(fence)) this.profile = null;
      },
    };
  }
}
