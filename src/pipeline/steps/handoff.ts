/** While people have the conversation the bot does not answer: the message goes to them, and the customer is told where it went. */
import type { Step } from '../compose.js';
import type { Handoff } from '../services.js';
import { asksForBot, matchChoice } from '../match-choice.js';
import { TEXTS } from '../texts.js';
import { CHOICE_IDS, type Turn } from '../turn.js';

export const handoffStep = (handoff: Pick<Handoff, 'caseOf' | 'expectation'>): Step => ({
  name: 'handoff',
  async run(turn) {
    const { conversation } = turn.input;
    if (turn.session?.status !== 'escalated') {
      if (conversation.status !== 'bot') leaveCase(turn);
      return undefined;
    }
    const texts = TEXTS[turn.language];
    // A person who has the case answers themselves; while it waits for one, the customer hears that it arrived.
    const waiting = conversation.status !== 'human';
    const wayBack = { id: CHOICE_IDS.backToBot, label: texts.backToBotLabel };
    if (turn.command === 'back-to-bot' || (waiting && (asksForBot(turn.text) || matchChoice(turn.text, [wayBack]) !== null))) {
      turn.foundStatus ??= turn.session.status;
      turn.session = { ...turn.session, status: 'active' };
      leaveCase(turn);
      turn.answer = { markdown: texts.backWithBot, sources: [], choices: [], confidence: 1, outcome: 'answered' };
      return 'customer went back to the bot';
    }
    turn.relayedTo = conversation.ticketId;
    turn.answer = {
      markdown: waiting ? texts.addedToCase(conversation.ticketId, await expectedOf(handoff, turn)) : '',
      sources: [],
      choices: waiting ? [wayBack] : [],
      confidence: 1,
      outcome: 'relayed',
    };
    return waiting ? 'waiting for a person' : 'a person has it';
  },
});

/** By its own team's hours. */
async function expectedOf(
  { caseOf, expectation }: Pick<Handoff, 'caseOf' | 'expectation'>,
  { input, language, startedAt }: Turn,
): Promise<string | null> {
  const { ticketId } = input.conversation;
  const ticket = ticketId === null ? null : await caseOf(ticketId);
  return ticket === null ? null : expectation(ticket, language, startedAt);
}

function leaveCase(turn: Turn): void {
  const { ticketId } = turn.input.conversation;
  turn.change = { ...turn.change, status: 'bot', ticketId: null, failedAnswers: 0 };
  if (ticketId === null) return;
  const note = { ticketId, actionId: `left:${turn.id}`, by: 'customer', change: { kind: 'customer-left' } } as const;
  turn.deskNotes = [...turn.deskNotes, note];
}
