/**
 * Words an answer anew from the passages that were found, with a language model. The answer that quotes them stays the ground: it is given where the
 * model fails, is late or says something that no passage says, and behind what was already said by then. Nothing is shown before it was checked.
 */
import type { Source } from '../domain/knowledge.js';
import type { Answer } from '../domain/turn.js';
import { createGrounds, type Ungrounded } from './grounding.js';
import { type LanguageModel, ModelError, type ModelFailure } from './language-model.js';
import { createStatementReader, type Statement, withMarks } from './statements.js';
import { wordingPrompt, type WordingRequest } from './wording-prompt.js';

export interface Worded {
  readonly answer: Answer;
  readonly result: WordingResult;
}

/** `worded`: all of it by the model; otherwise why it was quoted, wholly or from some point on. */
export type WordingResult = 'worded' | 'resting' | 'late' | 'nothing cited' | 'too long' | Ungrounded | ModelFailure;

/** Never rejects for what the model does. @param onGrown all that is sure so far: what the answer begins with */
export type WordAnswer = (request: WordingRequest, onGrown: (markdown: string) => void) => Promise<Worded>;

export interface WordingOptions {
  readonly model: LanguageModel;
  /** The whole answer has to be there by then. */
  readonly limitMs?: number;
  readonly onResult?: (result: WordingResult) => void;
  readonly now?: () => number;
}

/** Customers wait; over HTTP 25 s at most. */
const LIMIT_MS = 15_000;
const MAX_CHARS = 3_000;
/** After so many failures in a row the model is left alone for a while, so that not every customer waits for an endpoint that is down. */
const FAILURES_IN_A_ROW = 3;
const REST_MS = 30_000;

export function createWording({ model, limitMs = LIMIT_MS, onResult = () => undefined, now = Date.now }: WordingOptions): WordAnswer {
  let failures = 0;
  let restsUntil = 0;

  const tryIt = async (request: WordingRequest, onGrown: (markdown: string) => void): Promise<Worded> => {
    if (now() < restsUntil) return { answer: request.quoted, result: 'resting' };
    const passages = inOrder(request);
    const draft = beginDraft(request.quoted, passages);
    const say = (statement: Statement) => onGrown(draft.add(statement));
    const result = await read(model, { ...request, passages }, { limitMs, say });
    const isFailure = FAILURES.has(result);
    failures = isFailure ? failures + 1 : 0;
    if (failures >= FAILURES_IN_A_ROW) {
      failures = 0;
      restsUntil = now() + REST_MS;
    }
    return { answer: draft.end(result === 'worded'), result };
  };
  return async (request, onGrown) => {
    const worded = await tryIt(request, onGrown);
    onResult(worded.result);
    return worded;
  };
}

/** The endpoint's, as against what is wrong with one answer. */
const FAILURES: ReadonlySet<WordingResult> = new Set<WordingResult>(['late', 'status', 'garbage', 'cut', 'unreachable']);

/** As they are numbered for the model: those that are quoted first. */
function inOrder({ quoted, passages }: WordingRequest): readonly Source[] {
  const known = new Set(quoted.sources.map(({ metadata }) => metadata.chunk_id));
  return [...quoted.sources, ...passages.filter(({ metadata }) => !known.has(metadata.chunk_id))];
}

interface Reading {
  readonly limitMs: number;
  /** Takes what was checked. */
  readonly say: (statement: Statement) => void;
}

/** Ends at the first statement that is refused: what a model says behind it is not worth more. */
async function read(model: LanguageModel, request: WordingRequest, { limitMs, say }: Reading): Promise<WordingResult> {
  const grounds = createGrounds(request.passages, request.language);
  const reader = createStatementReader();
  const limit = AbortSignal.timeout(limitMs);
  const ended = new AbortController();
  let chars = 0;
  let statements = 0;
  const sayAll = (all: readonly Statement[]): WordingResult | null => {
    for (const statement of all) {
      const refused = grounds.refuse(statement);
      if (refused !== null) return refused;
      statements += 1;
      say(statement);
    }
    return null;
  };
  try {
    for await (const piece of model.write(wordingPrompt(request), AbortSignal.any([limit, ended.signal]))) {
      chars += piece.length;
      if (chars > MAX_CHARS) return 'too long';
      const refused = sayAll(reader.add(piece));
      if (refused !== null) return refused;
    }
    return sayAll(reader.end()) ?? (statements === 0 ? 'nothing cited' : 'worded');
  } catch (thrown) {
    if (limit.aborted) return 'late';
    if (thrown instanceof ModelError) return thrown.failure;
    throw thrown;
  } finally {
    ended.abort(); // no words that nobody reads
  }
}

/** The answer as it grows. Passages that are quoted keep their numbers, others get the next one when they are first cited. */
function beginDraft(quoted: Answer, passages: readonly Source[]) {
  const sources: Source[] = quoted.sources.map((source, index) => ({ ...source, rank: index + 1 }));
  let text = '';
  const rankOf = (number: number): number => {
    const passage = passages[number - 1];
    const known = sources.find(({ metadata }) => metadata.chunk_id === passage?.metadata.chunk_id);
    if (known !== undefined || passage === undefined) return known?.rank ?? number;
    sources.push({ ...passage, rank: sources.length + 1 });
    return sources.length;
  };
  return {
    /** Returns all of it. */
    add(statement: Statement): string {
      text = (text + withMarks(statement.text, rankOf)).trimStart();
      return text;
    },
    /** Behind an answer that was cut short stands the quotation: half an answer may mislead. */
    end(whole: boolean): Answer {
      if (text === '') return quoted;
      return { ...quoted, markdown: whole ? text : `${text}\n\n${quoted.markdown}`, sources };
    },
  };
}
