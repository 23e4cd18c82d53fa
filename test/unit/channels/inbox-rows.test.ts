/** Which cases the web inbox lists, in which order, what stands out of them, and what a search finds. */
import { describe, expect, it } from '@jest/globals';
import type { Row } from '../../../channels/web/page/inbox/wire.js';
import { belongs, clockOf, inOrder, isUnread, matches } from '../../../channels/web/page/inbox/rows.js';

const MARTA = { id: 'inbox:marta', name: 'Marta Ruiz' };

const row = (id: string, change: Partial<Row> = {}): Row => ({
  id,
  seq: 1,
  status: 'new',
  priority: 'normal',
  reasons: [],
  channel: 'web',
  summary: '',
  customer: null,
  agent: null,
  created_at: '2026-03-02T10:00:00.000Z',
  waiting_since: '2026-03-02T10:00:00.000Z',
  score: null,
  team_name: null,
  marks: [],
  customer_seq: 0,
  ...change,
});

describe('the list of cases', () => {
  it('has what is overdue first, then the longest wait, then those whose customer is to write, newest first', () => {
    const rows = [
      row('answered-old', { waiting_since: null, created_at: '2026-03-01T10:00:00.000Z' }),
      row('short', { waiting_since: '2026-03-02T10:30:00.000Z' }),
      row('answered-new', { waiting_since: null, created_at: '2026-03-02T09:00:00.000Z' }),
      row('overdue-short', { waiting_since: '2026-03-02T10:40:00.000Z', marks: ['next:reminded', 'next:breached'] }),
      row('long', { waiting_since: '2026-03-02T08:00:00.000Z', marks: ['first:reminded'] }),
      row('overdue-long', { waiting_since: '2026-03-02T09:00:00.000Z', marks: ['first:breached'] }),
    ];
    expect(rows.sort(inOrder).map(({ id }) => id)).toEqual([
      'overdue-long',
      'overdue-short',
      'long',
      'short',
      'answered-new',
      'answered-old',
    ]);
  });

  it('tells the worst that the clocks have come to', () => {
    expect(clockOf(row('a'))).toBeNull();
    expect(clockOf(row('a', { marks: ['first:reminded'] }))).toBe('reminded');
    expect(clockOf(row('a', { marks: ['first:reminded', 'first:breached', 'unclaimed:told'] }))).toBe('breached');
  });

  it('shows each case where it belongs', () => {
    const mine = row('a', { status: 'claimed', agent: MARTA });
    expect((['open', 'mine', 'closed'] as const).map((which) => belongs(mine, which, MARTA.id))).toEqual([true, true, false]);
    expect(belongs(mine, 'mine', 'inbox:luis')).toBe(false);
    expect(belongs(row('b', { status: 'resolved' }), 'closed', MARTA.id)).toBe(true);
    expect(belongs(row('c', { status: 'returned-to-bot' }), 'open', MARTA.id)).toBe(false);
  });

  it('marks what nobody here has seen, and what the customer did since', () => {
    expect(isUnread(row('a'), new Map())).toBe(true);
    expect(isUnread(row('a', { seq: 9, customer_seq: 4 }), new Map([['a', 4]]))).toBe(false);
    expect(isUnread(row('a', { seq: 9, customer_seq: 5 }), new Map([['a', 4]]))).toBe(true);
    expect(isUnread(row('a', { status: 'resolved', customer_seq: 5 }), new Map())).toBe(false);
  });

  it('is searched by all words, without accents and case', () => {
    const found = row('T-4XK2M9QA', { customer: 'Íñigo Núñez', summary: 'Pedido 4711 roto', agent: MARTA, team_name: 'Ventas' });
    for (const words of ['nunez', 'ÍÑIGO 4711', 't-4xk2', 'marta ventas', ' roto  ']) expect(matches(found, words.trim())).toBe(true);
    for (const words of ['nunez teams', '4712']) expect(matches(found, words)).toBe(false);
  });
});
