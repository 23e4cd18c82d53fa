/**
 * What staff do at the desk, out of Slack's requests: pure. Everything in the desk's channel is the desk's, and nothing of it a customer's; so is every
 * button and form of the desk, wherever it is pressed.
 */
import { z } from 'zod';
import type { MediaRef } from '../../../src/domain/content.js';
import type { DeskRequest } from '../../../src/domain/desk.js';
import { CARD_BUTTONS, reasonOf, type CardButton } from '../../shared/desk-buttons.js';
import { parseJson } from '../../shared/json.js';
import { changeSchema, deletionSchema, messageSchema, type WireInnerMessage, type WireMessage } from '../wire.js';
import { ACTION_PREFIX, isDeskAction, placeOf } from './config.js';
import { filesIn, filledIn, FORMS, type Form } from './forms.js';
import { typedMarkdown } from './typed-text.js';
import {
  formContextSchema,
  pressSchema,
  submissionSchema,
  whereSchema,
  type FormContext,
  type WirePress,
  type WireSubmission,
} from './wire.js';

/** Who did it, and where they are answered. */
export interface Who {
  readonly userId: string;
  /** Of another workspace, in a shared channel. */
  readonly foreign: boolean;
  readonly channel: string;
  readonly thread: string | null;
}

/** A request of somebody who has no name yet. */
export interface Asked {
  readonly actionId: string;
  readonly about: DeskRequest['about'];
  readonly ask: DeskRequest['ask'];
}

/** How they asked: by it they are told why they are refused. */
export type Via =
  | { readonly kind: 'press'; readonly trigger: string }
  | { readonly kind: 'form'; readonly field: 'text' | 'person' }
  /** Who writes in the channel is in it. */
  | { readonly kind: 'thread' };

export type DeskMatter =
  | { readonly kind: 'ask'; readonly who: Who; readonly via: Via; readonly asked: Asked }
  | {
      readonly kind: 'form';
      readonly who: Who;
      readonly via: Extract<Via, { kind: 'press' }>;
      readonly form: Form;
      readonly ticketId: string;
      readonly prefilled: string;
    }
  | {
      readonly kind: 'assign';
      readonly who: Who;
      readonly via: Via;
      readonly actionId: string;
      readonly ticketId: string;
      readonly person: string;
    }
  /** Somebody has come into the desk's channel, or is not in it any more. */
  | { readonly kind: 'members-changed' }
  /** The form stays open. */
  | { readonly kind: 'unfilled'; readonly field: 'text' | 'person' }
  | { readonly kind: 'ignored'; readonly reason: string };

const ignored = (reason: string): DeskMatter => ({ kind: 'ignored', reason });

/** Null: it did not happen in the desk's channel. */
export function deskEvent(payload: unknown, channel: string): DeskMatter | null {
  const envelope = whereSchema.safeParse(payload).data;
  if (envelope === undefined) return null;
  const { event, team_id: team, authorizations = [] } = envelope;
  if ((event.channel ?? event.item?.channel) !== channel) return null;
  if (event.type === 'member_joined_channel' || event.type === 'member_left_channel') return { kind: 'members-changed' };
  if (event.type !== 'message') return ignored(`${event.type.slice(0, 60)} in the desk's channel`);
  const said = (payload as { event?: unknown }).event;
  if (event.subtype === 'message_deleted') return deleted(deletionSchema.safeParse(said).data);
  if (event.subtype === 'message_changed') return edited(changeSchema.safeParse(said).data);
  if (event.subtype !== undefined && !SAID.has(event.subtype))
    return ignored(`message of type ${event.subtype.slice(0, 60)} in the desk's channel`);
  const message = messageSchema.safeParse(said).data;
  if (message === undefined) return ignored("malformed message in the desk's channel");
  const bot = authorizations.find((authorization) => authorization.is_bot === true)?.user_id ?? null;
  const from = event.user_team ?? event.team;
  return typed(message, bot, team !== undefined && from !== undefined && from !== team);
}

/** Subtypes of messages in which a person says something; none is the usual one. */
const SAID = new Set(['file_share', 'thread_broadcast', 'me_message']);

