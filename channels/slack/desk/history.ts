/** What was said before the case, in few messages: a channel takes one a second. Pure. */
import type { CaseView } from '../../../src/domain/desk.js';
import type { MediaRef } from '../../../src/domain/content.js';
import type { Message } from '../../../src/domain/message.js';
import type { DeskWords } from '../../shared/desk-words.js';
import type { Block } from '../encode.js';
import { bold, dateOf, line, literal, nameOfCustomer, quoted, rich, sections, shortened, small } from './blocks.js';
import type { Post } from './blocks.js';

/** Of one message of the conversation; the whole is behind the card's links. */
const MAX_CHARS = 1000;
/** The newest are shown. */
const MAX_MESSAGES = 30;
/** After `reopened`: what led to it. */
const MAX_MESSAGES_SINCE = 8;
const MESSAGES_A_POST = 10;
const MAX_FILES = 5;
const MAX_PAST_CASES = 5;

/** One post at least at `opened`: a thread that has begun is where people are answered privately. */
export function historyPosts(view: CaseView, words: DeskWords): readonly Post[] {
  const opened = view.event.change.kind === 'opened';
  const shown = view.history.filter(({ deletedAt }) => deletedAt === null).slice(opened ? -MAX_MESSAGES : -MAX_MESSAGES_SINCE);
  const leftOut = opened ? view.history.length - shown.length : 0;
  const posts: Post[] = [];
  for (let from = 0; from < shown.length; from += MESSAGES_A_POST) {
    const blocks = shown.slice(from, from + MESSAGES_A_POST).flatMap((message) => blocksOf(message, view, words));
    const first = from === 0 && opened ? [small(words.history), ...(leftOut === 0 ? [] : [small(words.earlierLeftOut(leftOut))])] : [];
    posts.push({ text: words.history, blocks: [...first, ...blocks] });
  }
  if (!opened) return posts;
  const past = pastCases(view, words);
  if (posts.length === 0) return [{ text: words.noHistory, blocks: [small(words.noHistory), ...past] }];
  return posts.map((post, index) => (index === 0 ? { ...post, blocks: [...past, ...post.blocks] } : post));
}

/** The last files that the customer sent before. */
export function historyFiles({ history, event }: CaseView): readonly MediaRef[] {
  if (event.change.kind !== 'opened') return [];
  return filesOf(history.filter(({ role, deletedAt }) => role === 'user' && deletedAt === null)).slice(-MAX_FILES);
}

export const filesOf = (messages: readonly Message[]): readonly MediaRef[] => messages.flatMap(({ attachments }) => attachments);

function blocksOf(message: Message, { customer }: CaseView, words: DeskWords): Block[] {
  const isCustomer = message.role === 'user';
  const ours = message.role === 'agent' ? `🙋 ${message.author ?? words.person}` : `🤖 ${words.assistant}`;
  const head = line(
    bold(isCustomer ? `💬 ${nameOfCustomer(customer.name, words.unnamed)}` : ours),
    literal(' · '),
    dateOf(message.createdAt),
  );
  const files = message.attachments.map(({ filename }) => small(`📎 ${filename}`)).slice(0, 1);
  if (isCustomer) return [rich(head, ...quoted(shortened(message.text, MAX_CHARS, words.cut), words.cut)), ...files];
  return [rich(head), ...(message.text.trim() === '' ? [] : sections(message.text, MAX_CHARS).slice(0, 1))];
}

function pastCases({ pastCases: past }: CaseView, words: DeskWords): Block[] {
  if (past.length === 0) return [];
  const entries = past
    .slice(0, MAX_PAST_CASES)
    .flatMap(({ id, status, createdAt, summary }) => [
      literal('\n'),
      dateOf(createdAt),
      literal(` · ${id} · ${words.status[status]} · ${shortened(summary, 200)}`),
    ]);
  return [rich(line(bold(words.pastCases), ...entries))];
}
