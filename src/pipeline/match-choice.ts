/** Understands written answers to what was offered ("2", "la segunda", "Envíos", "sí") where the customer has no buttons or does not use them. */
import type { Choice } from '../domain/content.js';

const ORDINALS: readonly RegExp[] = [
  /^(primer[oa]?|first)$/,
  /^(segund[oa]|second)$/,
  /^(tercer[oa]?|third)$/,
  /^(cuart[oa]|fourth)$/,
  /^(quint[oa]|fifth)$/,
];

/** What people put before a number: "la 2", "opción 2", "number 2", "the second one". */
const LEAD_IN = /^(?:(?:la|el|the|opcion|numero|option|number|choice)\s+)+/;

/**
 * The choice that the text names by its label, its number from 1 or its ordinal; null when it names none. Case, accents and punctuation do
 * not matter. A label wins over a number, so that "2" means the choice called "2".
 */
export function matchChoice(text: string, offered: readonly Choice[]): Choice | null {
  const said = plainWords(text);
  if (said === '') return null;
  const named = offered.find((choice) => plainWords(choice.label) === said || choice.id === text.trim());
  if (named !== undefined) return named;
  const short = said.replace(LEAD_IN, '').replace(/ one$/, '');
  const byLabel = offered.find((choice) => plainWords(choice.label) === short);
  if (byLabel !== undefined) return byLabel;
  const index = /^\d{1,2}$/.test(short) ? Number(short) - 1 : ORDINALS.findIndex((ordinal) => ordinal.test(short));
  return offered[index] ?? null;
}

/** A plain yes and nothing else: "ok" and "vale" may just as well end a conversation. */
const YES = /^(si|claro( que si)?|por supuesto|yes|yeah|yep|sure|of course)( (por favor|please|gracias|thanks))*$/;

/** Whether the text says yes to a message that ended by asking about the one thing it offered. */
export const saysYes = (text: string, asked: string, offered: readonly Choice[]): boolean =>
  offered.length === 1 && asked.trimEnd().endsWith('?') && YES.test(plainWords(text));

const ASKS_FOR_BOT =
  /^((por favor|please|quiero|prefiero|mejor|i want to|i d like to|can i) )*((volver|vuelve|vuelvo|seguir|sigue|sigo|continuar|hablar|habla) ((a hablar )?(con|al?) )?|(go )?back to |(continue|go on) with |(return|talk) to )(el |the )?(bot|chatbot|robot|asistente|assistant)( (por favor|please))?$/;

/** Whether somebody who waits for a person says that they want the assistant back, in other words than its button's. */
export const asksForBot = (text: string): boolean => ASKS_FOR_BOT.test(plainWords(text));

const TRANSCRIPT =
  /\b(transcripcion|transcript|copia (de (la |esta |nuestra |toda la )?conversacion|del? (este )?chat)|copy of (the |this |our )?(whole )?(chat|conversation))\b/;
/** Of something else, or not wanted. */
const NO_TRANSCRIPT = /\b(no|sin|not|don t|without|audio|video|voz|voice)\b/;
const MAX_REQUEST_WORDS = 14;

/** Whether somebody asks for a copy of the conversation, in other words than its button's. */
export function asksForTranscript(text: string): boolean {
  const said = plainWords(text);
  return TRANSCRIPT.test(said) && !NO_TRANSCRIPT.test(said) && said.split(' ').length <= MAX_REQUEST_WORDS;
}

/** Lower case without accents (and without the marks of keycap digits), punctuation as single blanks. */
function plainWords(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
