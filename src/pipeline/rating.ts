/** The survey at the end of a case: one to five under the closing message, then a word if the customer likes. Answers are told by the buttons' ids. */
import type { Choice } from '../domain/content.js';
import type { Language } from '../domain/understanding.js';
import { CASE_TEXTS } from './case-texts.js';
import { TRANSCRIPT_TEXTS } from './transcript-texts.js';
import { CHOICE_IDS } from './turn.js';

const LEAST_SCORE = 1;
const BEST_SCORE = 5;
const PREFIX = 'rate:';
export const SKIP_COMMENT = 'rate-no-comment';

export const ratingChoices = (language: Language): Choice[] =>
  CASE_TEXTS[language].scores.map((label, index) => ({ id: `${PREFIX}${index + LEAST_SCORE}`, label }));

/** Under the message that closes a case: the scores, and a copy of the conversation. */
export const closingChoices = (language: Language): Choice[] => [
  ...ratingChoices(language),
  { id: CHOICE_IDS.transcript, label: TRANSCRIPT_TEXTS[language].buttonLabel },
];

/** Null where the button is no score. */
export function scoreOf(choiceId: string): number | null {
  const score = choiceId.startsWith(PREFIX) ? Number(choiceId.slice(PREFIX.length)) : Number.NaN;
  return Number.isInteger(score) && score >= LEAST_SCORE && score <= BEST_SCORE ? score : null;
}
