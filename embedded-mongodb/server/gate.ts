// The gate between an ending process and the engine's thread. Node ends its threads wherever they are, and LMDB's clean-up waits for the transaction
// that such a thread has open, which is to say for itself: the process would hang. So it closes the gate first, and waits until the thread has let go.

/** Positions in the shared memory. */
const CLOSED = 0;
const INSIDE = 1;

export class Gate {
  private readonly state: Int32Array;

  /** `memory` from `Gate.memory()`, one for the process and the thread. */
  constructor(memory: SharedArrayBuffer) {
    this.state = new Int32Array(memory);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  }

  /** In the thread, before it opens LMDB. Where the gate is closed the thread stays here until it is ended. */
  enter(): void {
    Atomics.store(this.state, INSIDE, 1);
    if (Atomics.load(this.state, CLOSED) === 0) return;
    this.leave();
    Atomics.wait(this.state, CLOSED, 1);
  }

  /** In the thread, when it has let go of LMDB. */
  leave(): void {
    Atomics.store(this.state, INSIDE, 0);
    Atomics.notify(this.state, INSIDE);
  }

  /** In the process: lets no thread in any more, has the one inside told by `tell`, and waits for it; false when that takes longer than `limitMs`. */
  close(tell: () => void, limitMs: number): boolean {
    Atomics.store(this.state, CLOSED, 1);
    tell();
    return Atomics.wait(this.state, INSIDE, 1, limitMs) !== 'timed-out';
  }
}
