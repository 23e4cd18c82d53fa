/** Takes the answers to the survey at the end of a case: a score by its button, then a word if the customer likes. */
import type { Step } from '../compose.js';
import type { ClosedCase } from '../../domain/conversation.js';
import { messageIdOf } from '../../domain/ids.js';
import type { TicketChange } from '../../domain/ticket.js';
import { personRequestIn } from '../../handoff/person-request.js';
import { CASE_TEXTS } from '../case-texts.js';
import { matchChoice } from '../match-choice.js';
import { ratingChoices, scoreOf, SKIP_COMMENT } from '../rating.js';
import type { Turn } from '../turn.js';

/** What is typed is no answer any more after this; a button says what it is about at any time. */
const ANSWERED_WITHIN_MS = 24 * 60 * 60 * 1000;

export const ratingStep: Step = {
  name: 'rating',
  run(turn) {
    const { lastCase, status } = turn.input.conversation;
    if (lastCase === undefined) return undefined;
    const score = scoreIn(turn);
    if (score !== null) return status === 'bot' ? rate(turn, lastCase, score) : rateOpen(turn, lastCase, score);
    if (lastCase.survey === null || status !== 'bot') return undefined;
    if (lastCase.survey === 'score' && (turn.input.released ?? 0) > 0) {
      // The question itself goes out only now: this message opened the platform's window for what was kept back.
      turn.change = { ...turn.change, lastCase: { ...lastCase, askedAt: turn.input.receivedAt } };
      return undefined;
    }
    // Asked once: whatever comes next, the one after it is no comment.
    turn.change = { ...turn.change, lastCase: { ...lastCase, survey: null } };
    return lastCase.survey === 'comment' && isTimely(turn) ? comment(turn, lastCase) : undefined;
  },
};

/** The last one counts. */
function rate(turn: Turn, lastCase: ClosedCase, score: number): string {
  const texts = CASE_TEXTS[turn.language];
  note(turn, lastCase.ticketId, `rated:${turn.id}`, { kind: 'rated', score });
  turn.change = { ...turn.change, lastCase: { ...lastCase, survey: 'comment', askedAt: turn.input.receivedAt } };
  const skip = { id: SKIP_COMMENT, label: texts.noCommentLabel };
  turn.answer = { markdown: texts.askComment, sources: [], choices: [skip], confidence: 1, outcome: 'noted' };
  return 'score';
}

/** The case goes on, or another has begun: what they write next is for the people who have it. */
function rateOpen(turn: Turn, { ticketId }: ClosedCase, score: number): string {
  note(turn, ticketId, `rated:${turn.id}`, { kind: 'rated', score });
  turn.answer = { markdown: CASE_TEXTS[turn.language].thanks, sources: [], choices: [], confidence: 1, outcome: 'noted' };
  return 'score of a case that goes on';
}

/** Who asks for a person in it gets one: then it is a comment and a request. */
function comment(turn: Turn, { ticketId }: ClosedCase): string | undefined {
  const texts = CASE_TEXTS[turn.language];
  const declined = isChosen(turn, SKIP_COMMENT) || matchChoice(turn.text, [{ id: SKIP_COMMENT, label: texts.noCommentLabel }]) !== null;
  if (!declined && !isComment(turn)) return undefined;
  if (!declined) note(turn, ticketId, `commented:${turn.id}`, { kind: 'commented', messageId: messageIdOf(turn.id, 'in') });
  if (!declined && personRequestIn(turn.text) === 'asked') return 'comment, and asks for a person';
  turn.answer = { markdown: texts.thanks, sources: [], choices: [], confidence: 1, outcome: 'noted' };
  return declined ? 'no comment' : 'comment';
}

const isTimely = ({ input: { conversation, receivedAt } }: Turn): boolean => {
  const asked = conversation.lastCase?.askedAt ?? conversation.lastCase?.closedAt;
  return asked !== undefined && receivedAt.getTime() - asked.getTime() < ANSWERED_WITHIN_MS;
};

/** A button of the survey at any time; its number, where a channel has no buttons, only right behind the question. */
function scoreIn(turn: Turn): number | null {
  for (const part of turn.input.event.content) {
    const score = part.kind === 'choice' ? scoreOf(part.id) : null;
    if (score !== null) return score;
  }
  const { lastCase, status } = turn.input.conversation;
  if (lastCase?.survey !== 'score' || status !== 'bot' || !isTimely(turn)) return null;
  const typed = matchChoice(turn.text, ratingChoices(turn.language));
  return typed === null ? null : scoreOf(typed.id);
}

const isChosen = (turn: Turn, id: string): boolean => turn.input.event.content.some((part) => part.kind === 'choice' && part.id === id);

/** Words, and no question: that one is to be answered. */
const isComment = ({ text, command, input }: Turn): boolean =>
  text !== '' && command === null && !/[?¿]/.test(text) && input.event.content.every((part) => part.kind === 'text');

function note(turn: Turn, ticketId: string, actionId: string, change: TicketChange): void {
  turn.deskNotes = [...turn.deskNotes, { ticketId, actionId, by: 'customer', change }];
}
