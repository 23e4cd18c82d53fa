/**
 * E-mail addresses, telephone numbers, and order, invoice and ticket references. Read before everything else, so that the figures in them are
 * not taken for quantities.
 */
import type { ReferenceEntity } from '../../domain/understanding.js';
import type { Claims } from '../tokens.js';

const EMAIL = /(?<![\p{L}\p{N}.])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,4}/gu;
const URL_PATTERN = /(?:https?:\/\/|www\.)[^\s<>"]{1,2000}/gu;
/** Our own tickets: `T-` and eight characters of Crockford's base 32 (domain/ticket). */
const OWN_TICKET = /(?<![\p{L}\p{N}-])t-[0-9a-hjkmnp-tv-z]{8}(?![\p{L}\p{N}-])/gu;

type NumberedKind = 'order' | 'invoice' | 'ticket';
const KIND_WORDS: Readonly<Record<NumberedKind, string>> = {
  order: 'pedidos?|orden(?:es)?|orders?|compra|encargo|presupuesto|quote|cotizacion|albaran|purchase',
  invoice: 'facturas?|invoices?|recibo|receipt|bill',
  ticket: 'tickets?|casos?|incidencias?|cases?|reclamacion|expediente',
};
const kindPatterns = (Object.entries(KIND_WORDS) as [NumberedKind, string][]).map(
  ([kind, words]) => [kind, new RegExp(`(?<!\\p{L})(?:${words})(?!\\p{L})`, 'gu')] as const,
);

/** What follows the kind's name: `pedido n.º SN-2026-004512`, `order number is 4512`, `factura: F26-031245`. */
const NAMED_CODE =
  /(?<!\p{L})(?:pedidos?|orden(?:es)?|orders?|compra|encargo|presupuesto|quote|cotizacion|albaran|purchase|facturas?|invoices?|recibo|receipt|bill|tickets?|casos?|incidencias?|cases?|reclamacion|expediente|referencia|reference|ref)(?: (?:con |con el |with |is |es |es el |my |mi |the |el |de )?)?(?:[ .:]?(?:numero|number|num|nro|n\.?[ºo°]|n|id|referencia|reference|ref|codigo|code)(?![\p{L}])\.?(?: is| es)?)?[ :.=#]{0,3}((?=[a-z/-]{0,8}\d)[a-z0-9][a-z0-9/-]{2,24})(?![\p{L}\p{N}])/gu;
/** A code that stands alone: `SN-2026-004512`, `PR-2026-01877`, `F26-031245`, `#4512`. */
const LONE_CODE = /(?<![\p{L}\p{N}/.-])(?:[a-z]{1,4}-?\d{2,4}-\d{3,10}|#\d{3,12})(?![\p{L}\p{N}-])/gu;
const NAME_REACH = 32;

const PHONE_RUN = /(?<![\p{L}\p{N}@#.,/-])(?:\+|\()?\(?\d[\d ().-]{5,26}/gu;
/** How numbers of nine to eleven figures are grouped in Spain, North America, Mexico and Argentina; other rows of figures are thicknesses, sizes and the like. */
const PHONE_SHAPE =
  /^(?:\d{9,15}|[6-9]\d{2}[ .-]\d{3}[ .-]\d{3}|[6-9]\d{2}(?:[ .-]\d{2}){3}|[89]\d[ .-]\d{3}(?:[ .-]\d{2}){2}|\(?\d{3}\)?[ .-]{0,2}\d{3}[ .-]\d{4}|\(?\d{2}\)?[ .-]\d{4}[ .-]\d{4})$/;
const PHONE_WORD =
  /(?<!\p{L})(?:tel|telf|tfno|telefono|movil|celular|cel|numero|whatsapp|wasap|phone|mobile|call|llama\p{L}*|number|contact\p{L}*)(?!\p{L})[^\d\n]{0,24}$/u;

/** Claims what it reads, web addresses included. `isProductCode` tells catalogue codes, which are no references. */
export function findReferences(text: string, folded: string, claims: Claims, isProductCode: (code: string) => boolean): ReferenceEntity[] {
  const found: ReferenceEntity[] = [];
  const add = (kind: ReferenceEntity['kind'], start: number, end: number, value: string): void => {
    if (!claims.isFree(start, end)) return;
    claims.claim(start, end);
    found.push({ text: text.slice(start, end), start, end, kind, value });
  };
  for (const match of text.matchAll(EMAIL)) add('email', match.index, match.index + match[0].length, match[0].toLowerCase());
  for (const match of folded.matchAll(URL_PATTERN)) claims.claim(match.index, match.index + match[0].length);
  for (const match of folded.matchAll(OWN_TICKET)) add('ticket', match.index, match.index + match[0].length, match[0].toUpperCase());
  for (const match of folded.matchAll(NAMED_CODE)) {
    const code = match[1] ?? '';
    const end = match.index + match[0].length;
    if (isProductCode(code) || /^\d{1,2}$/.test(code) || isMeasured(code, folded.slice(end, end + 8))) continue;
    add(kindNear(folded, end - code.length), end - code.length, end, code.toUpperCase());
  }
  for (const match of folded.matchAll(LONE_CODE)) {
    if (isProductCode(match[0])) continue;
    add(kindNear(folded, match.index), match.index, match.index + match[0].length, match[0].replace('#', '').toUpperCase());
  }
  for (const match of folded.matchAll(PHONE_RUN)) addPhone(folded, match, add);
  return found.sort((a, b) => a.start - b.start);
}

/** `orden de 100 paneles`, `pedido de 50mm`: a plain number with goods or a unit behind it is an amount. */
const isMeasured = (code: string, behind: string): boolean =>
  (/^\d+$/.test(code) && /^ ?(?:\p{L}{2,}|[€$%])/u.test(behind)) || /^\d+(?:mm|cm|m|kg|m2|x\d+)$/.test(code);

/** The kind whose name stands nearest before the code; `F26-…` without a name is an invoice, everything else an order. */
function kindNear(folded: string, at: number): NumberedKind {
  const before = folded.slice(Math.max(0, at - NAME_REACH), at);
  let best: { kind: NumberedKind; at: number } | null = null;
  for (const [kind, pattern] of kindPatterns) {
    const last = [...before.matchAll(pattern)].at(-1);
    if (last !== undefined && (best === null || last.index > best.at)) best = { kind, at: last.index };
  }
  return best?.kind ?? (/^(?:f|fac|inv)-?\d/.test(folded.slice(at, at + 6)) ? 'invoice' : 'order');
}

/** Nine figures or more in a usual grouping, or seven where the words before say that it is a telephone. E.164 where it is written with its country. */
function addPhone(folded: string, match: RegExpExecArray, add: (kind: 'phone', start: number, end: number, value: string) => void): void {
  const written = match[0].replace(/[^\d]+$/, '');
  const end = match.index + written.length;
  if (/^[\p{L}\p{N}@/,]/u.test(folded.slice(end, end + 1)) && !/^, /.test(folded.slice(end, end + 2))) return;
  const digits = written.replace(/\D/g, '');
  const international = /^\(?\+|^00/.test(written) && digits.length >= 9;
  const named = PHONE_WORD.test(folded.slice(Math.max(0, match.index - NAME_REACH), match.index));
  if (digits.length > 15 || digits.length < 7 || !(international || named || PHONE_SHAPE.test(written))) return;
  add('phone', match.index, end, international ? `+${digits.replace(/^00/, '')}` : digits);
}
