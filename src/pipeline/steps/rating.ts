/** Takes the answers to the survey at the end of a case: a score by its button, then a word if the customer likes. */
import type { Step } from '../compose.js';
import { messageIdOf } from '../../domain/ids.js';
import type { TicketChange } from '../../domain/ticket.js';
import { CASE_TEXTS } from '../case-texts.js';
import { matchChoice } from '../match-choice.js';
import { ratingChoices, scoreOf, SKIP_COMMENT } from '../rating.js';
import type { Turn } from '../turn.js';

export const ratingStep: Step = {
  name: 'rating',
  run(turn) {
    const { lastCase, status } = turn.input.conversation;
    if (lastCase === undefined || status !== 'bot') return undefined;
    const texts = CASE_TEXTS[turn.language];
    const score = scoreIn(turn);
    if (score !== null) {
      note(turn, lastCase.ticketId, `rated:${turn.id}`, { kind: 'rated', score });
      turn.change = { ...turn.change, lastCase: { ...lastCase, survey: 'comment' } };
      const skip = { id: SKIP_COMMENT, label: texts.noCommentLabel };
      turn.answer = { markdown: texts.askComment, sources: [], choices: [skip], confidence: 1, outcome: 'noted' };
      return 'score';
    }
    if (lastCase.survey === null) return undefined;
    // Asked once: whatever comes next, the one after it is no comment.
    turn.change = { ...turn.change, lastCase: { ...lastCase, survey: null } };
    if (lastCase.survey !== 'comment') return undefined;
    const declined = isChosen(turn, SKIP_COMMENT) || matchChoice(turn.text, [{ id: SKIP_COMMENT, label: texts.noCommentLabel }]) !== null;
    if (!declined && !isComment(turn)) return undefined;
    if (!declined) note(turn, lastCase.ticketId, `commented:${turn.id}`, { kind: 'commented', messageId: messageIdOf(turn.id, 'in') });
    turn.answer = { markdown: texts.thanks, sources: [], choices: [], confidence: 1, outcome: 'noted' };
    return declined ? 'no comment' : 'comment';
  },
};

/** A button of the survey at any time; its number, where a channel has no buttons, only right behind the question. */
function scoreIn(turn: Turn): number | null {
  for (const part of turn.input.event.content) {
    const score = part.kind === 'choice' ? scoreOf(part.id) : null;
    if (score !== null) return score;
  }
  if (turn.input.conversation.lastCase?.survey !== 'score') return null;
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
