/**
 * Answers without a model: chooses the sentences, items and rows that answer, quotes them word for word with their source, and says honestly when the
 * sources do not tell. Prices and stock come from the catalogue.
 */
import { LRUCache } from 'lru-cache';
import { CATALOGUE_SOURCE } from '../domain/catalogue.js';
import type { CatalogueProduct, Source } from '../domain/knowledge.js';
import type { Choice } from '../domain/content.js';
import type { Answer } from '../domain/turn.js';
import type { Language, Understanding } from '../domain/understanding.js';
import { answerFromCatalogue } from './catalogue-answer.js';
import { coverage, createSourceScale, type Evidence, type QuestionReading, readQuestion, type WeighSource } from './evidence.js';
import { openTopics } from './open-topics.js';
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
const LEAST_CONFIDENCE = 0.52;
/** Below this the answer says that it is not sure. */
const SURE_CONFIDENCE = 0.62;
/** A source that does not have the names of the question, where another has, counts this much less. */
const OTHER_NAME_FACTOR = 0.75;
const MAX_QUOTES = 4;
/** Quotes of other sources than the best must be nearly as good. */
const OTHER_SOURCE_SCORE = 0.85;
const MAX_SOURCES = 2;
const SAME_SCORE = 0.97;
const MAX_QUOTED_CHARS = 600;
/** Answers that are kept: the usual questions come again and again. Some 20 kB each with what they were told from. */
const ANSWERS_KEPT = 500;
/** See `Choice`. */
const MAX_CHOICE_ID_CHARS = 60;
const MAX_CHOICE_LABEL_CHARS = 75;

/** Synchronous and without I/O; under 2 ms for five sources that it sees for the first time, and a fraction of that for what it has seen. */
export function createExtractiveAnswerer(options: AnswererOptions): ExtractiveAnswerer {
  const weighSource = createSourceScale();
  const answers = new LRUCache<string, Answer>({ max: ANSWERS_KEPT });
  let catalogue = options.catalogue();

  const find = ({ text, language, sources, understanding: { entities } }: AnswerableQuestion): Answer => {
    const fromCatalogue = answerFromCatalogue({ text, language, entities }, catalogue);
    if (fromCatalogue !== null) return fromCatalogue;
    const reading = readQuestion(text, options.rarity);
    const evidence = rankEvidence(
      sources.filter((source) => source.metadata.source !== CATALOGUE_SOURCE),
      reading,
      weighSource,
    );
    const [best] = evidence;
    if (best === undefined) return unknown(language);
    const confidence = confidenceOf(best, evidence, reading);
    if (confidence < LEAST_CONFIDENCE) return { ...unknown(language), confidence };
    const topics = openTopics(evidence, reading);
    return topics.length > 0 ? askBack(topics, confidence, language) : quote(choose(best, evidence, reading), confidence, language);
  };
  return (question) => {
    // Another catalogue comes with every change of the knowledge, and with it how much each word tells.
    const current = options.catalogue();
    if (catalogue !== current) answers.clear();
    catalogue = current;
    const { text, language, sources, understanding } = question;
    const key = JSON.stringify([text, language, understanding.entities, sources]);
    const answer = answers.get(key) ?? find(question);
    answers.set(key, answer);
    return answer;
  };
}

