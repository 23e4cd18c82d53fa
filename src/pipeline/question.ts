/** What a message asks once it is read in its context. */
import type { Turn } from './turn.js';

/** "¿y de 80?", "and in white?": words that only mean something behind the question before. */
const REFERS_BACK =
  /^\W*(y|e|o|pero|entonces|and|or|but|what about|how about|qué tal|que tal)\b|^\W*(ese|esa|eso|esos|esas|este|esta|it|that|those|them|this|the same|el mismo|la misma)\b/iu;
const SHORT_WORDS = 6;

/** The text itself, or behind the customer's last question where it is short and refers back to it. */
export function questionOf(turn: Turn): string {
  const words = turn.text.split(/\s+/).length;
  if (words > SHORT_WORDS || !REFERS_BACK.test(turn.text)) return turn.text;
  const before = turn.recollection.window.findLast(
    (message) => message.role === 'user' && message.text !== '' && message.deletedAt === null,
  );
  return before === undefined ? turn.text : `${before.text}\n${turn.text}`;
}
