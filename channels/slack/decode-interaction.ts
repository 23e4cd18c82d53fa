/** Pressed buttons, chosen entries of a menu (https://docs.slack.dev/interactivity) and the slash command. Pure. */
import type { z } from 'zod';
import type { Choice } from '../../src/domain/content.js';
import { ACCOUNT, SLACK, SLASH_COMMAND } from './config.js';
import { isDeskAction } from './desk/config.js';
import { decoded, isDirect, messageIdOf, parsed, threadKeyOf, type Decoded, type Ignored, type Outcome } from './decode.js';
import { readableText } from './incoming-text.js';
import { actionSchema, commandSchema, interactionSchema } from './wire.js';

/** Null when it is nothing that Slack sends. */
export function decodeInteraction(payload: unknown): Decoded | null {
  const interaction = interactionSchema.safeParse(payload).data;
  if (interaction === undefined) return null;
  const { type, actions = [] } = interaction;
  if (type !== 'block_actions') {
    // Dialogs and shortcuts are not ours: the manifest has none.
    const known = /^(view_submission|view_closed|shortcut|message_action)$/.test(type);
    const reason = `interaction of type ${type.slice(0, 60)}`;
    return decoded(known ? { ignoredBecause: reason } : { ignoredBecause: reason, unknown: true }, null, payload);
  }
  // One press is one action; Slack's list is for what is sent together from a dialog.
  const outcome = parsed(actionSchema, actions[0], (action) => decodePress(interaction, action));
  return decoded(outcome, 'eventId' in outcome ? outcome.eventId : null, payload);
}

type Interaction = z.infer<typeof interactionSchema>;
type Action = z.infer<typeof actionSchema>;

function decodePress({ user, channel, message, container }: Interaction, action: Action): Outcome {
  if (isDeskAction(action.action_id)) return { ignoredBecause: 'a button of the desk, which is not set up' };
  if (user === undefined) return { ignoredBecause: 'malformed: user', unknown: true };
  if (channel === undefined || message === undefined) return { ignoredBecause: 'pressed outside of a message' };
  const choice = choiceOf(action);
  if ('ignoredBecause' in choice) return choice;
  const threadTs = message.thread_ts ?? container?.thread_ts;
  const eventId = `press:${channel.id}:${message.ts}:${user.id}:${action.action_ts}`;
  return {
    kind: 'message',
    channel: SLACK,
    account: ACCOUNT,
    eventId,
    threadKey: threadKeyOf({ channel: channel.id, user: user.id, ts: message.ts, threadTs }),
    sender: { userId: user.id, displayName: user.name ?? user.username ?? null, languageHint: null },
    sentAt: new Date(Math.round(Number(action.action_ts) * 1000)),
    // A press is no message of its own on Slack; what it quotes is the message with the buttons.
    platformMessageId: eventId,
    content: [{ kind: 'choice', ...choice }],
    scope: isDirect(channel.id) ? 'direct' : 'group',
    addressed: true,
    quotedMessageId: messageIdOf(channel.id, message.ts),
    metadata: {},
  };
}

function choiceOf({ type, value, text, selected_option: selected }: Action): Choice | Ignored {
  if (type === 'button') {
    // A button that opens a page has no value; Slack tells of it all the same.
    return value === undefined ? { ignoredBecause: 'link opened' } : { id: value, label: labelOf(text?.text, value) };
  }
  if (selected !== undefined) return { id: selected.value, label: labelOf(selected.text?.text, selected.value) };
  return { ignoredBecause: `action of type ${type.slice(0, 60)}`, unknown: true };
}

/** Slack gives button texts with `&amp;` for `&`, as it stores them. */
const labelOf = (text: string | undefined, value: string) => (text === undefined ? value : readableText(text, [], null));

/** At the person who gave the command, in both languages: which is theirs, Slack does not say. */
const COMMAND_ANSWER = {
  response_type: 'ephemeral',
  text: 'Recibido. La respuesta llega por mensaje directo. · Got it. The answer comes as a direct message.',
};

/** `fields` of the form. Null when it is nothing that Slack sends. */
export function decodeCommand(fields: Readonly<Record<string, unknown>>): Decoded | null {
  // Slack looks from time to time whether the address still answers.
  if (fields['ssl_check'] === '1') return decoded({ ignoredBecause: 'check of the certificate' }, null, null);
  const command = commandSchema.safeParse(fields).data;
  if (command === undefined) return null;
  const { trigger_id: trigger, user_id: userId } = command;
  const eventId = `command:${trigger}`;
  const text = readableText(command.text ?? '', [], null).trim();
  if (command.command !== SLASH_COMMAND) {
    return decoded({ ignoredBecause: `command ${command.command.slice(0, 60)}`, unknown: true }, eventId, fields);
  }
  const event: Outcome = {
    kind: 'message',
    channel: SLACK,
    account: ACCOUNT,
    eventId,
    // Wherever it was typed, nobody else saw it: it belongs to the person's own conversation, and is answered there.
    threadKey: userId,
    sender: { userId, displayName: command.user_name ?? null, languageHint: null },
    sentAt: null,
    platformMessageId: eventId,
    content: [text === '' ? { kind: 'command', name: 'help', args: '' } : { kind: 'text', text }],
    scope: 'direct',
    addressed: true,
    quotedMessageId: null,
    metadata: {},
  };
  return { ...decoded(event, eventId, null), answer: COMMAND_ANSWER };
}
