/** What a message asks once it is read in its context: "¿y el de 80?" behind a question on a 50 mm panel asks the same of 80 mm. Pure. */
import type { Entities, UnderstandingService } from '../domain/understanding.js';
import type { Turn } from './turn.js';

/** Words that only mean something behind the question before. */
const REFERS_BACK =
  /^\W*(y|e|o|pero|entonces|and|or|but|what about|how about|qué tal|que tal)\b|^\W*(ese|esa|eso|esos|esas|este|esta|it|that|those|them|this|the same|el mismo|la misma)\b/iu;
const MAX_WORDS = 7;
/** Questions back that a chain of "and …?" is followed. */
const MAX_CHAIN = 4;
const BARE_NUMBER = /(?<![\p{L}\p{N}.,])\d+(?:[.,]\d+)?(?![\p{L}\p{N}]|[.,]\d)/u;

type Read = (text: string) => Entities;

/** The text itself, or the question it refers back to with what it changes put in. */
export function questionOf(turn: Turn, service: UnderstandingService): string {
  const read: Read = (text) => service.understand(text, turn.language).entities;
  const asked = turn.recollection.window
    .filter((message) => message.role === 'user' && message.text !== '' && message.deletedAt === null)
    .slice(-MAX_CHAIN)
    .map((message) => message.text);
  return [...asked, turn.text].reduce((before, text) => (before !== '' && refersBack(text) ? putInto(before, text, read) : text), '');
}

const refersBack = (text: string): boolean => REFERS_BACK.test(text) && text.trim().split(/\s+/).length <= MAX_WORDS;

/** The question before with the size or the product of the follow-up in place of its own; both, one behind the other, where they do not match up. */
function putInto(before: string, followUp: string, read: Read): string {
  const [old, changed] = [read(before), read(followUp)];
  const oldMeasure = old.measures.at(-1);
  const newMeasure = changed.measures[0]?.text ?? bareNumber(followUp, oldMeasure?.unit);
  if (oldMeasure !== undefined && newMeasure !== null) return replace(before, oldMeasure, newMeasure);
  const [oldProduct, newProduct] = [old.products[0], changed.products[0]];
  if (oldProduct !== undefined && newProduct !== undefined) return replace(before, oldProduct, newProduct.text);
  return `${before}\n${followUp}`;
}

const bareNumber = (text: string, unit: string | undefined): string | null => {
  const number = BARE_NUMBER.exec(text)?.[0];
  return number === undefined || unit === undefined ? null : `${number} ${unit}`;
};

const replace = (text: string, span: { readonly start: number; readonly end: number }, by: string): string =>
  text.slice(0, span.start) + by + text.slice(span.end);
