/** What an operator reads of the doctor. */
import { describe, expect, it } from '@jest/globals';
import { doctorReport, isWell } from '../../scripts/doctor-report.js';
import type { Finding } from '../../src/domain/channel.js';

const finding = (check: string, state: Finding['state'], remedy: string | null = null): Finding => ({
  check,
  state,
  detail: 'as it is',
  remedy,
});

describe('the doctor’s report', () => {
  it('has a line for each check, what to do under it, and a verdict', () => {
    const parts = [
      { part: 'service', findings: [finding('database', 'ok')] },
      { part: 'telegram (42)', findings: [finding('token', 'ok'), finding('webhook', 'wrong', 'Set it.'), finding('groups', 'unknown')] },
    ];
    expect(doctorReport(parts).split('\n')).toEqual([
      'service',
      '  ✓ database  as it is',
      '',
      'telegram (42)',
      '  ✓ token     as it is',
      '  ✗ webhook   as it is',
      '              → Set it.',
      '  ? groups    as it is',
      '',
      '1 check needs your attention (✗).',
    ]);
    expect(isWell(parts)).toBe(false);
  });

  it('is content with what nobody can know', () => {
    const parts = [{ part: 'teams', findings: [finding('webhook', 'unknown')] }];
    expect(isWell(parts)).toBe(true);
    expect(doctorReport(parts)).toContain('Nothing is wrong.');
  });
});
