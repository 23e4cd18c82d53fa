/** Has an answer that quotes the knowledge worded by a language model, and shows it as it grows. Whether people have to come is decided before. */
import { CATALOGUE_SOURCE } from '../../domain/catalogue.js';
import { messageIdOf, turnIdOf } from '../../domain/ids.js';
import { joinParagraphs } from '../../domain/markdown.js';
import type { Answer, ShowDraft } from '../../domain/turn.js';
import type { Step } from '../compose.js';
import type { WordAnswer } from '../services.js';
import type { Turn } from '../turn.js';

export function wordingStep(word: WordAnswer): Step {
  return {
    name: 'wording',
    always: true,
    async run(turn) {
      const { answer, question, language, sources, recollection, preface } = turn;
      if (answer === null || !isSureQuotation(turn, answer)) return 'not needed';
      const show = drafting(turn, turn.showDraft);
      const passages = sources.filter(({ metadata }) => metadata.source !== CATALOGUE_SOURCE);
      const request = { question, language, quoted: answer, passages, earlier: recollection.window };
      const worded = await word(request, (markdown) => show(joinParagraphs(preface, markdown)));
      turn.answer = worded.answer;
      return worded.result;
    },
  };
}

/** Prices and sums are calculated, and an answer that is not sure says so itself: it offers a choice. */
const isSureQuotation = ({ understanding, escalation }: Turn, { outcome, sources, choices }: Answer): boolean =>
  understanding !== null &&
  !escalation.escalate &&
  outcome === 'answered' &&
  choices.length === 0 &&
  sources.length > 0 &&
  sources.every(({ metadata }) => metadata.source !== CATALOGUE_SOURCE);

function drafting({ id, input }: Turn, showDraft: ShowDraft): (markdown: string) => void {
  const { conversation, inboxId, order, parts } = input;
  const inboxIds = parts?.map((part) => part.inboxId) ?? [inboxId];
  const answers = inboxIds.map((each) => messageIdOf(turnIdOf(each), 'in'));
  const place = { order: order + 1, after: conversation.lastOrder, answers };
  const messageId = messageIdOf(id, 'out');
  return (markdown) => showDraft({ messageId, markdown, place });
}