function typed(message: WireMessage, bot: string | null, foreign: boolean): DeskMatter {
  const { channel, ts, thread_ts: thread, user } = message;
  if (user === undefined || message.bot_id !== undefined || user === bot) return ignored("sent by a bot, in the desk's channel");
  if (thread === undefined || thread === ts) return ignored('said in the channel of the desk, in no case');
  // A thread that is under no message of ours is no case's; where Slack does not say, the core knows.
  if (bot !== null && message.parent_user_id !== undefined && message.parent_user_id !== bot) {
    return ignored("said in a thread of people's own, in the desk's channel");
  }
  const text = typedMarkdown(message.text ?? '', message.blocks ?? [], bot);
  const files: readonly MediaRef[] = filesIn(message.files ?? []);
  if (text === '' && files.length === 0) return ignored('nothing that could be said');
  return {
    kind: 'ask',
    who: { userId: user, foreign, channel, thread },
    asked: { actionId: typedId(channel, ts), about: { place: placeOf(channel, thread) }, ask: { kind: 'text', text, files } },
    via: { kind: 'thread' },
  };
}

function deleted(deletion: z.infer<typeof deletionSchema> | undefined): DeskMatter {
  const before = deletion?.previous_message;
  if (deletion === undefined || before === undefined) return ignored("deletion of nothing that is known, in the desk's channel");
  const { channel, deleted_ts: ts } = deletion;
  return retyped({ channel, before, actionId: `deleted:${channel}:${ts}`, text: null }, ts);
}

function edited(change: z.infer<typeof changeSchema> | undefined): DeskMatter {
  if (change === undefined) return ignored("malformed change of a message, in the desk's channel");
  const { channel, message, previous_message: before } = change;
  // Slack itself changes messages too: it unfurls links, counts replies, and leaves a stone where a thread's message is deleted.
  const at = message.edited?.ts;
  if (at === undefined || message.text === before?.text) return ignored("change that nobody made, in the desk's channel");
  const text = typedMarkdown(message.text ?? '', message.blocks ?? [], null);
  return retyped({ channel, before: message, actionId: `edited:${channel}:${message.ts}:${at}`, text }, message.ts);
}

/** Of a line of a person's in the thread of a case; what has come of it is known by what it was asked under. */
function retyped(
  { channel, before, actionId, text }: { channel: string; before: WireInnerMessage; actionId: string; text: string | null },
  ts: string,
): DeskMatter {
  const { user, bot_id, thread_ts: thread } = before;
  if (user === undefined || bot_id !== undefined || thread === undefined || thread === ts) {
    return ignored("change of what was said in no case, in the desk's channel");
  }
  return {
    kind: 'ask',
    who: { userId: user, foreign: false, channel, thread },
    asked: { actionId, about: { place: placeOf(channel, thread) }, ask: { kind: 'retyped', typed: typedId(channel, ts), text } },
    via: { kind: 'thread' },
  };
}

/** Not the envelope's id: the message says by it that it was typed here, when it comes back as a note or a reply. */
const typedId = (channel: string, ts: string): string => `message:${channel}:${ts}`;

/** Null: it is no button and no form of the desk. */
export function deskInteraction(payload: unknown, channel: string): DeskMatter | null {
  const press = pressSchema.safeParse(payload).data;
  if (press !== undefined && isDeskAction(press.actions[0]?.action_id)) return pressed(press, channel);
  const submission = submissionSchema.safeParse(payload).data;
  if (submission !== undefined && isDeskAction(submission.view.callback_id)) return submitted(submission, channel);
  return null;
}

const isForeign = ({ user, team }: Pick<WirePress, 'user' | 'team'>): boolean =>
  user.team_id !== undefined && team?.id !== undefined && user.team_id !== team.id;

/** `T-0A1B2C3D`, and after a colon the number of an event. */
const VALUE = /^(T-[0-9A-Z]{1,20})(?::(\d{1,9}))?$/;

