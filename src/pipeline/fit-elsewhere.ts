/** A reply as it goes out on another channel than that on which it was asked for: fitted to that one, and saying first where it was asked. Pure. */
import type { ChannelCapabilities } from '../domain/channel.js';
import type { OutboundContent } from '../domain/content.js';
import { joinParagraphs } from '../domain/markdown.js';
import { fitContent } from './fit-content.js';
import { TEXTS } from './texts.js';

/** As their users call them; others go by the name that they have here. */
const TITLES: Readonly<Record<string, string>> = { whatsapp: 'WhatsApp', 'whatsapp-web': 'WhatsApp' };

/** @param asked `first`: the content is the first one of its message */
export function fitElsewhere(
  content: OutboundContent,
  asked: { readonly channel: string; readonly language: string | null; readonly first: boolean },
  capabilities: ChannelCapabilities,
): OutboundContent[] {
  const language = asked.language?.toLowerCase().startsWith('en') === true ? 'en' : 'es';
  if (!asked.first) return fitContent([content], capabilities, language);
  const opening = TEXTS[language].askedElsewhere(TITLES[asked.channel] ?? asked.channel);
  if (content.kind !== 'text' && content.kind !== 'choices' && content.kind !== 'list')
    return fitContent([{ kind: 'text', markdown: opening }, content], capabilities, language);
  return fitContent([{ ...content, markdown: joinParagraphs(opening, content.markdown) }], capabilities, language);
}
