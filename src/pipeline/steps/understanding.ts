/** Reads language, intent, entities and mood; a bare "2" is taken for the second button that was offered, a "yes" for the only one. */
import type { UnderstandingService } from '../../domain/understanding.js';
import type { Step } from '../compose.js';
import { matchChoice, saysYes } from '../match-choice.js';
import { questionOf } from '../question.js';
import { CHOICE_IDS, lastReply } from '../turn.js';

export function understandingStep(service: UnderstandingService): Step {
  return {
    name: 'understanding',
    run(turn) {
      const { text: said, choices: offered } = lastReply(turn.recollection);
      const chosen = saysYes(turn.text, said, offered) ? offered[0] : matchChoice(turn.text, offered);
      if (chosen != null) {
        turn.text = chosen.label;
        turn.command ??= Object.values(CHOICE_IDS).find((id) => id === chosen.id) ?? null;
      }
      turn.question = questionOf(turn, service);
      const before = turn.input.conversation.language === null ? null : turn.language;
      // The mood is that of what was written now: what was said before it moved somebody then.
      turn.understanding = { ...service.understand(turn.question, before), sentiment: service.understand(turn.text, before).sentiment };
      turn.language = turn.understanding.language;
      turn.change = { ...turn.change, language: turn.language };
      const { intent } = turn.understanding;
      return `${turn.language}, ${intent === null ? 'no intent' : `${intent.name} ${intent.confidence.toFixed(2)}`}`;
    },
  };
}