function pressed(press: WirePress, deskChannel: string): DeskMatter {
  const [action] = press.actions;
  const { channel, container, message, user } = press;
  const via = { kind: 'press', trigger: press.trigger_id } as const;
  if (action === undefined || channel?.id !== deskChannel) return ignored("a button of the desk outside of the desk's channel");
  const command = action.action_id.slice(ACTION_PREFIX.length);
  const thread = container.thread_ts ?? message?.thread_ts;
  // On the card itself people are answered in the channel: its thread may not be open in front of them.
  const who: Who = {
    userId: user.id,
    foreign: isForeign(press),
    channel: channel.id,
    thread: thread === container.message_ts ? null : (thread ?? null),
  };
  if (command.startsWith('insert:')) {
    const suggestion = suggestionIn(action.value);
    if (suggestion === null) return ignored('a suggestion that cannot be read');
    return { kind: 'form', who, via, form: 'reply', ticketId: suggestion.t, prefilled: suggestion.m };
  }
  const [, ticketId, seq] = VALUE.exec(action.value) ?? [];
  if (ticketId === undefined) return ignored('a button of the desk that names no case');
  const form = FORMS.find((one) => one === command);
  if (form !== undefined) return { kind: 'form', who, via, form, ticketId, prefilled: '' };
  const ask = askOf(command, seq === undefined ? null : Number(seq));
  if (ask === null) return ignored('a button of the desk that this version does not know');
  const actionId = `press:${channel.id}:${container.message_ts ?? ''}:${user.id}:${action.action_ts}`;
  return { kind: 'ask', who, asked: { actionId, about: { ticketId }, ask }, via };
}

const suggestionSchema = z.object({ t: z.string().regex(/^T-[0-9A-Z]{1,20}$/), m: z.string() });

/** What a suggestion's button carries. */
export const suggestionValue = (ticketId: string, markdown: string): string => JSON.stringify({ t: ticketId, m: markdown });

function suggestionIn(value: string): z.infer<typeof suggestionSchema> | null {
  return suggestionSchema.safeParse(parseJson(value)).data ?? null;
}

function askOf(command: string, of: number | null): DeskRequest['ask'] | null {
  if (command === 'undo') return { kind: 'undo', of };
  if (command === 'retry') return of === null ? null : { kind: 'retry', of };
  const button: CardButton | undefined = CARD_BUTTONS.find((one) => one === command);
  switch (button) {
    case 'claim':
    case 'release':
    case 'reopen':
    case 'suggest':
    case 'transcript':
      return { kind: button };
    default:
      return null;
  }
}

function submitted(submission: WireSubmission, deskChannel: string): DeskMatter {
  const { view, user } = submission;
  const context = contextOf(view.private_metadata);
  const form = FORMS.find((one) => `${ACTION_PREFIX}${one}` === view.callback_id);
  if (context === null || form === undefined || context.channel !== deskChannel) return ignored('a form of no desk that is set up');
  const who: Who = { userId: user.id, foreign: isForeign(submission), channel: context.channel, thread: context.thread };
  const { text, files, reason, person } = filledIn(submission);
  const actionId = `submit:${view.id}`;
  const ask = (command: DeskRequest['ask']): DeskMatter => ({
    kind: 'ask',
    who,
    asked: { actionId, about: { ticketId: context.ticket }, ask: command },
    via: { kind: 'form', field: 'text' },
  });
  const begun = context.at === undefined ? {} : { begunAt: new Date(context.at) };
  switch (form) {
    case 'reply':
      return text === '' && files.length === 0 ? { kind: 'unfilled', field: 'text' } : ask({ kind: 'reply', markdown: text, files });
    case 'note':
      return text === '' ? { kind: 'unfilled', field: 'text' } : ask({ kind: 'note', text });
    case 'return-to-bot':
      return ask({ kind: 'return-to-bot', note: text, ...begun });
    case 'resolve':
      return ask({ kind: 'resolve', reason: reasonOf(reason ?? 'other', text), ...begun });
    case 'assign':
      return person === null
        ? { kind: 'unfilled', field: 'person' }
        : { kind: 'assign', who, via: { kind: 'form', field: 'person' }, actionId, ticketId: context.ticket, person };
  }
}

function contextOf(metadata: string): FormContext | null {
  return formContextSchema.safeParse(parseJson(metadata)).data ?? null;
}
