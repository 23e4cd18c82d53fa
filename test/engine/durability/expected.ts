// What has to be in the database after a kill: what was acknowledged, and for what was on its way at that moment either before or after.

export interface Row {
  readonly _id: string;
  readonly n: number;
  readonly code: string;
  readonly group: number;
  /** The last `updateMany` over all rows that reached it. */
  readonly sweep: number;
}

interface Known {
  /** As last acknowledged; absent: not there. */
  row: Row | undefined;
  /** The change on its way, if any. */
  pending: { readonly row: Row | undefined } | undefined;
  /** The last acknowledged `updateMany` that began when the row was there. */
  sweptTo: number;
}

export class Expected {
  private readonly known = new Map<string, Known>();
  private readonly present = new Map<string, boolean | undefined>();
  acknowledged = 0;

  /** Notes that a row is about to become `row` (absent: go); the result notes that this was acknowledged. */
  begin(id: string, row: Row | undefined): () => void {
    let known = this.known.get(id);
    if (!known) this.known.set(id, (known = { row: undefined, pending: undefined, sweptTo: 0 }));
    const target = known;
    target.pending = { row };
    return () => {
      target.row = row;
      target.pending = undefined;
      this.acknowledged += 1;
    };
  }

  /** An `updateMany` that gives all rows at least this `sweep` begins. */
  beginSweep(sweep: number): () => void {
    const there = [...this.known.values()].filter((known) => known.row && !known.pending);
    return () => {
      for (const known of there) known.sweptTo = sweep;
      this.acknowledged += 1;
    };
  }

  /** A thing with a name (an index, a collection) is about to be there or gone. */
  beginNamed(name: string, there: boolean): () => void {
    this.present.set(name, undefined);
    return () => {
      this.present.set(name, there);
      this.acknowledged += 1;
    };
  }

  /** Acknowledged writes that are not to be found. What is found is from now on what was acknowledged. */
  lost(rows: ReadonlyMap<string, Row>, names: ReadonlySet<string>): string[] {
    const lost: string[] = [];
    for (const [id, known] of this.known) {
      const actual = rows.get(id);
      const fits = [known.row, ...(known.pending ? [known.pending.row] : [])].some((row) => isSame(row, actual));
      if (!fits)
        lost.push(`${id}: expected ${show(known.row)}${known.pending ? ` or ${show(known.pending.row)}` : ''}, found ${show(actual)}`);
      if (actual && actual.sweep < known.sweptTo) lost.push(`${id}: missed the updateMany ${known.sweptTo}, has ${actual.sweep}`);
      if (actual) Object.assign(known, { row: actual, pending: undefined });
      else this.known.delete(id);
    }
    for (const [name, there] of this.present) {
      if (there !== undefined && there !== names.has(name)) lost.push(`${name}: expected ${there ? 'to be there' : 'to be gone'}`);
      this.present.set(name, names.has(name));
    }
    return lost;
  }
}

/** `sweep` is checked by itself. */
function isSame(a: Row | undefined, b: Row | undefined): boolean {
  if (!a || !b) return a === b;
  return a.n === b.n && a.code === b.code && a.group === b.group;
}

function show(row: Row | undefined): string {
  return row ? JSON.stringify(row) : 'nothing';
}
