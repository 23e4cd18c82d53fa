/** Quantities: `20 paneles`, `veinte placas`, `3x tornillos`, or a bare number. Runs last of the readers of numbers and takes what is left. */
import type { QuantityEntity } from '../../domain/understanding.js';
import type { Claims } from '../tokens.js';
import type { NumberSpan } from './numbers.js';

/** What `un` and `one` may count without being an article. */
const COUNTED =
  /^(?:unidad|unidades|uds?|caja|palet|pallet|placa|plancha|panel|rollo|saco|bote|cartucho|bolsa|paquete|pieza|lamina|chapa|plato|unit|box|board|sheet|roll|bag|can|cartridge|pack|piece)$/;
/** Counted, but no goods: times, days, shares, steps. */
const NOT_GOODS =
  /^(?:h|hs|hrs?|horas?|am|pm|min|mins|minutos?|minutes?|segundos?|seconds?|hours?|dias?|days?|semanas?|weeks?|mes|meses|months?|anos?|years?|veces|vez|times?|grados?|degrees?|por ciento|percent|c|f|w|kw|v|k|kpa|db|hz)$/;
const FUNCTION_WORD =
  /^(?:el|la|los|las|y|o|u|e|en|con|sin|por|para|que|si|no|mas|menos|a|al|lo|es|son|se|me|te|mi|tu|su|como|and|or|in|on|at|to|for|with|is|are|the|than|more|less|please|gracias|thanks|i|it|my|your|from|would|will|may|puntos?)$/;
const NOUN = /^ ?(?:x |\* ?)?(?:de |of (?:the )?)?(\p{L}{1,24})/u;
/** Clock times, percentages, temperatures, sizes without unit (`60x60`), numbered things. */
const NO_QUANTITY_AFTER = /^(?:[:%ºª°]| ?%| ?°| ?[x×/] ?\d|[.,:/-]\d)/;
const NO_QUANTITY_BEFORE =
  /(?:[:/#-]|\d ?[x×] ?|(?<!\p{L})(?:a las?|at|opcion|option|numero|number|no|paso|step|pagina|page|calle|articulo|section|version))\s?$/u;

export function findQuantities(text: string, folded: string, numbers: readonly NumberSpan[], claims: Claims): QuantityEntity[] {
  const found: QuantityEntity[] = [];
  for (const number of numbers) {
    if (!claims.isFree(number.start, number.end)) continue;
    const quantity = readQuantity(text, folded, number);
    if (quantity === null || !claims.isFree(quantity.start, quantity.end)) continue;
    claims.claim(number.start, number.end);
    found.push(quantity);
  }
  return found;
}

function readQuantity(text: string, folded: string, number: NumberSpan): QuantityEntity | null {
  if (number.value <= 0 || !Number.isFinite(number.value)) return null;
  if (
    NO_QUANTITY_AFTER.test(folded.slice(number.end, number.end + 4)) ||
    NO_QUANTITY_BEFORE.test(folded.slice(Math.max(0, number.start - 12), number.start))
  ) {
    return null;
  }
  const match = NOUN.exec(folded.slice(number.end, number.end + 40));
  const word = match?.[1] ?? '';
  if (NOT_GOODS.test(word)) return null;
  const counts = match !== null && word.length > 1 && !FUNCTION_WORD.test(word);
  if (number.article && !COUNTED.test(word.replace(/(?:es|s)$/, '')) && !COUNTED.test(word)) return null;
  if (number.fraction && !counts) return null;
  const end = counts ? number.end + match[0].length : number.end;
  return {
    text: text.slice(number.start, end),
    start: number.start,
    end,
    value: number.value,
    noun: counts ? text.slice(end - word.length, end) : null,
  };
}
