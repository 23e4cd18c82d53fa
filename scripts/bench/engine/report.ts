// How the engine's bench reports: one line for each measurement with both servers, their ratio, and what was aimed at.
import { cpus, loadavg } from 'node:os';
import type { Server } from './servers.js';

/** What a measurement aims at: at least `factor` times the throughput of the real server, or at most `factor` times its time. */
export interface Target {
  readonly kind: 'throughput' | 'time';
  readonly factor: number;
}

const NAME_WIDTH = 46;
const CELL_WIDTH = 24;

/** Samples of one server. */
export interface Samples {
  readonly server: Server['name'];
  readonly values: readonly number[];
}

export function printHeader(unit: string, servers: readonly { readonly name: string }[]): void {
  const names = servers.map(({ name }) => name.padStart(10).padEnd(CELL_WIDTH)).join('');
  console.log(`\n${unit.padEnd(NAME_WIDTH)}${names}${servers.some(({ name }) => name === 'MongoDB') ? 'ratio   target' : ''}`);
}

/** One line: median (least..most) for each server, in the order of the header, and embedded : MongoDB. */
export function printRow(name: string, samples: readonly Samples[], target?: Target): void {
  const of = (wanted: Server['name']): number => median(samples.find(({ server }) => server === wanted)?.values ?? []);
  const ratio = of('embedded') / of('MongoDB');
  const verdict = Number.isNaN(ratio) ? '' : `${ratio.toFixed(2).padEnd(8)}${verdictOf(ratio, of('any server') / of('MongoDB'), target)}`;
  console.log(`${name.padEnd(NAME_WIDTH)}${samples.map(({ values }) => cell(values)).join('')}${verdict}`);
}

/** `most` is the ratio that no server can exceed because of the driver; NaN where it was not measured. */
function verdictOf(ratio: number, most: number, target: Target | undefined): string {
  if (!target) return '';
  const met = target.kind === 'throughput' ? ratio >= target.factor : ratio <= target.factor;
  const missed = most < target.factor ? `MISSED; the driver allows ${most.toFixed(2)}` : 'MISSED';
  return `${target.kind === 'throughput' ? 'at least' : 'at most'} ${target.factor}: ${met ? 'met' : missed}`;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function cell(values: readonly number[]): string {
  const [least, middle, most] = [Math.min(...values), median(values), Math.max(...values)].map(shown);
  return `${(middle ?? '').padStart(9)} (${least}..${most})`.padEnd(CELL_WIDTH);
}

function shown(value: number): string {
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

const CALIBRATION_ROUNDS = 20;

/** Prints how steady the machine is: the same fixed piece of work again and again, in ms. */
export function printMachine(when: string): void {
  const times = Array.from({ length: CALIBRATION_ROUNDS }, fixedWork);
  console.log(
    `${when}: ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1) ?? '?'}, ` +
      `a fixed piece of work ${median(times).toFixed(1)} ms (${Math.min(...times).toFixed(1)}..${Math.max(...times).toFixed(1)})`,
  );
}

function fixedWork(): number {
  const began = performance.now();
  let sum = 0;
  for (let index = 0; index < 5_000_000; index += 1) sum = (sum * 31 + index) | 0;
  return sum === 0.5 ? NaN : performance.now() - began; // the sum is looked at so that the loop is not left out
}
