// LMDB's one write transaction, kept open from one commit to the next: reads see what it holds, and many of the engine's transactions share its commit.
import { type RootDatabase } from 'lmdb';

type End = (result?: undefined) => void;

const ABORTED = new Error('aborted');

export class HeldTransaction {
  private ends: { readonly commit: End; readonly abort: (error: Error) => void } | undefined;

  constructor(private readonly db: RootDatabase<Buffer, Uint8Array>) {}

  get isOpen(): boolean {
    return this.ends !== undefined;
  }

  /** lmdb ends a transaction when what its function returned is settled, and calls what it gave to `then` on the spot. */
  begin(): void {
    const settled = {
      then: (commit: End, abort: (error: Error) => void): void => {
        this.ends = { commit, abort };
      },
    };
    this.db.transactionSync(() => settled);
  }

  /** On disk when this returns. Error: that of LMDB, which has then undone all. */
  commit(): void {
    const { commit } = this.take();
    commit();
  }

  abort(): void {
    const { abort } = this.take();
    try {
      abort(ABORTED);
    } catch (error) {
      if (error !== ABORTED) throw error; // lmdb throws on what it is given
    }
  }

  private take(): NonNullable<HeldTransaction['ends']> {
    if (!this.ends) throw new Error('no transaction is open');
    const { ends } = this;
    this.ends = undefined;
    return ends;
  }
}
