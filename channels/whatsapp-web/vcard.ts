/** Name and number of a contact that a customer sends (vCard 3.0, RFC 2426, as WhatsApp writes it). */
import type { InboundContent } from '../../src/domain/content.js';

/** Nobody's card is longer; lines behind it are not read. */
const MAX_CHARS = 20_000;

export function contactOf(vcard: string): Extract<InboundContent, { kind: 'contact' }> {
  // A line that is too long goes on behind a line break and a space.
  const lines = vcard
    .slice(0, MAX_CHARS)
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/);
  const valueOf = (name: string) => lines.find((line) => new RegExp(`^(item\\d+\\.)?${name}[;:]`, 'i').test(line))?.replace(/^[^:]*:/, '');
  const name = valueOf('FN') ?? valueOf('N')?.split(';').filter(Boolean).reverse().join(' ');
  const phone = valueOf('TEL')?.trim();
  return { kind: 'contact', displayName: unescaped(name ?? '').trim(), phone: phone === undefined || phone === '' ? null : phone };
}

const unescaped = (value: string) => value.replace(/\\n/gi, ' ').replace(/\\([,;:\\])/g, '$1');
