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

/** "¿y a Sevilla?": another name behind the same preposition. Without a capital there is no telling what is a name. */
const OTHER_NAME = /^\W*(?:y|and|what about|how about)\s+(a|en|para|desde|to|in|for|from)\s+(\p{Lu}[\p{L}\s]*?)\W*$/u;
/** "¿Cuántos tenéis en stock?" behind a question on a product means that product. */
const ASKS_STOCK = /\b(stock|existencias|disponibles?|available|left)\b/iu;

interface Span {
  readonly start: number;
  readonly end: number;
}
type Read = (text: string) => Entities;

/** The text itself, or the question it refers back to with what it changes put in. */
export function questionOf(turn: Turn, service: UnderstandingService): string {
  const read: Read = (text) => service.understand(text, turn.language).entities;
  const asked = turn.recollection.window
    .filter((message) => message.role === 'user' && message.text !== '' && message.deletedAt === null)
    .slice(-MAX_CHAIN)
    .map((message) => message.text);
  return [...asked, turn.text].reduce((before, text) => {
    if (before === '' || text.trim().split(/\s+/).length > MAX_WORDS) return text;
    if (REFERS_BACK.test(text)) return putInto(before, text, read);
    return ASKS_STOCK.test(text) && namesProduct(before, read) && !namesProduct(text, read) ? both(before, text) : text;
  }, '');
}

const namesProduct = (text: string, read: Read): boolean => read(text).products.length > 0;
const both = (before: string, followUp: string): string => `${before}\n${followUp}`;

/** The question before with all that the follow-up changes in place of its own; both, one behind the other, where nothing matches up. */
function putInto(before: string, followUp: string, read: Read): string {
  const changed = read(followUp);
  let question = before;
  const put = (find: (old: Entities) => Span | undefined, by: string | undefined) => {
    const span = by === undefined ? undefined : find(read(question));
    if (span !== undefined && by !== undefined) question = replace(question, span, by);
  };
  put((old) => old.products[0], changed.products[0]?.text);
  for (const { attribute, text } of changed.attributes) put((old) => old.attributes.find((one) => one.attribute === attribute), text);
  const unit = read(question).measures.at(-1)?.unit;
  put((old) => old.measures.at(-1), changed.measures[0]?.text ?? bareNumber(followUp, unit));
  question = putName(question, followUp);
  return question === before ? both(before, followUp) : question;
}

function bareNumber(text: string, unit: string | undefined): string | undefined {
  const number = BARE_NUMBER.exec(text)?.[0];
  return number === undefined || unit === undefined ? undefined : `${number} ${unit}`;
}

function putName(question: string, followUp: string): string {
  const [, preposition, name] = OTHER_NAME.exec(followUp) ?? [];
  if (preposition === undefined || name === undefined) return question;
  return question.replace(new RegExp(`(?<=\\s${preposition}\\s+)\\p{Lu}\\p{L}*`, 'u'), () => name);
}

const replace = (text: string, span: Span, by: string): string => text.slice(0, span.start) + by + text.slice(span.end);
