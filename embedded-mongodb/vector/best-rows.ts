// The rows with the best scores seen so far: a heap with the worst of them on top, so that most rows cost one comparison.

export interface Scored {
  readonly row: number;
  readonly record: number;
  readonly score: number;
}

export class BestRows {
  private readonly heap: Scored[] = [];

  constructor(private readonly limit: number) {}

  /** A row below this score is not among the best. */
  get threshold(): number {
    return this.heap.length < this.limit ? -Infinity : (this.heap[0] as Scored).score;
  }

  /** Equal scores: the older record, which has the lower number, wins. Call it only with a score of at least the threshold. */
  add(scored: Scored): void {
    const { heap } = this;
    if (heap.length < this.limit) {
      heap.push(scored);
      this.rise(heap.length - 1);
    } else if (isBetter(scored, heap[0] as Scored)) {
      heap[0] = scored;
      this.sink();
    }
  }

  /** Best first. */
  sorted(): Scored[] {
    return [...this.heap].sort((a, b) => (isBetter(a, b) ? -1 : 1));
  }

  private rise(start: number): void {
    const { heap } = this;
    for (let at = start; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!isBetter(heap[parent] as Scored, heap[at] as Scored)) return;
      this.swap(parent, at);
      at = parent;
    }
  }

  private sink(): void {
    const { heap } = this;
    for (let at = 0; ;) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && isBetter(heap[worst] as Scored, heap[child] as Scored)) worst = child;
      }
      if (worst === at) return;
      this.swap(worst, at);
      at = worst;
    }
  }

  private swap(a: number, b: number): void {
    const { heap } = this;
    [heap[a], heap[b]] = [heap[b] as Scored, heap[a] as Scored];
  }
}

function isBetter(a: Scored, b: Scored): boolean {
  return a.score > b.score || (a.score === b.score && a.record < b.record);
}
