/** Leaves out of a text what tells who somebody is, so that what was written to one customer can be shown as a pattern for another. Pure. */
import { fold } from '../../text/words.js';

const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}/gu;
const HANDLE = /(?<![\p{L}\p{N}])@[\p{L}\p{N}_.]{2,}/gu;
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g;
/** Numbers of orders, invoices, tickets, identity cards: letters and digits in one piece, with at least four digits. */
const REFERENCE = /(?<![\p{L}\p{N}])(?=(?:[\p{L}-]*\d){4})[\p{L}\d]+(?:[-/][\p{L}\d]+)*(?![\p{L}\p{N}])/gu;
/** Shorter ones are known by what they are the number of. */
const NUMBERED =
  /(?<!\p{L})((?:pedido|factura|albar[aá]n|presupuesto|caso|expediente|referencia|order|invoice|quote|case|reference|ref\.?)(?:\s+(?:n[.º°]*|n[uú]m(?:ero)?\.?|number|no\.))?[\s:#]+)#?\p{L}{0,4}[-/]?\d[\p{L}\d/-]*/giu;
const PHONE = /(?<![\p{L}\p{N}])\+?\d(?:[ .()-]{0,2}\d){6,14}(?![\p{L}\p{N}])/gu;
const STREET =
  /(?<![\p{L}\p{N}])(?:c\/|(?:calle|avenida|avda\.?|av\.|plaza|pza\.?|paseo|carretera|ctra\.?|camino|ronda|traves[ií]a|urbanizaci[oó]n)(?=\s))[^,.;\n]{2,40}?,?\s*(?:n[.º°]*\s*)?\d{1,4}(?!\p{N})(?:,?\s*\d{1,2}\s*[ºª°]\s*(?:\p{L}(?!\p{L}))?)?/giu;
const ENGLISH_STREET =
  /(?<![\p{L}\p{N}])\d{1,4}\s+(?:\p{Lu}[\p{L}'’-]*\s+){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Way)(?!\p{L})/gu;

const LEFT_OUT = '[…]';
const LEAST_NAME = 2;

/** @param names of the people in it, as they are known: each of their words is left out */
export function withoutPersonalData(text: string, names: readonly string[]): string {
  const numbered = text.replace(NUMBERED, `$1${LEFT_OUT}`);
  const masked = [EMAIL, HANDLE, IBAN, STREET, ENGLISH_STREET, REFERENCE, PHONE].reduce(
    (before, pattern) => before.replace(pattern, LEFT_OUT),
    numbered,
  );
  const known = new Set(names.flatMap((name) => fold(name).match(/\p{L}+/gu) ?? []).filter((part) => part.length >= LEAST_NAME));
  const named = masked.replace(/\p{L}[\p{L}\p{M}]*/gu, (word) => (known.has(fold(word)) ? LEFT_OUT : word));
  return named.replace(/\[…\](?:[ ,]*\[…\])+/g, LEFT_OUT);
}

/** What comes before a name: people say who they are, or are called by it. */
const SAYS_WHO =
  /(?<!\p{L})(?:me llamo|mi nombre es|a nombre de|soy|le habla|my name is|in the name of|i am|i['’]m|this is|don|doña|dña|d|sra?|srta|señora?|mrs?|ms|miss|dr|dra|dear|estimad[oa]|querid[oa]|hola|hello|hi|hey|gracias|thanks|thank you|saludos|atentamente|regards|sincerely)(?!\p{L})[.,:!]*\s+/giu;
/** Behind the first three of them also in small letters. */
const SURE = /llamo|nombre|name/i;
const NAME = /^\p{Lu}[\p{L}'’-]+(?:\s+(?:(?:de|del|de la|van|von|da|y|i)\s+)?\p{Lu}[\p{L}'’-]+){0,3}/u;
const ANY_NAME = /^\p{L}[\p{L}'’-]+(?:\s+\p{L}[\p{L}'’-]+)?/u;
const NO_NAMES: ReadonlySet<string> = new Set(
  'buenas buenos dias tardes noches equipo a al el la los las un una de por que y team all everyone there good morning afternoon the an and for'.split(
    ' ',
  ),
);

/** Names by which the people of a conversation are called in it, beside those that are known of them. */
export function namesIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    [...text.matchAll(SAYS_WHO)].flatMap((match) => {
      const [said = ''] = match;
      const name = (SURE.test(said) ? ANY_NAME : NAME).exec(text.slice(match.index + said.length))?.[0] ?? '';
      return name.split(/\s+/).filter((word) => word !== '' && !NO_NAMES.has(fold(word)));
    }),
  );
}
