/** What the doctor found, as an operator reads it in a terminal: a line for each check, with what to do under those that are not well. Pure. */
import type { Finding } from '../src/domain/channel.js';

export interface Examined {
  /** `service`, `telegram`, … */
  readonly part: string;
  readonly findings: readonly Finding[];
}

const MARKS: Readonly<Record<Finding['state'], string>> = { ok: '✓', wrong: '✗', unknown: '?' };

export function doctorReport(parts: readonly Examined[]): string {
  const width = Math.max(...parts.flatMap(({ findings }) => findings.map(({ check }) => check.length)));
  const blocks = parts.map(({ part, findings }) =>
    [
      part,
      ...findings.flatMap(({ check, state, detail, remedy }) => [
        `  ${MARKS[state]} ${check.padEnd(width)}  ${detail}`,
        ...(remedy === null ? [] : [`    ${' '.repeat(width)}  → ${remedy}`]),
      ]),
    ].join('\n'),
  );
  const wrong = parts.flatMap(({ findings }) => findings).filter(({ state }) => state === 'wrong').length;
  return [
    ...blocks,
    wrong === 0 ? 'Nothing is wrong.' : `${wrong} ${wrong === 1 ? 'check needs' : 'checks need'} your attention (✗).`,
  ].join('\n\n');
}

export const isWell = (parts: readonly Examined[]): boolean =>
  parts.every(({ findings }) => findings.every(({ state }) => state !== 'wrong'));