function rankEvidence(sources: readonly Source[], reading: QuestionReading, weighSource: WeighSource): Evidence[] {
  const top = Math.max(1e-6, ...sources.map((source) => source.relevance_score));
  const bySource = sources.map((source) => weighSource(source, reading, source.relevance_score / top));
  const names = reading.terms.flatMap((term, index) => (term.isName ? [index] : []));
  const named = bySource.map((evidence) => names.filter((index) => evidence.some((one) => (one.anywhere[index] ?? 0) > 0)).length);
  const mostNamed = Math.max(0, ...named);
  return bySource
    .flatMap((evidence, index) =>
      named[index] === mostNamed ? evidence : evidence.map((one) => ({ ...one, score: one.score * OTHER_NAME_FACTOR })),
    )
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

/** The best passage, with those of its source that add words of the question or follow at once, and the best of a second source that is nearly as good. */
function choose(best: Evidence, evidence: readonly Evidence[], reading: QuestionReading): readonly Evidence[] {
  const chosen = [best];
  const cited = new Set([best.passage.source]);
  let chars = best.passage.text.length;
  for (const candidate of evidence) {
    const { passage } = candidate;
    if (chosen.length >= MAX_QUOTES) break;
    if (chosen.includes(candidate) || chars + passage.text.length > MAX_QUOTED_CHARS) continue;
    if (!isWorthQuoting(candidate, best, chosen, cited, reading)) continue;
    chosen.push(candidate);
    cited.add(passage.source);
    chars += passage.text.length;
  }
  return chosen;
}

function isWorthQuoting(
  candidate: Evidence,
  best: Evidence,
  chosen: readonly Evidence[],
  cited: ReadonlySet<Source>,
  { terms }: QuestionReading,
): boolean {
  const { passage } = candidate;
  if (!cited.has(passage.source)) {
    return (
      cited.size < MAX_SOURCES && candidate.score >= best.score * OTHER_SOURCE_SCORE && (candidate.hasWantedFact || !best.hasWantedFact)
    );
  }
  if (passage.source !== best.passage.source || candidate.score < best.score * 0.7) return false;
  // Of a table only rows that fit as well as the best: the others are about something else.
  if (passage.kind === 'row' && best.passage.kind === 'row') return candidate.score >= best.score * SAME_SCORE;
  const adds = terms.some((_, index) => (candidate.inText[index] ?? 0) > Math.max(...chosen.map((one) => one.inText[index] ?? 0)));
  const follows = chosen.some((one) => passage.position === one.passage.position + 1);
  return adds || follows || candidate.score >= best.score * 0.9;
}

function quote(chosen: readonly Evidence[], confidence: number, language: Language): Answer {
  const texts = ANSWER_TEXTS[language];
  const sure = confidence >= SURE_CONFIDENCE;
  const cited = [...new Set(chosen.map((one) => one.passage.source))];
  const parts = cited.map((source, index) => {
    const title = plainTitle(source);
    const lead = index > 0 ? texts.furtherLead(title) : sure ? texts.lead(title) : texts.unsureLead(title);
    const own = chosen.filter((one) => one.passage.source === source).sort((a, b) => a.passage.position - b.passage.position);
    return `${lead}${languageNote(own, language)}\n\n${quotation(own)} [${index + 1}]`;
  });
  return {
    markdown: parts.join('\n\n'),
    sources: cited.map((source, index) => ({ ...source, rank: index + 1 })),
    choices: sure ? [] : [talkToPerson(language)],
    confidence,
    outcome: 'answered',
  };
}

/** Each case with what holds for it, and its document's title as a choice. */
function askBack(topics: readonly Evidence[], confidence: number, language: Language): Answer {
  const texts = ANSWER_TEXTS[language];
  const parts = topics.map((topic, index) => {
    const title = plainTitle(topic.passage.source);
    return `**${title}**:${languageNote([topic], language)}\n\n${quotation([topic])} [${index + 1}]`;
  });
  return {
    markdown: [texts.itDepends, ...parts, texts.whichCase].join('\n\n'),
    sources: topics.map(({ passage }, index) => ({ ...passage.source, rank: index + 1 })),
    choices: topics.map(({ passage: { source } }) => ({
      id: `topic:${source.metadata.document_id}`.slice(0, MAX_CHOICE_ID_CHARS),
      label: plainTitle(source).slice(0, MAX_CHOICE_LABEL_CHARS),
    })),
    confidence,
    outcome: 'asked',
  };
}

const quotation = (evidence: readonly Evidence[]): string =>
  evidence.map(({ passage }) => `> ${passage.text.replace(/\s*\n\s*/g, ' ')}`).join('\n>\n');

const languageNote = (evidence: readonly Evidence[], language: Language): string =>
  evidence[0]?.passage.language === language ? '' : ` ${ANSWER_TEXTS[language].otherLanguage}`;

const plainTitle = (source: Source): string => source.metadata.title.replace(/[*_`[\]]/g, '');

function unknown(language: Language): Answer {
  return { markdown: ANSWER_TEXTS[language].unknown, sources: [], choices: [talkToPerson(language)], confidence: 0, outcome: 'unknown' };
}

/** The id is the pipeline's own for this command. */
const talkToPerson = (language: Language): Choice => ({ id: 'talk-to-person', label: ANSWER_TEXTS[language].talkToPerson });
