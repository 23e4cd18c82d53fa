/** Fits what is to be chosen from: buttons, lists that open, or numbered lines, of which the customer answers with the number (`match-choice.ts`). */
import type { ChannelCapabilities } from '../domain/channel.js';
import type { Choice, ListItem, OutboundContentByKind } from '../domain/content.js';
import { escapeMarkdown, joinParagraphs } from '../domain/markdown.js';

type Choices = OutboundContentByKind['choices'];
type List = OutboundContentByKind['list'];
type Text = OutboundContentByKind['text'];

/** A line for each, with the number that the customer may answer with. */
export const numbered = (choices: readonly (Choice | ListItem)[]): string =>
  choices.map((choice, index) => `${index + 1}. ${lineOf(choice)}`).join('\n');

function lineOf(choice: Choice | ListItem): string {
  const label = escapeMarkdown(choice.label);
  const description = 'description' in choice && choice.description !== null ? escapeMarkdown(choice.description) : '';
  return description === '' ? label : `${label}: ${description}`;
}

/** Buttons; more of them than the channel has become a list that opens, or numbered lines. Labels that are cut are said in full in the text. */
export function fitChoices(part: Choices, { choices: buttons, list }: ChannelCapabilities, language: string): Choices | List | Text {
  const { markdown, choices } = part;
  if (choices.length === 0) return { kind: 'text', markdown };
  if (buttons !== null && choices.length <= buttons.max) {
    const tooLong = choices.some((choice) => choice.label.length > buttons.maxLabelChars);
    return {
      kind: 'choices',
      markdown: tooLong ? joinParagraphs(markdown, numbered(choices)) : markdown,
      choices: choices.map(({ id, label }) => ({ id, label: shortened(label, buttons.maxLabelChars) })),
    };
  }
  if (list === null || choices.length > list.max) return { kind: 'text', markdown: joinParagraphs(markdown, numbered(choices)) };
  const openLabel = language.toLowerCase().startsWith('es') ? 'Ver opciones' : 'See options';
  return openingList({ kind: 'list', markdown, openLabel, items: choices.map((choice) => ({ ...choice, description: null })) }, list);
}

/** A list that opens; where the channel has none, buttons with the explanations in the text, or numbered lines. */
export function fitList(part: List, capabilities: ChannelCapabilities): Choices | List | Text {
  const { choices: buttons, list } = capabilities;
  const { markdown, items } = part;
  if (items.length === 0) return { kind: 'text', markdown };
  if (list !== null && items.length <= list.max) return openingList(part, list);
  const text = joinParagraphs(markdown, numbered(items));
  if (buttons === null || items.length > buttons.max) return { kind: 'text', markdown: text };
  const explained = items.some((item) => item.description !== null || item.label.length > buttons.maxLabelChars);
  return {
    kind: 'choices',
    markdown: explained ? text : markdown,
    choices: items.map(({ id, label }) => ({ id, label: shortened(label, buttons.maxLabelChars) })),
  };
}

function openingList(part: List, limits: NonNullable<ChannelCapabilities['list']>): List {
  const cut = part.items.some(
    ({ label, description }) => label.length > limits.maxLabelChars || (description ?? '').length > limits.maxDescriptionChars,
  );
  return {
    ...part,
    markdown: cut ? joinParagraphs(part.markdown, numbered(part.items)) : part.markdown,
    items: part.items.map(({ id, label, description }) => ({
      id,
      label: shortened(label, limits.maxLabelChars),
      description: description === null ? null : shortened(description, limits.maxDescriptionChars),
    })),
  };
}

/** Cut between graphemes, with an ellipsis, so that at most `maxChars` UTF-16 code units are left. */
function shortened(label: string, maxChars: number): string {
  if (label.length <= maxChars) return label;
  let short = '';
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(label)) {
    if (short.length + segment.length > maxChars - 1) break;
    short += segment;
  }
  return `${short.trimEnd()}…`;
}
