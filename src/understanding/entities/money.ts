/** Amounts of money: `20 €`, `€20`, `20 euros`, `USD 1,500`, `2 mil dólares`, `30 céntimos`. */
import type { MoneyEntity } from '../../domain/understanding.js';
import type { Claims } from '../tokens.js';
import type { NumberSpan } from './numbers.js';

/** ISO 4217 by spelling. `$` and `dólares` are taken for US dollars; bare `pesos` name no currency and are left alone. */
const CURRENCIES: readonly (readonly [code: string, spellings: string])[] = [
  ['EUR', '€|euros|euro|eur'],
  ['USD', 'us\\$|\\$|usd|dolares|dolar|dollars|dollar|bucks'],
  ['GBP', '£|gbp|libras esterlinas|pounds sterling|quid'],
  ['MXN', 'mxn|pesos mexicanos'],
  ['COP', 'pesos colombianos'],
  ['ARS', 'pesos argentinos'],
  ['CLP', 'clp|pesos chilenos'],
  ['PEN', 'soles peruanos'],
];
const spellings = CURRENCIES.map(([, list]) => list).join('|');
const AFTER = new RegExp(`^ ?(?:de )?(${spellings})(?![\\p{L}\\p{N}])`, 'u');
const BEFORE = new RegExp(`(?<![\\p{L}\\p{N}])(${spellings}) ?$`, 'u');
const CENTS = /^ ?(?:centimos?|centimo de euro|cents?|cts?)(?!\p{L})/u;
const codes = CURRENCIES.map(([code, list]) => [code, new RegExp(`^(?:${list})$`, 'u')] as const);

const codeOf = (written: string): string | null => codes.find(([, pattern]) => pattern.test(written))?.[0] ?? null;

/** Claims what it reads. */
export function findMoney(text: string, folded: string, numbers: readonly NumberSpan[], claims: Claims): MoneyEntity[] {
  const found: MoneyEntity[] = [];
  for (const number of numbers) {
    if (!claims.isFree(number.start, number.end)) continue;
    const money = readMoney(folded, number);
    if (money === null) continue;
    claims.claim(money.start, money.end);
    found.push({ text: text.slice(money.start, money.end), ...money });
  }
  return found;
}

function readMoney(folded: string, number: NumberSpan): Omit<MoneyEntity, 'text'> | null {
  const behind = folded.slice(number.end, number.end + 24);
  const after = AFTER.exec(behind);
  const afterCode = codeOf(after?.[1] ?? '');
  if (after !== null && afterCode !== null) {
    return { start: number.start, end: number.end + after[0].length, amount: number.value, currency: afterCode };
  }
  const cents = CENTS.exec(behind);
  if (cents !== null) return { start: number.start, end: number.end + cents[0].length, amount: number.value / 100, currency: 'EUR' };
  const before = BEFORE.exec(folded.slice(Math.max(0, number.start - 12), number.start));
  const beforeCode = codeOf(before?.[1] ?? '');
  return before !== null && beforeCode !== null
    ? { start: number.start - before[0].length, end: number.end, amount: number.value, currency: beforeCode }
    : null;
}
