/**
 * Answers without a model: chooses the sentences, items and rows that answer, quotes them word for word with their source, and says honestly when the
 * sources do not tell. Prices and stock come from the catalogue.
 */
import type { CatalogueProduct, Source } from '../domain/knowledge.js';
import type { Answer } from '../domain/turn.js';
import type { Language, Understanding } from '../domain/understanding.js';
import { answerFromCatalogue } from './catalogue-answer.js';
import { coverage, type Evidence, type QuestionReading, readQuestion, weigh } from './evidence.js';
import { passagesOf } from './passages.js';
import { ANSWER_TEXTS } from './texts.js';

export interface AnswererOptions {
  readonly catalogue: () => readonly CatalogueProduct[];
  /** How much a folded word tells in the company's knowledge; highest for a word that occurs nowhere. */
  readonly rarity: (word: string) => number;
}

export interface AnswerableQuestion {
  readonly text: string;
  readonly language: Language;
  readonly understanding: Pick<Understanding, 'entities'>;
  readonly sources: readonly Source[];
}

export type ExtractiveAnswerer = (question: AnswerableQuestion) => Answer;

/** Below this the answer would be a guess. */
const LEAST_CONFIDENCE = 0.4;
/** Below this the answer says that it is not sure. */
const SURE_CONFIDENCE = 0.55;
const MAX_QUOTES = 3;
const MAX_QUOTED_CHARS = 600;

/** Synchronous and without I/O; under 2 ms for five sources. */
export function createExtractiveAnswerer(options: AnswererOptions): ExtractiveAnswerer {
  return (question) => {
    const { text, language, sources } = question;
    const fromCatalogue = answerFromCatalogue(question, options);
    if (fromCatalogue !== null) return fromCatalogue;
    const reading = readQuestion(text, options.rarity);
    const evidence = rankEvidence(sources, reading);
    const [best] = evidence;
    if (best === undefined) return unknown(language);
    const confidence = confidenceOf(best, evidence, reading);
    if (confidence < LEAST_CONFIDENCE) return { ...unknown(language), confidence };
    return quote(choose(best, evidence, reading), confidence, language);
  };
}

function rankEvidence(sources: readonly Source[], reading: QuestionReading): Evidence[] {
  const top = Math.max(1e-6, ...sources.map((source) => source.relevance_score));
  return sources
    .flatMap((source) => passagesOf(source).map((passage) => weigh(passage, reading, source.relevance_score / top)))
    .sort((a, b) => b.score - a.score);
}

/** How likely the best passage answers: how relevant its source is, and how much of the question is found in it and around it. */
function confidenceOf(best: Evidence, evidence: readonly Evidence[], reading: QuestionReading): number {
  const { source } = best.passage;
  const around = evidence.filter((other) => other.passage.source === source);
  const inSource = reading.terms.map((_, index) => Math.max(...around.map((other) => other.anywhere[index] ?? 0)));
  const found = coverage(reading, inSource);
  const near = coverage(reading, best.anywhere);
  const nameIsMissing = reading.terms.some((term, index) => term.isName && (inSource[index] ?? 0) === 0);
  const value = 0.35 * source.relevance_score + 0.35 * found + 0.3 * near + (best.hasWantedFact ? 0.05 : 0) - (nameIsMissing ? 0.25 : 0);
  return Math.round(Math.min(1, Math.max(0, value)) * 100) / 100;
}

/** The best passage, with those of the same source that add words of the question or follow at once. */
function choose(best: Evidence, evidence: readonly Evidence[], reading: QuestionReading): readonly Evidence[] {
  const chosen = [best];
  let chars = best.passage.text.length;
  for (const candidate of evidence) {
    if (chosen.length >= MAX_QUOTES) break;
    const { passage } = candidate;
    if (passage.source !== best.passage.source || chosen.includes(candidate)) continue;
    if (chars + passage.text.length > MAX_QUOTED_CHARS || candidate.score < best.score * 0.7) continue;
    const adds = reading.terms.some((_, index) => (candidate.inText[index] ?? 0) > Math.max(...chosen.map((one) => one.inText[index] ?? 0)));
    const follows = chosen.some((one) => passage.position === one.passage.position + 1);
    if (!adds && !follows && candidate.score < best.score * 0.9) continue;
    chosen.push(candidate);
    chars += passage.text.length;
  }
  return chosen.sort((a, b) => a.passage.position - b.passage.position);
}

function quote(chosen: readonly Evidence[], confidence: number, language: Language): Answer {
  const texts = ANSWER_TEXTS[language];
  const [first] = chosen;
  if (first === undefined) return unknown(language);
  const { source } = first.passage;
  const title = source.metadata.title.replace(/[*_`[\]]/g, '');
  const sure = confidence >= SURE_CONFIDENCE;
  const lead = first.passage.language === language ? '' : `${texts.otherLanguage}\n\n`;
  const quotes = chosen.map(({ passage }) => `> ${passage.text.replace(/\s*\n\s*/g, ' ')}`).join('\n>\n');
  return {
    markdown: `${sure ? texts.lead(title) : texts.unsureLead(title)} ${lead}\n\n${quotes} [1]`.replace(/ +\n/g, '\n'),
    sources: [{ ...source, rank: 1 }],
    choices: sure ? [] : [talkToPerson(language)],
    confidence,
    outcome: 'answered',
  };
}

function unknown(language: Language): Answer {
  return { markdown: ANSWER_TEXTS[language].unknown, sources: [], choices: [talkToPerson(language)], confidence: 0, outcome: 'unknown' };
}

/** The id is the pipeline's own for this command. */
const talkToPerson = (language: Language) => ({ id: 'talk-to-person', label: ANSWER_TEXTS[language].talkToPerson });
