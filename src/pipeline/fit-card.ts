/** Fits a card: as it is where the channel has cards and it is small enough, else its image by itself and the rest as text with buttons. */
import { cardMarkdown } from '../domain/card-text.js';
import type { ChannelCapabilities } from '../domain/channel.js';
import type { Card, OutboundContent } from '../domain/content.js';
import { fitChoices } from './fit-choices.js';

/** The card alone, or contents of other kinds that still have to be fitted. */
export function fitCard(card: Card, capabilities: ChannelCapabilities): OutboundContent[] {
  if (capabilities.card !== null && showsAll(card, capabilities.card, capabilities)) return [card];
  return [
    ...(card.image === null ? [] : [{ kind: 'image', file: card.image, caption: '' } as const]),
    { kind: 'choices', markdown: cardMarkdown(card, { link: true }), choices: card.choices },
  ];
}

function showsAll(card: Card, limits: NonNullable<ChannelCapabilities['card']>, capabilities: ChannelCapabilities): boolean {
  const { image, choices, facts } = card;
  if (facts.length > limits.maxFacts) return false;
  if (cardMarkdown(card, { link: true }).length > limits.maxTextChars) return false;
  if (image !== null && !image.id.startsWith('https://') && (image.sizeBytes ?? 0) > (capabilities.maxUploadBytes ?? -1)) return false;
  if (choices.length === 0) return true;
  // Buttons that would be cut or become a list need the room that only a text has.
  const fitted = fitChoices({ kind: 'choices', markdown: '', choices }, capabilities, 'es');
  return fitted.kind === 'choices' && fitted.markdown === '';
}
