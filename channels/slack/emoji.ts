/**
 * Slack names emojis where others show them: `thumbsup` in a reaction, `:wave:` in a text. Rich text says which characters a name stands for; for
 * reactions this table does, with the names of https://github.com/iamcal/emoji-data that Slack uses. Names that are not known stay names.
 */
import { emojiElementSchema } from './wire.js';

/** The first name of an emoji is the one that is sent. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  '👍': ['+1', 'thumbsup'],
  '👎': ['-1', 'thumbsdown'],
  '❤️': ['heart'],
  '😂': ['joy'],
  '😄': ['smile'],
  '😀': ['grinning'],
  '😃': ['smiley'],
  '🙂': ['slightly_smiling_face'],
  '😉': ['wink'],
  '😍': ['heart_eyes'],
  '😕': ['confused'],
  '🙁': ['slightly_frowning_face'],
  '😞': ['disappointed'],
  '😢': ['cry'],
  '😭': ['sob'],
  '😠': ['angry'],
  '😡': ['rage'],
  '😮': ['open_mouth'],
  '🤔': ['thinking_face'],
  '🤷': ['shrug'],
  '🤝': ['handshake'],
  '🙏': ['pray'],
  '👏': ['clap'],
  '🙌': ['raised_hands'],
  '👋': ['wave'],
  '👌': ['ok_hand'],
  '💪': ['muscle'],
  '👀': ['eyes'],
  '🎉': ['tada'],
  '🔥': ['fire'],
  '🚀': ['rocket'],
  '⭐': ['star'],
  '💯': ['100'],
  '✅': ['white_check_mark'],
  '☑️': ['ballot_box_with_check'],
  '✔️': ['heavy_check_mark'],
  '❌': ['x'],
  '❗': ['exclamation', 'heavy_exclamation_mark'],
  '❓': ['question'],
  '⚠️': ['warning'],
  '🆗': ['ok'],
  '🆘': ['sos'],
  '⏳': ['hourglass_flowing_sand'],
  '📞': ['telephone_receiver'],
  '📎': ['paperclip'],
  '📦': ['package'],
};

const EMOJI_OF = new Map(Object.entries(NAMES).flatMap(([emoji, names]) => names.map((name) => [name, emoji] as const)));
const NAME_OF = new Map(Object.entries(NAMES).map(([emoji, [name = '']]) => [withoutVariation(emoji), name] as const));

/** `thumbsup` and `thumbsup::skin-tone-3` as 👍; a name that is not known, as of a workspace's own emojis, as `:name:`. */
export function emojiOf(reaction: string): string {
  const name = reaction.replace(/::skin-tone-\d$/, '');
  return EMOJI_OF.get(name) ?? `:${name}:`;
}

/** The name under which Slack takes a reaction: of a known emoji, or of `:name:`; null for others. */
export function reactionNameOf(emoji: string): string | null {
  return NAME_OF.get(withoutVariation(emoji)) ?? /^:([a-z0-9_+-]{1,100}):$/.exec(emoji)?.[1] ?? null;
}

/** Skin tones and the mark that asks for a coloured picture make no other reaction. */
function withoutVariation(emoji: string): string {
  return emoji.replace(/\ufe0f|\p{Emoji_Modifier}/gu, '');
}

/** Text blocks hold sections, these elements, lists one level more. */
const MAX_DEPTH = 4;

/** The text with the names of emojis replaced by the characters that its rich text blocks say they stand for. */
export function withEmojis(text: string, blocks: readonly unknown[]): string {
  if (!text.includes(':')) return text;
  const characters = new Map<string, string>();
  collect(blocks, characters, 0);
  return text.replace(/:([\w+'-]{1,100}):(?::skin-tone-\d:)?/g, (written, name: string) => characters.get(name) ?? written);
}

function collect(elements: readonly unknown[], characters: Map<string, string>, depth: number): void {
  for (const element of elements) {
    const emoji = emojiElementSchema.safeParse(element).data;
    if (emoji !== undefined) characters.set(emoji.name, charactersOf(emoji.unicode));
    const inner = typeof element === 'object' && element !== null && 'elements' in element ? element.elements : null;
    if (Array.isArray(inner) && depth < MAX_DEPTH) collect(inner, characters, depth + 1);
  }
}

function charactersOf(unicode: string): string {
  const codePoints = unicode.split('-').map((hex) => Number.parseInt(hex, 16));
  return codePoints.every((codePoint) => codePoint <= 0x10ffff) ? String.fromCodePoint(...codePoints) : '';
}
