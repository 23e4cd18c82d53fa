/** The Events API (https://docs.slack.dev/apis/events-api): every event is either a domain event or ignored for a stated reason. Pure. */
import type { InboundEvent, Sender } from '../../src/domain/message.js';
import { ACCOUNT, SLACK } from './config.js';
import {
  answered,
  decoded,
  isDirect,
  messageIdOf,
  parsed,
  threadKeyOf,
  timeOf,
  type Decoded,
  type Origin,
  type Outcome,
} from './decode.js';
import { decodeMessage } from './decode-message.js';
import { emojiOf } from './emoji.js';
import { envelopeSchema, homeSchema, joinedSchema, leftSchema, reactionSchema, revokedSchema } from './wire.js';
import type { z } from 'zod';

type EventDecoder = (event: unknown, origin: Origin) => Outcome;

const DECODERS: Readonly<Record<string, EventDecoder>> = {
  message: (event, origin) => decodeMessage(event, origin, { mention: false }),
  app_mention: (event, origin) => decodeMessage(event, origin, { mention: true }),
  reaction_added: (event, origin) => parsed(reactionSchema, event, (reaction) => decodeReaction(reaction, true, origin)),
  reaction_removed: (event, origin) => parsed(reactionSchema, event, (reaction) => decodeReaction(reaction, false, origin)),
  member_joined_channel: (event, origin) =>
    parsed(joinedSchema, event, ({ user, channel, inviter }) =>
      user === origin.bot ? membership('joined', channel, inviter ?? user, origin) : { ignoredBecause: 'somebody else joined' },
    ),
  channel_left: (event, origin) => decodeLeft(event, origin),
  group_left: (event, origin) => decodeLeft(event, origin),
  app_home_opened: (event) => parsed(homeSchema, event, () => ({ ignoredBecause: 'home opened' })),
  app_uninstalled: (_event, origin) => membership('left', origin.team ?? 'workspace', origin.bot ?? 'unknown', origin),
  tokens_revoked: (event, origin) =>
    parsed(revokedSchema, event, ({ tokens }) =>
      (tokens.bot ?? []).length > 0
        ? membership('left', origin.team ?? 'workspace', origin.bot ?? 'unknown', origin)
        : { ignoredBecause: "a person's token was revoked" },
    ),
};

/** Null when it is nothing that Slack sends. */
export function decodeEvents(payload: unknown): Decoded | null {
  const envelope = envelopeSchema.safeParse(payload).data;
  if (envelope === undefined) return null;
  const { type, challenge, event, event_id: eventId } = envelope;
  if (type === 'url_verification' && challenge !== undefined) return answered(challenge);
  if (type === 'app_rate_limited') return decoded({ ignoredBecause: 'Slack held events back: more than 30,000 in an hour' }, null, payload);
  if (type !== 'event_callback' || event === undefined || eventId === undefined) {
    return decoded({ ignoredBecause: `request of type ${type.slice(0, 60)}`, unknown: true }, eventId ?? null, payload);
  }
  const bot = envelope.authorizations?.find((authorization) => authorization.is_bot === true)?.user_id ?? null;
  const decode = Object.hasOwn(DECODERS, event.type) ? DECODERS[event.type] : undefined;
  const outcome = decode?.(event, { eventId, team: envelope.team_id ?? null, bot }) ?? {
    ignoredBecause: `event of type ${event.type.slice(0, 60)}`,
    unknown: true,
  };
  const homeOpenedBy = event.type === 'app_home_opened' ? homeOpenedIn(event) : null;
  return { ...decoded(outcome, eventId, payload), homeOpenedBy };
}

/** Its other tab is the conversation. */
function homeOpenedIn(event: unknown): string | null {
  const opened = homeSchema.safeParse(event).data;
  return opened?.tab === 'messages' ? null : (opened?.user ?? null);
}

function decodeReaction(reaction: z.infer<typeof reactionSchema>, added: boolean, origin: Origin): Outcome {
  const { user, item, reaction: name } = reaction;
  if (item.type !== 'message' || item.channel === undefined || item.ts === undefined) return { ignoredBecause: 'reaction to no message' };
  if (user === origin.bot) return { ignoredBecause: 'our own reaction' };
  // Without the thread there is no telling which conversation it belongs to; and what people tell each other so is theirs.
  if (!isDirect(item.channel)) return { ignoredBecause: 'reaction in a channel, of which Slack does not name the thread' };
  return {
    kind: 'reaction',
    ...originOf(origin),
    threadKey: threadKeyOf({ channel: item.channel, user, ts: item.ts, threadTs: undefined }),
    sender: senderOf(user),
    sentAt: timeOf(reaction.event_ts),
    platformMessageId: messageIdOf(item.channel, item.ts),
    emoji: added ? emojiOf(name) : null,
  };
}

const decodeLeft: EventDecoder = (event, origin) =>
  parsed(leftSchema, event, ({ channel, actor_id: actor }) => membership('left', channel, actor ?? origin.bot ?? 'unknown', origin));

const membership = (change: 'joined' | 'left', threadKey: string, userId: string, origin: Origin): InboundEvent => ({
  kind: 'membership',
  ...originOf(origin),
  threadKey,
  sender: senderOf(userId),
  sentAt: null,
  change,
});

const originOf = ({ eventId }: Origin) => ({ channel: SLACK, account: ACCOUNT, eventId });

/** Events name people by their ids only. */
const senderOf = (userId: string): Sender => ({ userId, displayName: null, languageHint: null });
