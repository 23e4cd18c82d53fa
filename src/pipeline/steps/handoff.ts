/** While people have the conversation the bot does not answer: the message is logged for them, and the customer is told where it went. */
import type { Step } from '../compose.js';
import { asksForBot, matchChoice } from '../match-choice.js';
import { TEXTS } from '../texts.js';
import { CHOICE_IDS } from '../turn.js';

export const handoffStep: Step = {
  name: 'handoff',
  run(turn) {
    const { conversation } = turn.input;
    if (turn.session?.status !== 'escalated') {
      if (conversation.status !== 'bot') turn.change = { ...turn.change, status: 'bot', ticketId: null, failedAnswers: 0 };
      return undefined;
    }
    const texts = TEXTS[turn.language];
    // A person who has the case answers themselves; while it waits for one, the customer hears that it arrived.
    const waiting = conversation.status !== 'human';
    const wayBack = { id: CHOICE_IDS.backToBot, label: texts.backToBotLabel };
    if (turn.command === 'back-to-bot' || (waiting && (asksForBot(turn.text) || matchChoice(turn.text, [wayBack]) !== null))) {
      turn.foundStatus = turn.session.status;
      turn.session = { ...turn.session, status: 'active' };
      turn.change = { ...turn.change, status: 'bot', ticketId: null, failedAnswers: 0 };
      turn.answer = { markdown: texts.backWithBot, sources: [], choices: [], confidence: 1, outcome: 'answered' };
      return 'customer went back to the bot';
    }
    turn.answer = {
      markdown: waiting ? texts.addedToCase(conversation.ticketId) : '',
      sources: [],
      choices: waiting ? [wayBack] : [],
      confidence: 1,
      outcome: 'relayed',
    };
    return waiting ? 'waiting for a person' : 'a person has it';
  },
};
