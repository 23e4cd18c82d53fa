/** Messages, their changes and deletions. Pure. In channels only what is addressed to the bot is taken: the rest is nobody's business here. */
import type { Sender } from '../../src/domain/message.js';
import { ACCOUNT, SLACK } from './config.js';
import { decodeContent } from './content.js';
import { isDirect, messageIdOf, parsed, threadKeyOf, timeOf, type Origin, type Outcome } from './decode.js';
import { mentions } from './incoming-text.js';
import { changeSchema, deletionSchema, messageSchema, subtypeSchema, type WireInnerMessage, type WireMessage } from './wire.js';
import type { z } from 'zod';

/** What a channel tells about itself; nobody said anything. https://docs.slack.dev/reference/events/message#subtypes */
const SERVICE =
  /^((channel|group)_(join|leave|topic|purpose|name|archive|unarchive|posting_permissions|convert_to_private|convert_to_public)|pinned_item|unpinned_item|reminder_add|bot_(add|remove|enable|disable)|ekm_access_denied|file_comment|file_mention|huddle_thread|sh_room_\w+|assistant_app_thread|document_mention|message_replied|reply_broadcast|tombstone|joiner_notification\w*|slackbot_response|app_conversation_\w+)$/;

/** `mention` for the event that tells of one: it is addressed to us whatever its text looks like. */
export function decodeMessage(event: unknown, origin: Origin, { mention }: { readonly mention: boolean }): Outcome {
  const subtype = subtypeSchema.safeParse(event).data?.subtype;
  if (subtype === 'message_changed') return parsed(changeSchema, event, (change) => decodeChange(change, origin));
  if (subtype === 'message_deleted') return parsed(deletionSchema, event, (deletion) => decodeDeletion(deletion, origin));
  if (subtype !== undefined && SERVICE.test(subtype)) return { ignoredBecause: 'service message' };
  return parsed(messageSchema, event, (message) => decodeSaid(message, origin, mention));
}

function decodeSaid(message: WireMessage, origin: Origin, mention: boolean): Outcome {
  const author = authorOf(message, origin);
  if ('ignoredBecause' in author) return author;
  const { channel, ts } = message;
  if (!mention && !isAddressed(channel, message, origin)) return { ignoredBecause: 'not addressed to the bot' };
  return {
    kind: 'message',
    channel: SLACK,
    account: ACCOUNT,
    // Not the envelope's id: a mention arrives twice, as app_mention and as message, and is one message.
    eventId: `message:${channel}:${ts}`,
    threadKey: threadKeyOf({ channel, user: author.userId, ts, threadTs: message.thread_ts }),
    sender: author,
    sentAt: timeOf(ts),
    platformMessageId: messageIdOf(channel, ts),
    content: decodeContent(message, origin.bot),
    scope: isDirect(channel) ? 'direct' : 'group',
    addressed: true,
    quotedMessageId: message.thread_ts === undefined || message.thread_ts === ts ? null : messageIdOf(channel, message.thread_ts),
    metadata: {},
  };
}

function decodeChange(change: z.infer<typeof changeSchema>, origin: Origin): Outcome {
  const { channel, message, previous_message: before } = change;
  const author = authorOf(message, origin);
  if ('ignoredBecause' in author) return author;
  if (!isAddressed(channel, message, origin) && !(before !== undefined && isAddressed(channel, before, origin))) {
    return { ignoredBecause: 'not addressed to the bot' };
  }
  const at = {
    channel: SLACK,
    account: ACCOUNT,
    eventId: origin.eventId,
    threadKey: threadKeyOf({ channel, user: author.userId, ts: message.ts, threadTs: message.thread_ts }),
    sender: author,
    sentAt: timeOf(message.edited?.ts),
    platformMessageId: messageIdOf(channel, message.ts),
  };
  // A message with answers in its thread stays behind as a tombstone.
  if (message.subtype === 'tombstone') return { kind: 'delete', ...at };
  if (message.edited === undefined || message.edited.ts === before?.edited?.ts) {
    return { ignoredBecause: 'not changed by its author: a preview, or a count of replies' };
  }
  return { kind: 'edit', ...at, content: decodeContent(message, origin.bot) };
}

function decodeDeletion(deletion: z.infer<typeof deletionSchema>, origin: Origin): Outcome {
  const { channel, deleted_ts: ts, previous_message: before } = deletion;
  if (before === undefined) return { ignoredBecause: 'deletion of a message that is not told' };
  const author = authorOf(before, origin);
  if ('ignoredBecause' in author) return author;
  if (!isAddressed(channel, before, origin)) return { ignoredBecause: 'not addressed to the bot' };
  return {
    kind: 'delete',
    channel: SLACK,
    account: ACCOUNT,
    eventId: origin.eventId,
    threadKey: threadKeyOf({ channel, user: author.userId, ts, threadTs: before.thread_ts }),
    sender: author,
    sentAt: null,
    platformMessageId: messageIdOf(channel, ts),
  };
}

/** Messages by apps carry a bot's id, our own as well; Slackbot is one without. */
function authorOf(message: WireInnerMessage, { bot }: Origin): Sender | { ignoredBecause: string } {
  if (message.user !== undefined && message.user === bot) return { ignoredBecause: 'our own message' };
  if (message.bot_id !== undefined || message.subtype === 'bot_message' || message.user === 'USLACKBOT') {
    return { ignoredBecause: 'sent by a bot' };
  }
  if (message.user === undefined) return { ignoredBecause: 'message without a sender' };
  return { userId: message.user, displayName: null, languageHint: null };
}

/**
 * In private always; in a channel by name, or in a thread that a message of ours began. Slack does not say who else wrote in a thread, and instances
 * share no memory here: in a thread that somebody else began each message names the bot.
 */
function isAddressed(channel: string, message: WireInnerMessage, { bot }: Origin): boolean {
  return isDirect(channel) || mentions(message.text ?? '', bot) || (bot !== null && message.parent_user_id === bot);
}
