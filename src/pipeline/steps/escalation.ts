/** Decides whether the case goes to people; then a ticket is opened and the customer told its number. */
import type { Ticket } from '../../domain/ticket.js';
import type { Step } from '../compose.js';
import type { Handoff } from '../services.js';
import { TEXTS } from '../texts.js';
import { CHOICE_IDS, type Turn } from '../turn.js';

export function escalationStep(handoff: Handoff): Step {
  return {
    name: 'escalation',
    always: true,
    async run(turn) {
      // Answered without understanding it: held back, relayed to people, or nothing to read.
      if (turn.understanding === null) return undefined;
      turn.escalation = decide(handoff, turn);
      countFailures(turn);
      if (!turn.escalation.escalate) return undefined;
      const { conversation } = turn.input;
      const recent = recentCase(turn);
      const known = recent === null ? null : await handoff.caseOf(recent);
      if (recent !== null && known !== null) return reopen(handoff, turn, { id: recent, team: known.team, priority: known.priority });
      const ticket = handoff.buildTicket({
        turnId: turn.id,
        conversation,
        threadId: turn.threadId,
        decision: turn.escalation,
        language: turn.language,
        text: turn.text,
        recollection: turn.recollection,
        at: turn.startedAt,
        understanding: turn.understanding,
        attachments: turn.attachments.map(({ id, filename, contentType, sizeBytes }) => ({ id, filename, contentType, sizeBytes })),
      });
      turn.ticket = ticket;
      turn.change = { ...turn.change, status: 'waiting', ticketId: ticket.id, failedAnswers: 0 };
      turn.answer = announced(turn, handoff.announcement(ticket, turn.language, turn.startedAt));
      return turn.escalation.reasons.join(', ');
    },
  };
}

/** A customer who wants a person again soon after a case was closed goes on with that case, and with whoever had it. */
const REOPENS_WITHIN_MS = 24 * 60 * 60 * 1000;

function recentCase({ input: { conversation, receivedAt } }: Turn): string | null {
  const { lastCase } = conversation;
  if (lastCase === undefined) return null;
  return receivedAt.getTime() - lastCase.closedAt.getTime() < REOPENS_WITHIN_MS ? lastCase.ticketId : null;
}

function reopen(handoff: Handoff, turn: Turn, known: Pick<Ticket, 'id' | 'team' | 'priority'>): string {
  const { reasons } = turn.escalation;
  const ticketId = known.id;
  turn.reopened = ticketId;
  turn.relayedTo = ticketId;
  turn.deskNotes = [...turn.deskNotes, { ticketId, actionId: `reopened:${turn.id}`, by: 'customer', change: { kind: 'reopened' } }];
  turn.change = { ...turn.change, status: 'waiting', ticketId, failedAnswers: 0 };
  turn.answer = announced(turn, handoff.announcement({ ...known, reasons }, turn.language, turn.startedAt));
  return `reopened: ${reasons.join(', ')}`;
}

function decide(handoff: Handoff, turn: Turn) {
  if (turn.command === 'talk-to-person') return { escalate: true, reasons: ['asked-for-person'] as const, priority: 'normal' as const };
  if (turn.understanding === null || turn.command !== null) return turn.escalation;
  const { text, understanding, answer, startedAt: at } = turn;
  return handoff.decide({ text, understanding, answer, at, conversation: turn.input.conversation });
}

function countFailures(turn: Turn): void {
  const { failedAnswers } = turn.input.conversation;
  if (turn.answer?.outcome === 'unknown') turn.change = { ...turn.change, failedAnswers: failedAnswers + 1 };
  else if (turn.answer?.outcome === 'answered' && failedAnswers > 0) turn.change = { ...turn.change, failedAnswers: 0 };
}

/** A good answer is given along with the news that a person will come; an admission of not knowing is not worth repeating. */
function announced(turn: Turn, announcement: string) {
  const answered = turn.answer?.outcome === 'answered' && turn.answer.markdown !== '' ? turn.answer : null;
  return {
    markdown: answered === null ? announcement : `${answered.markdown}\n\n${announcement}`,
    sources: answered?.sources ?? [],
    choices: [{ id: CHOICE_IDS.backToBot, label: TEXTS[turn.language].backToBotLabel }],
    confidence: answered?.confidence ?? 1,
    outcome: 'escalated' as const,
  };
}
