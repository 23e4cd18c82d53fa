/** What a person alone is told of what they asked: refusals, and what they wanted to know. What was done, the card and the thread show. Pure. */
import type { DeskAnswer, DeskRequest } from '../../../src/domain/desk.js';
import type { DeskWords } from '../../shared/desk-words.js';
import { MAX_LABEL_CHARS } from '../capabilities.js';
import { actions, bold, deskButton, line, MAX_VALUE_CHARS, notificationOf, rich, sections, shortened, small } from './blocks.js';
import type { Post } from './blocks.js';
import { suggestionValue } from './decode.js';

const MAX_SUGGESTIONS = 5;
/** Of a suggestion as it is shown; the whole goes into the form. */
const MAX_SHOWN_CHARS = 1500;
/** Sections of 3,000 characters in one message, and messages of one answer: a transcript may be long. */
const SECTIONS_A_POST = 4;
const MAX_POSTS = 5;

export function answerPosts(request: DeskRequest, answer: DeskAnswer, words: DeskWords): readonly Post[] {
  const { ok, markdown, suggestions = [] } = answer;
  const { kind } = request.ask;
  if (ok && kind !== 'suggest' && kind !== 'transcript') return [];
  const blocks = sections(ok ? markdown : `⚠️ ${markdown}`, Infinity);
  const posts: Post[] = [];
  for (let from = 0; from < blocks.length && posts.length < MAX_POSTS; from += SECTIONS_A_POST) {
    posts.push({ text: notificationOf(markdown), blocks: blocks.slice(from, from + SECTIONS_A_POST) });
  }
  const last = posts.at(-1);
  const ticketId = 'ticketId' in request.about ? request.about.ticketId : (answer.ticketId ?? null);
  if (last === undefined) return [];
  const leftOut = blocks.length > posts.length * SECTIONS_A_POST ? [small(words.cut)] : [];
  const offered =
    ticketId === null ? [] : suggestions.slice(0, MAX_SUGGESTIONS).flatMap((one, index) => suggestionBlocks(one, index, ticketId, words));
  return [...posts.slice(0, -1), { ...last, blocks: [...last.blocks, ...leftOut, ...offered] }];
}

type Suggestion = NonNullable<DeskAnswer['suggestions']>[number];

function suggestionBlocks({ title, markdown }: Suggestion, index: number, ticketId: string, words: DeskWords) {
  const value = insertable(ticketId, markdown);
  const label = value.whole ? words.button.insert : `${words.button.insert} (${words.abridged})`;
  return [
    rich(line(bold(shortened(title, MAX_LABEL_CHARS * 2)))),
    ...sections(markdown, MAX_SHOWN_CHARS),
    ...actions([deskButton(`insert:${index}`, value.value, label)]),
  ];
}

/** The text travels in the button: whichever instance is asked to insert it has it. What is too long for that is cut. */
function insertable(ticketId: string, markdown: string): { readonly value: string; readonly whole: boolean } {
  let text = markdown;
  let value = suggestionValue(ticketId, text);
  while (value.length > MAX_VALUE_CHARS) {
    text = shortened(text, text.length - (value.length - MAX_VALUE_CHARS));
    value = suggestionValue(ticketId, text);
  }
  return { value, whole: text === markdown };
}
