/** What Slack refuses of a message, which the emulator takes: https://docs.slack.dev/reference/block-kit. The name of the error, or null. */
import { z } from 'zod';

const MAX_TEXT_CHARS = 40_000;
const plain = (maxChars: number) =>
  z.object({ type: z.literal('plain_text'), text: z.string().min(1).max(maxChars), emoji: z.boolean().optional() });
const mrkdwn = (maxChars: number) =>
  z.object({ type: z.literal('mrkdwn'), text: z.string().min(1).max(maxChars), verbatim: z.boolean().optional() });
const anyText = (maxChars: number) => z.union([plain(maxChars), mrkdwn(maxChars)]);
const blockId = z.string().max(255).optional();
const actionId = z.string().min(1).max(255);

const button = z.strictObject({
  type: z.literal('button'),
  action_id: actionId,
  text: plain(75),
  value: z.string().max(2000).optional(),
  url: z.string().max(3000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
});
const option = z.strictObject({ text: plain(75), value: z.string().max(150), description: plain(75).optional() });
const menu = z.strictObject({
  type: z.literal('static_select'),
  action_id: actionId,
  placeholder: plain(150),
  options: z.array(option).min(1).max(100),
});
const style = z.strictObject({ bold: z.boolean(), italic: z.boolean(), strike: z.boolean(), code: z.boolean() }).partial().optional();
const piece = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1), style }),
  z.strictObject({ type: z.literal('link'), url: z.url().max(3000), text: z.string().optional(), style }),
  z.strictObject({ type: z.literal('user'), user_id: z.string().regex(/^[UW][A-Z0-9]+$/), style }),
  z.strictObject({ type: z.literal('date'), timestamp: z.int(), format: z.string().includes('{'), fallback: z.string(), style }),
]);
const pieces = z.array(piece).min(1);
const richText = z.strictObject({
  type: z.literal('rich_text'),
  block_id: blockId,
  elements: z.array(z.strictObject({ type: z.enum(['rich_text_section', 'rich_text_quote']), elements: pieces })).min(1),
});
const block = z.discriminatedUnion('type', [
  richText,
  z.strictObject({ type: z.literal('header'), block_id: blockId, text: plain(150) }),
  z
    .strictObject({
      type: z.literal('section'),
      block_id: blockId,
      text: anyText(3000).optional(),
      fields: z.array(anyText(2000)).min(1).max(10).optional(),
    })
    .refine(({ text, fields }) => text !== undefined || fields !== undefined),
  z.strictObject({ type: z.literal('context'), block_id: blockId, elements: z.array(mrkdwn(3000)).min(1).max(10) }),
  z.strictObject({
    type: z.literal('actions'),
    block_id: blockId,
    elements: z
      .array(z.union([button, menu]))
      .min(1)
      .max(25),
  }),
  z
    .strictObject({
      type: z.literal('image'),
      block_id: blockId,
      alt_text: z.string().min(1).max(2000),
      image_url: z.string().max(3000).optional(),
      slack_file: z.strictObject({ id: z.string() }).optional(),
    })
    .refine(({ image_url: url, slack_file: file }) => (url === undefined) !== (file === undefined)),
]);
const blocks = z.array(block).max(50);

export type WireBlock = z.infer<typeof block>;
/** Blocks of a message that was taken. */
export const blocksOf = (value: unknown): readonly WireBlock[] => blocks.safeParse(value).data ?? [];

export function refusalOf(fields: Readonly<Record<string, unknown>>): string | null {
  if (typeof fields['text'] === 'string' && fields['text'].length > MAX_TEXT_CHARS) return 'msg_too_long';
  if (fields['blocks'] === undefined) return null;
  const parsed = blocks.safeParse(fields['blocks']);
  if (!parsed.success) return 'invalid_blocks';
  const ids = parsed.data.flatMap((one) => (one.type === 'actions' ? one.elements.map((element) => element.action_id) : []));
  return new Set(ids).size === ids.length ? null : 'invalid_blocks';
}

const labelled = {
  type: z.literal('input'),
  block_id: blockId,
  label: plain(2000),
  hint: plain(2000).optional(),
  optional: z.boolean().optional(),
};
const input = z.strictObject({
  ...labelled,
  element: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('plain_text_input'),
      action_id: actionId,
      multiline: z.boolean().optional(),
      max_length: z.int().min(1).max(3000).optional(),
      initial_value: z.string().min(1).max(3000).optional(),
    }),
    z.strictObject({ type: z.literal('file_input'), action_id: actionId, max_files: z.int().min(1).max(10).optional() }),
    z.strictObject({ type: z.literal('users_select'), action_id: actionId }),
    z.strictObject({
      type: z.literal('static_select'),
      action_id: actionId,
      options: z.array(option).min(1).max(100),
      initial_option: option.optional(),
    }),
  ]),
});
const view = z
  .strictObject({
    type: z.literal('modal'),
    title: plain(24),
    close: plain(24).optional(),
    submit: plain(24).optional(),
    callback_id: z.string().max(255).optional(),
    private_metadata: z.string().max(3000).optional(),
    blocks: z.array(z.union([input, block])).max(100),
  })
  // https://docs.slack.dev/surfaces/modals: what is asked needs a button to submit it.
  .refine(({ submit, blocks: parts }) => submit !== undefined || parts.every(({ type }) => type !== 'input'));
export type WireView = z.infer<typeof view>;
export const viewOf = (value: unknown): WireView => view.parse(value);

/** The same for a form that is to be opened. */
export const viewRefusalOf = (fields: Readonly<Record<string, unknown>>): string | null =>
  view.safeParse(fields['view']).success ? null : 'invalid_arguments';
