/** Activities to domain events: pure. Every kind of activity is either an event or ignored for a stated reason. */
import { createHash } from 'node:crypto';
import type { IgnoredEvent } from '../../src/domain/channel.js';
import type { InboundContent } from '../../src/domain/content.js';
import type { InboundEvent, Sender } from '../../src/domain/message.js';
import { jsonText } from '../shared/json.js';
import { botIdOf, type TeamsSettings } from './config.js';
import { decodeCardAction, decodeContent, mentionsBot, quotedMessageIdOf } from './content.js';
import { emojiOf } from './reactions.js';
import { threadKeyOf } from './thread-key.js';
import { activitySchema, readReceiptSchema, type Activity, type WireAccount } from './wire.js';

export const TEAMS = 'teams';

export type DecodedActivity =
  | {
      readonly ok: true;
      readonly activity: Activity;
      readonly threadKey: string;
      readonly events: readonly InboundEvent[];
      readonly ignored: readonly IgnoredEvent[];
    }
  /** `refused`: the HTTP status that says why. */
  | { readonly ok: false; readonly refused: 400 | 403; readonly because: string };

type Decoded = InboundEvent | { readonly ignoredBecause: string; readonly unknown?: true };
type Origin = Pick<InboundEvent, 'channel' | 'account' | 'eventId' | 'threadKey' | 'sender' | 'sentAt'>;
type Decoder = (activity: Activity, origin: Origin) => Decoded;

const DECODERS: Readonly<Record<string, Decoder>> = {
  message: (activity, origin) => decodeMessage(activity, origin, decodeContent(activity)),
  messageUpdate: (activity, origin) =>
    activity.id === undefined
      ? { ignoredBecause: 'edit without an id' }
      : { kind: 'edit', ...origin, platformMessageId: activity.id, content: decodeContent(activity) },
  messageDelete: (activity, origin) =>
    activity.id === undefined ? { ignoredBecause: 'delete without an id' } : { kind: 'delete', ...origin, platformMessageId: activity.id },
  messageReaction: decodeReaction,
  conversationUpdate: decodeConversationUpdate,
  installationUpdate: decodeInstallation,
  invoke: decodeInvoke,
  event: decodeNotification,
  typing: () => ({ ignoredBecause: 'somebody is typing' }),
};

export function decodeActivity(json: unknown, settings: Pick<TeamsSettings, 'appId' | 'serviceUrls'>): DecodedActivity {
  const parsed = activitySchema.safeParse(json);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    return { ok: false, refused: 400, because: `not an activity: ${fields.slice(0, 200)}` };
  }
  const activity = parsed.data;
  const threadKey = threadKeyOf({ conversationId: activity.conversation.id, serviceUrl: activity.serviceUrl }, settings.serviceUrls);
  if (threadKey === null) return { ok: false, refused: 403, because: 'the serviceUrl is not among TEAMS_SERVICE_URLS' };
  const origin = {
    channel: TEAMS,
    account: settings.appId,
    eventId: eventIdOf(activity),
    threadKey,
    sender: senderOf(activity),
    sentAt: timeOf(activity.timestamp),
  };
  const decoded = decode(activity, origin, settings.appId);
  if (!('ignoredBecause' in decoded)) return { ok: true, activity, threadKey, events: [decoded], ignored: [] };
  const ignored: IgnoredEvent = {
    eventId: origin.eventId,
    reason: decoded.ignoredBecause,
    ...(decoded.unknown === true ? { unknown: jsonText(json) } : {}),
  };
  return { ok: true, activity, threadKey, events: [], ignored: [ignored] };
}

function decode(activity: Activity, origin: Origin, appId: string): Decoded {
  if (activity.channelId !== 'msteams') return { ignoredBecause: `activity of the channel ${activity.channelId.slice(0, 60)}` };
  const decoder = Object.hasOwn(DECODERS, activity.type) ? DECODERS[activity.type] : undefined;
  if (decoder === undefined) return { ignoredBecause: `activity of type ${activity.type.slice(0, 60)}`, unknown: true };
  // The platform itself tells of members and installations, at times in the bot's own name.
  const told = activity.type === 'conversationUpdate' || activity.type === 'installationUpdate';
  if (!told && activity.from === undefined) return { ignoredBecause: 'activity without a sender' };
  if (!told && isBot(activity.from))
    return { ignoredBecause: activity.from?.id === botIdOf(appId) ? 'sent by ourselves' : 'sent by a bot' };
  return decoder(activity, origin);
}

export const isBot = (account: WireAccount | undefined): boolean =>
  account?.role === 'bot' || account?.role === 'skill' || /^28:/.test(account?.id ?? '');

/**
 * A message's id is unique in its conversation only, and what happens to it later carries the same one: the type and the time tell those apart.
 * What has no id is named after all that it says.
 */
