/** What people do in the desk's channel as requests to the core: pure. A press names its case; a text stands in the thread that is its case's place. */
import type { DeskCommand, DeskQuery, DeskRequest, DeskText } from '../../../src/domain/desk.js';
import type { InboundContent, MediaRef } from '../../../src/domain/content.js';
import { reasonOf, RESOLVE_REASONS } from '../../shared/desk-buttons.js';
import { decodeContent } from '../content.js';
import { eventIdOf, isBot } from '../decode.js';
import { cardActionSchema, deskPressSchema, type Activity, type DeskPress } from '../wire.js';
import { agentIdOf, DESK, partsOfThread } from './config.js';
import { TYPED } from './lines.js';
import { typedText } from './typed-text.js';

/** `back`: shows the card of the case instead of what the person alone was shown. */
export type DeskActivity =
  | { readonly kind: 'request'; readonly request: DeskRequest }
  | { readonly kind: 'back'; readonly ticketId: string }
  | { readonly kind: 'ignored'; readonly reason: string };

/** Of a button of the desk's cards; null: the activity is none. */
export function deskPressOf({ type, name, value }: Pick<Activity, 'type' | 'name' | 'value'>): DeskPress | null {
  if (type === 'message') return deskPressSchema.safeParse(value).data ?? null;
  if (type !== 'invoke' || name !== 'adaptiveCard/action') return null;
  return deskPressSchema.safeParse(cardActionSchema.safeParse(value).data?.action.data).data ?? null;
}

/** @param tenantId of the bot's own company; null: any */
export function decodeDeskActivity(activity: Activity, tenantId: string | null): DeskActivity {
  const { from, conversation, type, id } = activity;
  if (from === undefined) return ignored('activity without a sender');
  if (isBot(from)) return ignored('sent by a bot');
  if (tenantId !== null && conversation.tenantId !== undefined && conversation.tenantId !== tenantId)
    return ignored('sent from another company');
  const agent = { id: agentIdOf(from), name: from.name === undefined || from.name.trim() === '' ? from.id : from.name };
  const press = deskPressOf(activity);
  const answerTo = { userId: from.id, ...(type === 'invoke' ? { told: 'in the reply' } : {}) };
  if (press !== null) {
    if (press.parleyDesk === 'back') return { kind: 'back', ticketId: press.ticket };
    const ask = askOf(press);
    if (ask === null) return ignored('press that is not known, or not filled in');
    return {
      kind: 'request',
      request: { actionId: `press:${eventIdOf(activity)}`, agent, about: { ticketId: press.ticket }, ask, answerTo },
    };
  }
  const isRetyped = type === 'messageUpdate' || type === 'messageDelete';
  if (type !== 'message' && !isRetyped) return ignored(`${type.slice(0, 60)} in the desk’s channel`);
  const thread = partsOfThread(conversation.id);
  // What begins a thread is no case's.
  if (thread === null || thread.messageId === id) return ignored('new thread in the desk’s channel');
  const about = { place: conversation.id };
  if (isRetyped) {
    const typed = `${TYPED}${eventIdOf({ ...activity, type: 'message' })}`;
    const ask = { kind: 'retyped', typed, text: type === 'messageDelete' ? null : typedText(activity) } as const;
    return { kind: 'request', request: { actionId: `retyped:${eventIdOf(activity)}`, agent, about, ask, answerTo } };
  }
  const text = deskTextOf(activity);
  if (text.text === '' && text.files.length === 0) return ignored('empty message in the desk’s channel');
  return {
    kind: 'request',
    request: { actionId: `${TYPED}${eventIdOf(activity)}`, agent, about, ask: text, answerTo },
  };
}

const ignored = (reason: string): DeskActivity => ({ kind: 'ignored', reason });

function deskTextOf(activity: Activity): DeskText {
  const files = decodeContent(activity).flatMap((content: InboundContent): MediaRef[] => (content.kind === 'media' ? [content.file] : []));
  return { kind: 'text', text: typedText(activity), files };
}

/** Null for what no button of ours sends. */
function askOf(press: DeskPress): DeskCommand | DeskQuery | null {
  const { parleyDesk: button } = press;
  const [, command, number = ''] = /^(undo|retry|insert):(\d{1,9})$/.exec(button) ?? [];
  const filled = (input: string) => {
    const value = press[input];
    return typeof value === 'string' ? value : '';
  };
  if (command === 'undo' || command === 'retry') return { kind: command, of: Number(number) };
  if (command === 'insert') return { kind: 'reply', markdown: filled(`insert-${number}-text`), files: [] };
  switch (button) {
    case 'claim':
    case 'release':
    case 'reopen':
    case 'suggest':
    case 'transcript':
      return { kind: button };
    case 'reply':
      return { kind: 'reply', markdown: filled('reply-text'), files: [] };
    case 'note':
      return { kind: 'note', text: filled('note-text') };
    case 'return-to-bot':
      return { kind: 'return-to-bot', note: filled('return-to-bot-text') };
    case 'resolve': {
      const code = RESOLVE_REASONS.find((reason) => reason === filled('resolve-reason')) ?? 'other';
      return { kind: 'resolve', reason: reasonOf(code, filled('resolve-text')) };
    }
    case 'assign': {
      const [, id, name] = new RegExp(`^(${DESK}:[^|]{1,500})\\|([^]{1,100})$`).exec(filled('assign-to')) ?? [];
      return id === undefined || name === undefined ? null : { kind: 'assign', to: { id, name } };
    }
    default:
      return null;
  }
}
