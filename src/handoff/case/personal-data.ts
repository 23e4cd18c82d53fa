/** Leaves out of a text what tells who somebody is, so that what was written to one customer can be shown as a pattern for another. Pure. */
import { fold } from '../../text/words.js';

const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}/gu;
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g;
/** Numbers of orders, invoices, tickets, identity cards: letters and digits in one piece, with at least four digits. */
const REFERENCE = /(?<![\p{L}\p{N}])(?=(?:[\p{L}-]*\d){4})[\p{L}\d]+(?:[-/][\p{L}\d]+)*(?![\p{L}\p{N}])/gu;
const PHONE = /(?<![\p{L}\p{N}])\+?\d(?:[ .()-]{0,2}\d){6,14}(?![\p{L}\p{N}])/gu;
const LEFT_OUT = '[…]';
const LEAST_NAME = 2;

/** @param names of the people in it, as they are known: each of their words is left out */
export function withoutPersonalData(text: string, names: readonly string[]): string {
  const masked = [EMAIL, IBAN, REFERENCE, PHONE].reduce((before, pattern) => before.replace(pattern, LEFT_OUT), text);
  const known = new Set(names.flatMap((name) => fold(name).match(/\p{L}+/gu) ?? []).filter((part) => part.length >= LEAST_NAME));
  const named = masked.replace(/\p{L}[\p{L}\p{M}]*/gu, (word) => (known.has(fold(word)) ? LEFT_OUT : word));
  return named.replace(/\[…\](?:[ ,]*\[…\])+/g, LEFT_OUT);
}
