/** Settles the answer: a button's or command's own, a fixed reply of small talk, or one that quotes the knowledge. */
import type { Choice } from '../../domain/content.js';
import type { Answer } from '../../domain/turn.js';
import type { Step } from '../compose.js';
import type { AnswerQuestion } from '../services.js';
import { TEXTS } from '../texts.js';
import { CHOICE_IDS, type Turn } from '../turn.js';

export function answerStep(answer: AnswerQuestion): Step {
  return {
    name: 'answer',
    async run(turn) {
      turn.answer = fixedAnswer(turn) ?? (await fromKnowledge(answer, turn));
      return `${turn.answer?.outcome ?? 'none'}, confidence ${turn.answer?.confidence.toFixed(2) ?? '0'}`;
    },
  };
}

function fixedAnswer(turn: Turn): Answer | null {
  const texts = TEXTS[turn.language];
  switch (turn.command) {
    case 'start':
      return settled(texts.welcome);
    case 'help':
      return settled(texts.help, [{ id: CHOICE_IDS.talkToPerson, label: texts.talkToPersonLabel }]);
    case 'back-to-bot':
      return settled(texts.backWithBot);
    case 'talk-to-person':
      return settled(''); // the escalation step says what happens next
    // Those of earlier steps are settled before.
    case 'link':
    case 'unlink':
    case 'transcript':
    case null: {
      const canned = turn.understanding?.cannedReply ?? null;
      return canned === null ? null : settled(canned.text, canned.buttons.map(labelChoice));
    }
  }
}

async function fromKnowledge(answer: AnswerQuestion, turn: Turn): Promise<Answer | null> {
  if (turn.understanding === null) return null;
  const { understanding, sources, recollection, language } = turn;
  return answer({ text: turn.question, language, understanding, sources, recollection });
}

const settled = (markdown: string, choices: readonly Choice[] = []): Answer => ({
  markdown,
  sources: [],
  choices,
  confidence: 1,
  outcome: 'answered',
});

/** A button that stands for the words on it. */
const labelChoice = (label: string, index: number): Choice => ({ id: `say-${index}`, label });
