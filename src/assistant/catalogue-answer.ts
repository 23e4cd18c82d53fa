/** stub */
import type { Answer } from '../domain/turn.js';
export function answerFromCatalogue(_question: unknown, _options: unknown): Answer | null {
  return null;
}
