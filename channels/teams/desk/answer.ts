/**
 * What a person alone is told. A press is answered in the reply to it, which Teams shows to whoever pressed and nobody else: a line, or a card in place of the
 * case's card until that changes. What was typed has no such reply: the person is told in their chat with the bot.
 */
import type { ChannelReply } from '../../../src/domain/channel.js';
import type { DeskAnswer, DeskRequest } from '../../../src/domain/desk.js';
import type { DeskWords } from '../../shared/desk-words.js';
import { plainText, renderMarkdown } from '../../shared/markdown.js';
import { textBlock, type OutboundActivity } from '../encode.js';
import { block, cardOf, literal, pressButton, shortened, small } from './elements.js';
import { textInput } from './card.js';
import type { ReplyWords } from './reply-words.js';

/** Of a card in a reply: a transcript is longer at times, and whole on the case's page. */
const MAX_CARD_CHARS = 4000;
const MAX_SUGGESTIONS = 3;
const MAX_SUGGESTION_CHARS = 2000;

const DONE = '✓';

/** https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format */
const replyOf = (type: string, value: unknown): ChannelReply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ statusCode: 200, type, value }),
});

export const lineReply = (markdown: string): ChannelReply =>
  replyOf('application/vnd.microsoft.activity.message', renderMarkdown(markdown, plainText) || DONE);

export const cardReply = (card: OutboundActivity): ChannelReply =>
  replyOf('application/vnd.microsoft.card.adaptive', card.attachments?.[0]?.content);

/** That something worked is seen on the card and in the thread; everything else is told. */
export const isTold = ({ ask }: Pick<DeskRequest, 'ask'>, { ok }: DeskAnswer): boolean =>
  !ok || ask.kind === 'suggest' || ask.kind === 'transcript';

export function replyToPress(request: DeskRequest, answer: DeskAnswer, words: DeskWords & ReplyWords): ChannelReply {
  if (!isTold(request, answer)) return lineReply(DONE);
  if (!answer.ok || !('ticketId' in request.about)) return lineReply(answer.markdown);
  return cardReply(privateCard(request.about.ticketId, answer, words));
}

function privateCard(ticket: string, { markdown, suggestions = [] }: DeskAnswer, words: DeskWords & ReplyWords): OutboundActivity {
  const long = renderMarkdown(markdown, plainText).length > MAX_CARD_CHARS;
  const text = long ? block(literal(shortened(markdown, MAX_CARD_CHARS, words.cut))) : textBlock(markdown);
  // Each is ready to be edited and sent; the inputs of all of them come back with whichever is pressed.
  const inputs = suggestions
    .slice(0, MAX_SUGGESTIONS)
    .map(({ title, markdown: suggested }, index) =>
      textInput(`insert-${index}-text`, shortened(title, 100), { value: shortened(suggested, MAX_SUGGESTION_CHARS) }),
    );
  const sends = inputs.map((_, index) =>
    pressButton({ parleyDesk: `insert:${index}`, ticket }, `${words.form.send} ${inputs.length === 1 ? '' : index + 1}`.trim()),
  );
  const back = pressButton({ parleyDesk: 'back', ticket }, words.form.cancel);
  return cardOf([block(ticket, { weight: 'Bolder' }), small(words.onlyYou), text, ...inputs], [...sends, back]);
}

/** For the chat with the bot. */
export const answerText = ({ markdown, suggestions = [] }: DeskAnswer): string =>
  [markdown, ...suggestions.map(({ title, markdown: suggested }) => `**${title}**\n\n${suggested}`)].join('\n\n');
