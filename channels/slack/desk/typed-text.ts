/**
 * What somebody typed in a case's thread, as markdown: Slack hands it over as rich text, in which nothing has to be guessed. What they typed that would
 * be a mark in markdown is written so that it is none.
 */
import { z } from 'zod';
import { readableText } from '../incoming-text.js';
import { emojiElementSchema } from '../wire.js';

const styleSchema = z
  .object({ bold: z.boolean(), italic: z.boolean(), strike: z.boolean(), code: z.boolean() })
  .partial()
  .optional()
  .catch(undefined);
type Style = z.infer<typeof styleSchema>;

const pieceSchema = z.looseObject({
  type: z.string(),
  text: z.string().optional().catch(undefined),
  url: z.string().optional().catch(undefined),
  user_id: z.string().optional().catch(undefined),
  style: styleSchema,
});

const partSchema = z.looseObject({
  type: z.string(),
  style: z.unknown().optional(),
  indent: z.number().int().min(0).max(8).optional().catch(undefined),
  elements: z.array(z.unknown()).catch([]),
});

const blockSchema = z.object({ type: z.literal('rich_text'), elements: z.array(partSchema) });

/** `bot` is the bot's own id, whose mention only calls it. Slack's own text is used where the blocks are of another kind. */
export function typedMarkdown(text: string, blocks: readonly unknown[], bot: string | null): string {
  const [only, ...others] = blocks;
  const block = others.length === 0 ? blockSchema.safeParse(only).data : undefined;
  const markdown = block === undefined ? readableText(text, blocks, bot) : markdownOf(block.elements, bot);
  return markdown.trim();
}

type Part = z.infer<typeof partSchema>;

/** Lists and quotes stand apart from what is before them; a section goes on where it is. */
function markdownOf(parts: readonly Part[], bot: string | null): string {
  let markdown = '';
  for (const part of parts) {
    const text = partText(part, bot);
    if (text === '') continue;
    const apart = markdown === '' || markdown.endsWith('\n') || part.type === 'rich_text_section' ? '' : '\n';
    markdown += `${apart}${text}${part.type === 'rich_text_section' ? '' : '\n'}`;
  }
  return markdown;
}

function partText({ type, style, indent = 0, elements }: Part, bot: string | null): string {
  switch (type) {
    case 'rich_text_list': {
      const items = elements.map((item) => {
        const section = partSchema.safeParse(item).data;
        return section === undefined ? '' : pieces(section.elements, bot).replaceAll('\n', ' ');
      });
      return items.map((item, index) => `${'  '.repeat(indent)}${style === 'ordered' ? `${index + 1}.` : '-'} ${item}`).join('\n');
    }
    case 'rich_text_quote':
      return pieces(elements, bot)
        .split('\n')
        .map((line) => `> ${line}`)
        .join('\n');
    case 'rich_text_preformatted':
      return `\`\`\`\n${elements.map((piece) => pieceSchema.safeParse(piece).data?.text ?? '').join('')}\n\`\`\``;
    default:
      return pieces(elements, bot);
  }
}

const pieces = (elements: readonly unknown[], bot: string | null): string => elements.map((element) => pieceText(element, bot)).join('');

function pieceText(element: unknown, bot: string | null): string {
  const piece = pieceSchema.safeParse(element).data;
  switch (piece?.type) {
    case 'text':
      return styled(piece.text ?? '', piece.style);
    case 'link':
      return linked(piece.url ?? '', piece.text);
    case 'emoji': {
      const emoji = emojiElementSchema.safeParse(element).data;
      return emoji === undefined
        ? ''
        : String.fromCodePoint(...emoji.unicode.split('-').map((code) => Math.min(Number.parseInt(code, 16), 0x10ffff)));
    }
    case 'user':
      return piece.user_id === undefined || piece.user_id === bot ? '' : `@${piece.user_id}`;
    default:
      return '';
  }
}

function styled(text: string, style: Style): string {
  if (style === undefined) return escaped(text);
  // Marks hold next to what they mark, on one line.
  return text.replace(/[^\n]+/g, (line) => {
    const [, before = '', inner = '', after = ''] = /^(\s*)([^]*?)(\s*)$/.exec(line) ?? [];
    if (inner === '') return line;
    if (style.code === true) return `${before}\`${inner.replaceAll('`', "'")}\`${after}`;
    const marks = [
      ...(style.bold === true ? ['**'] : []),
      ...(style.italic === true ? ['_'] : []),
      ...(style.strike === true ? ['~~'] : []),
    ];
    return `${before}${marks.join('')}${escaped(inner)}${marks.toReversed().join('')}${after}`;
  });
}

/** A backslash only where markdown would see a mark: inside of a word `_` is none. */
const escaped = (text: string): string => text.replace(/\*|`|~~|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (mark) => `\\${mark}`);

const linked = (url: string, text: string | undefined): string =>
  text === undefined || text === url || !/^https?:\/\/[^\s()]+$/.test(url)
    ? (text ?? url)
    : `[${escaped(text).replaceAll(/[[\]]/g, '')}](${url})`;
