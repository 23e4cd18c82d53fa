// How much of a processor an operation takes, which other work on the machine changes less than how fast it is. Linux tells it for each thread.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Nanoseconds a thread was on a processor: the first field of its `schedstat`. */
const MICROS = 1e-3;

/** µs of processor that each thread of a process has used so far, by its id; none where the system does not tell. */
export function threadMicros(pid: number): ReadonlyMap<number, number> {
  const folder = `/proc/${pid}/task`;
  const used = new Map<number, number>();
  for (const thread of existsSync(folder) ? readdirSync(folder) : []) {
    const file = `${folder}/${thread}/schedstat`;
    if (existsSync(file)) used.set(Number(thread), Number(readFileSync(file, 'utf8').split(' ')[0]) * MICROS);
  }
  return used;
}

/** What each thread has used since `before`. */
export function microsSince(before: ReadonlyMap<number, number>, pid: number): Map<number, number> {
  return new Map([...threadMicros(pid)].map(([thread, micros]) => [thread, micros - (before.get(thread) ?? 0)]));
}
