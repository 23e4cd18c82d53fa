/** Slack's text as people read it: entities resolved, links and mentions written out, without the bot's own name, which only addressed it. */
import { withEmojis } from './emoji.js';

/** Slack escapes every other angle bracket; these have nothing blank behind the first. */
const ENTITY = /<([^<>\s][^<>]{0,4000})>/g;

/** Whether the text names this user. */
export const mentions = (text: string, userId: string | null): boolean =>
  userId !== null && (text.includes(`<@${userId}>`) || text.includes(`<@${userId}|`));

/** `bot` is the bot's own user id, null where it is not known. Empty where nothing but the bot's name was said. */
export function readableText(text: string, blocks: readonly unknown[], bot: string | null): string {
  const addressed = mentions(text, bot);
  const others = addressed ? text.replace(new RegExp(`[ \\t]*<@${bot}(?:\\|[^<>]*)?>`, 'g'), '') : text;
  const readable = unescaped(
    withEmojis(
      others.replace(ENTITY, (_entity, inner: string) => wordsOf(inner)),
      blocks,
    ),
  );
  return addressed ? readable.replace(/^[\s,:;.-]+(?=\S)/, '').trim() : readable;
}

/** What stands between `<` and `>`: https://docs.slack.dev/messaging/formatting-message-text/#retrieving-messages */
function wordsOf(inner: string): string {
  const bar = inner.indexOf('|');
  const target = bar === -1 ? inner : inner.slice(0, bar);
  const label = bar === -1 ? '' : inner.slice(bar + 1);
  if (target.startsWith('@') || target.startsWith('#')) return label === '' ? target : `${target[0]}${label.replace(/^[@#]/, '')}`;
  if (target.startsWith('!')) return label === '' ? `@${target.slice(1).replace(/\^.*$/, '')}` : label;
  const address = target.replace(/^(mailto|tel):/, '');
  return label === '' || label === address ? address : `${label} (${address})`;
}

const unescaped = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