export function eventIdOf(activity: Activity): string {
  const { id, type, timestamp, conversation } = activity;
  if (id === undefined) return `${type}:${createHash('sha256').update(JSON.stringify(activity)).digest('hex').slice(0, 32)}`;
  return type === 'message' ? `${conversation.id}/${id}` : `${conversation.id}/${id}/${type}/${timestamp ?? ''}`;
}

function senderOf({ from, locale, entities, conversation }: Activity): Sender {
  const languageHint = locale ?? entities?.find(({ type }) => type === 'clientInfo')?.locale ?? null;
  return {
    userId: from?.id ?? conversation.id,
    displayName: from?.name === undefined || from.name === '' ? null : from.name,
    languageHint,
  };
}

function timeOf(timestamp: string | undefined): Date | null {
  const time = new Date(timestamp ?? '');
  return Number.isNaN(time.getTime()) ? null : time;
}

const scopeOf = ({ conversation }: Activity) =>
  conversation.conversationType === undefined || conversation.conversationType === 'personal' ? ('direct' as const) : ('group' as const);

function decodeMessage(activity: Activity, origin: Origin, content: readonly InboundContent[]): Decoded {
  if (activity.id === undefined) return { ignoredBecause: 'message without an id' };
  const scope = scopeOf(activity);
  const chosen = content[0]?.kind === 'choice';
  return {
    kind: 'message',
    ...origin,
    platformMessageId: activity.id,
    content,
    scope,
    addressed: scope === 'direct' || chosen || mentionsBot(activity),
    quotedMessageId: quotedMessageIdOf(activity),
    metadata: {
      ...(activity.from?.aadObjectId === undefined ? {} : { aadObjectId: activity.from.aadObjectId }),
      ...(activity.conversation.tenantId === undefined ? {} : { tenantId: activity.conversation.tenantId }),
    },
  };
}

/** A pressed `Action.Execute` is a message; what else asks for an answer at once (task modules, extensions, sign-in) is not for us. */
function decodeInvoke(activity: Activity, origin: Origin): Decoded {
  if (activity.name === 'fileConsent/invoke') return { ignoredBecause: 'answer to an offered file' };
  if (activity.name !== 'adaptiveCard/action') return { ignoredBecause: `invoke ${(activity.name ?? '').slice(0, 60)}`, unknown: true };
  const choice = decodeCardAction(activity.value);
  if (choice === null) return { ignoredBecause: 'card action that is not ours', unknown: true };
  const decoded = decodeMessage(activity, origin, [choice]);
  return 'kind' in decoded && decoded.kind === 'message' ? { ...decoded, quotedMessageId: activity.replyToId ?? null } : decoded;
}

function decodeReaction(activity: Activity, origin: Origin): Decoded {
  if (activity.replyToId === undefined) return { ignoredBecause: 'reaction to nothing' };
  const [added] = activity.reactionsAdded ?? [];
  if (added === undefined) {
    if ((activity.reactionsRemoved ?? []).length === 0) return { ignoredBecause: 'reaction without a kind' };
    return { kind: 'reaction', ...origin, platformMessageId: activity.replyToId, emoji: null };
  }
  const emoji = emojiOf(added.type);
  if (emoji === null) return { ignoredBecause: 'reaction without an emoji' };
  return { kind: 'reaction', ...origin, platformMessageId: activity.replyToId, emoji };
}

function decodeConversationUpdate(activity: Activity, origin: Origin): Decoded {
  const bot = activity.recipient?.id;
  const isUs = (members: readonly WireAccount[] | undefined) => bot !== undefined && (members ?? []).some(({ id }) => id === bot);
  if (isUs(activity.membersAdded)) return { kind: 'membership', ...origin, change: 'joined' };
  if (isUs(activity.membersRemoved)) return { kind: 'membership', ...origin, change: 'left' };
  if ((activity.membersAdded ?? []).length > 0) return { ignoredBecause: 'somebody joined' };
  if ((activity.membersRemoved ?? []).length > 0) return { ignoredBecause: 'somebody left' };
  return { ignoredBecause: `conversation changed: ${(activity.channelData?.eventType ?? 'somehow').slice(0, 60)}` };
}

function decodeInstallation(activity: Activity, origin: Origin): Decoded {
  if (activity.action === 'add') return { kind: 'membership', ...origin, change: 'joined' };
  if (activity.action === 'remove') return { kind: 'membership', ...origin, change: 'left' };
  return { ignoredBecause: 'installation upgraded' };
}

function decodeNotification(activity: Activity, origin: Origin): Decoded {
  const receipt = readReceiptSchema.safeParse(activity.value).data;
  if (activity.name !== 'application/vnd.microsoft.readReceipt' || receipt === undefined)
    return { ignoredBecause: `event ${(activity.name ?? '').slice(0, 60)}`, unknown: true };
  return { kind: 'status', ...origin, platformMessageId: receipt.lastReadMessageId, status: 'read' };
}
