/**
 * The forms behind buttons: what they ask (pure), how they are opened, what was filled in. Opening is no part of taking a request in, which has no side
 * effects: it is done beside that, at once, since Slack lets a form be opened for 3 s after the press.
 */
import type { types } from '@slack/bolt';
import type { MediaRef } from '../../../src/domain/content.js';
import { ChannelError } from '../../../src/domain/errors.js';
import type { Logger } from '../../../src/telemetry/logger.js';
import { RESOLVE_REASONS, type ResolveReason } from '../../shared/desk-buttons.js';
import type { DeskWords } from '../../shared/desk-words.js';
import { MAX_LABEL_CHARS } from '../capabilities.js';
import type { SlackClient } from '../client.js';
import { SLACK } from '../config.js';
import { fileSchema } from '../wire.js';
import { shortened } from './blocks.js';
import { ACTION_PREFIX } from './config.js';
import { fieldSchema, type FormContext, type WireSubmission } from './wire.js';

export const FORMS = ['reply', 'note', 'return-to-bot', 'resolve', 'assign'] as const;
export type Form = (typeof FORMS)[number];

/** Slack's limits: https://docs.slack.dev/surfaces/modals, https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element */
const MAX_TITLE_CHARS = 24;
const MAX_INPUT_CHARS = 3000;
const MAX_FILES = 10;

/** Both of a field's block and of its element. */
const FIELD = { text: 'text', files: 'files', reason: 'reason', person: 'person' } as const;

export function formView(form: Form, context: FormContext, words: DeskWords, prefilled = ''): types.ModalView {
  const title = shortened(words.button[form], MAX_TITLE_CHARS);
  return {
    ...modal(title, words),
    callback_id: `${ACTION_PREFIX}${form}`,
    private_metadata: JSON.stringify(context),
    submit: plain(form === 'reply' ? words.form.send : words.form.save),
    blocks: fieldsOf(form, words, prefilled),
  };
}

/** Says why nothing was done, to somebody whom no message in the channel would reach. */
export const refusalView = (text: string, words: DeskWords): types.ModalView => ({
  ...modal('Parley', words),
  blocks: [{ type: 'section', text: plain(text) }],
});

const modal = (title: string, words: DeskWords) => ({ type: 'modal' as const, title: plain(title), close: plain(words.form.cancel) });
const plain = (text: string) => ({ type: 'plain_text', text, emoji: true }) as const;

function fieldsOf(form: Form, { form: words, resolved }: DeskWords, prefilled: string): types.InputBlock[] {
  switch (form) {
    case 'reply':
      return [
        // Files alone are a reply too; that there is something at all is seen to when it is submitted.
        { ...textField(words.replyText, prefilled, true), hint: plain(words.replyHint) },
        {
          type: 'input',
          block_id: FIELD.files,
          optional: true,
          label: plain(words.files),
          element: { type: 'file_input', action_id: FIELD.files, max_files: MAX_FILES },
        },
      ];
    case 'note':
      return [textField(words.noteText, '', false)];
    case 'return-to-bot':
      return [textField(words.botNote, '', true)];
    case 'resolve': {
      const options = RESOLVE_REASONS.map((reason) => ({ text: plain(shortened(resolved[reason], MAX_LABEL_CHARS)), value: reason }));
      const [usual] = options;
      const element = {
        type: 'static_select' as const,
        action_id: FIELD.reason,
        options,
        ...(usual === undefined ? {} : { initial_option: usual }),
      };
      return [{ type: 'input', block_id: FIELD.reason, label: plain(words.reason), element }, textField(words.reasonText, '', true)];
    }
    case 'assign':
      return [
        {
          type: 'input',
          block_id: FIELD.person,
          label: plain(words.assignee),
          element: { type: 'users_select', action_id: FIELD.person },
        },
      ];
  }
}

function textField(label: string, initial: string, optional: boolean): types.InputBlock {
  const filled = initial === '' ? {} : { initial_value: shortened(initial, MAX_INPUT_CHARS) };
  return {
    type: 'input',
    block_id: FIELD.text,
    optional,
    label: plain(label),
    element: { type: 'plain_text_input', action_id: FIELD.text, multiline: true, max_length: MAX_INPUT_CHARS, ...filled },
  };
}

export interface Filled {
  readonly text: string;
  readonly files: readonly MediaRef[];
  readonly reason: ResolveReason | null;
  readonly person: string | null;
}

export function filledIn({ view }: WireSubmission): Filled {
  const field = (name: string) => fieldSchema.safeParse(view.state.values[name]?.[name]).data;
  const given = field(FIELD.reason)?.selected_option?.value;
  return {
    text: field(FIELD.text)?.value?.trim() ?? '',
    files: filesIn(field(FIELD.files)?.files ?? []),
    reason: RESOLVE_REASONS.find((reason) => reason === given) ?? null,
    person: field(FIELD.person)?.selected_user ?? null,
  };
}

/** Files that Slack does not name are left out: there is nothing to fetch them by. */
export const filesIn = (files: readonly unknown[]): readonly MediaRef[] =>
  files.flatMap((wire) => {
    const file = fileSchema.safeParse(wire).data;
    if (file === undefined) return [];
    return [{ id: file.id, filename: file.name ?? null, contentType: file.mimetype ?? null, sizeBytes: file.size ?? null }];
  });

/** Keeps the form open, with this under one of its fields. */
export const fieldError = (field: keyof typeof FIELD, text: string): object => ({
  response_action: 'errors',
  errors: { [FIELD[field]]: text },
});

export interface Opening {
  readonly triggerId: string;
  readonly view: types.ModalView;
  readonly userId: string;
  readonly at: { readonly channel: string; readonly thread: string | null } | null;
}

export interface Forms {
  open(opening: Opening): void;
  /** From now on forms are opened; returns what ends it, after those that are being opened. */
  start(): () => Promise<void>;
}

export function createForms(client: SlackClient, words: DeskWords, logger: Logger): Forms {
  const opening = new Set<Promise<void>>();
  let started = false;

  const open = async ({ triggerId, view, userId, at }: Opening): Promise<void> => {
    try {
      await client.run('views.open', (slack) => slack.views.open({ trigger_id: triggerId, view }), { quick: true });
    } catch (thrown) {
      if (!(thrown instanceof ChannelError)) throw thrown;
      logger.warn({ channel: SLACK, error: thrown.message }, 'a form of the desk was not opened');
      if (at !== null) await tell(userId, at);
    }
  };
  const tell = async (user: string, { channel, thread }: NonNullable<Opening['at']>): Promise<void> => {
    const where = { channel, user, text: words.refused.formLate, ...(thread === null ? {} : { thread_ts: thread }) };
    await client
      .run('chat.postEphemeral', (slack) => slack.chat.postEphemeral(where), { quick: true })
      .catch((thrown: unknown) => {
        if (!(thrown instanceof ChannelError)) throw thrown;
        logger.warn({ channel: SLACK, error: thrown.message }, 'nor could the person be told');
      });
  };

  return {
    open(one) {
      if (!started) return;
      const done = open(one).finally(() => opening.delete(done));
      opening.add(done);
    },
    start() {
      started = true;
      return async () => {
        started = false;
        await Promise.all(opening);
      };
    },
  };
}
