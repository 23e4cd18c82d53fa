/** A card as text: what channels show that have no cards, or put their buttons under a text. */
import type { Card } from './content.js';
import { escapeMarkdown, joinParagraphs, markdownLink } from './markdown.js';

/** Title, text and facts as markdown, and the link; without it where the channel shows links as buttons. Image and buttons are left out. */
export function cardMarkdown(card: Card, parts: { readonly link: boolean }): string {
  const facts = card.facts.map(({ label, value }) => `- ${escapeMarkdown(label)}: ${escapeMarkdown(value)}`).join('\n');
  const link = card.link === null || !parts.link ? '' : markdownLink(card.link.label, card.link.url);
  return joinParagraphs(`**${escapeMarkdown(card.title)}**`, card.markdown, facts, link);
}
