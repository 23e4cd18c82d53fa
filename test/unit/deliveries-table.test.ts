/** What an operator reads of deliveries. */
import { describe, expect, it } from '@jest/globals';
import { detailsOf, tableOf } from '../../scripts/deliveries-table.js';
import { type DeliveryView } from '../../src/http/routes/deliveries.js';

const NOW = new Date('2026-01-01T12:00:00Z');
const entry = (change: Partial<DeliveryView> = {}): DeliveryView => ({
  box: 'outbox',
  id: 'msg_1:0',
  conversation_id: 'conv_1',
  channel: 'telegram',
  account: '700700',
  state: 'dead',
  kind: 'text',
  at: '2026-01-01T09:00:00.000Z',
  attempts: 1,
  uncertain: 0,
  next_attempt_at: null,
  reason: { kind: 'recipient-unreachable', message: 'sendMessage: 403 Forbidden' },
  text: null,
  ...change,
});

describe('the table of deliveries', () => {
  it('has one aligned line each, with the reason', () => {
    const lines = tableOf([entry(), entry({ id: 'msg_22:0', state: 'held', uncertain: 2, reason: null })], NOW).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(
      /^3h {3}outbox {2}dead .*telegram {2}text {2}1 {6}msg_1:0 {3}conv_1 .*recipient-unreachable: sendMessage: 403 Forbidden$/,
    );
    expect(lines[2]).toContain('held (2 in doubt)');
    expect(lines[0]?.indexOf('ID')).toBe(lines[2]?.indexOf('msg_22:0'));
    expect(lines[0]).not.toContain('TEXT');
    expect(tableOf([], NOW)).toBe('Nothing.');
  });

  it('shows text where it was asked for, without what could drive the terminal', () => {
    expect(tableOf([entry({ text: 'hola\u001b[2J\nadiós' })], NOW)).toMatch(/TEXT\n.* hola \[2J adiós$/);
  });

  it('tells all about one, a fact a line', () => {
    expect(detailsOf(entry({ uncertain: 1 }), NOW)).toMatch(
      /id {11}msg_1:0\n[^]*since {8}2026-01-01T09:00:00.000Z \(3h ago\)\n[^]*in doubt {5}1 calls/,
    );
  });
});
