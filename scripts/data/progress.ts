/** The bar that shows how far a command is, on standard error; where that is no terminal, a line every few seconds. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  /** Begins a part of the work; `total` is in documents. */
  begin(what: string, total: number): void;
  advance(documents: number, where: string): void;
  end(): void;
}

export function createProgress(): Progress {
  const bar = new SingleBar({
    format: '  {what} {bar} {percentage}% {value}/{total} documents, {eta_formatted} left  {where}',
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 2000,
    etaBuffer: 100,
  });
  let done = 0;
  let expected = 0;
  return {
    begin(what, total) {
      bar.stop();
      done = 0;
      expected = total;
      bar.start(total, 0, { what, where: '' });
    },
    advance(documents, where) {
      done += documents;
      if (done > expected) bar.setTotal((expected = done)); // more was written while we read
      bar.update(done, { where });
    },
    end: () => bar.stop(),
  };
}
