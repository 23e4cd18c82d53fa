/** The desk in Teams: a channel where staff see cases and act on them. One card and one thread for each case, see ./show.ts. */
import { LRUCache } from 'lru-cache';
import type { Received } from '../../../src/domain/channel.js';
import type { Desk } from '../../../src/domain/desk.js';
import type { Logger } from '../../../src/telemetry/logger.js';
import { deskWords } from '../../shared/desk-words.js';
import type { TeamsClient } from '../client.js';
import type { TeamsSettings } from '../config.js';
import { eventIdOf } from '../decode.js';
import { textActivity, type OutboundActivity } from '../encode.js';
import { addressOf, threadKeyOf } from '../thread-key.js';
import type { Activity } from '../wire.js';
import { answerText, cardReply, isTold, lineReply, replyToPress } from './answer.js';
import { DESK, partsOfThread, type TeamsDeskSettings } from './config.js';
import { decodeDeskActivity } from './decode.js';
import { filesFor } from './files.js';
import { replyWords } from './reply-words.js';
import { createShow } from './show.js';
import { createStaff } from './staff.js';

/** Cards to go back to from what a person alone was shown. */
const CARDS_KEPT = 500;
const CHATS_KEPT = 1000;

export interface TeamsDesk extends Desk {
  /** Whether the activity is one of the desk's channel. */
  owns(activity: Activity): boolean;
  /** What was done there. Nothing of it is a customer's. */
  receive(activity: Activity): Received;
}

export function createTeamsDesk(
  { conversation, language }: TeamsDeskSettings,
  { client, settings, logger }: { readonly client: TeamsClient; readonly settings: TeamsSettings; readonly logger: Logger },
): TeamsDesk {
  const words = { ...deskWords(language), ...replyWords(language) };
  const channel = addressOf(conversation, settings.serviceUrls);
  const cards = new LRUCache<string, OutboundActivity>({ max: CARDS_KEPT });
  const chats = new LRUCache<string, string>({ max: CHATS_KEPT });
  const onCard = (ticketId: string, card: OutboundActivity) => void cards.set(ticketId, card);
  const staff = createStaff(client, channel, logger);
  return {
    name: DESK,
    show: createShow({ client, channel, words, staff, onCard, filesOf: filesFor(settings, words) }),
    async answer(request, answer) {
      const { userId, told } = request.answerTo;
      if (userId === undefined || told !== undefined || !isTold(request, answer)) return;
      const chat = chats.get(userId) ?? (await client.openChat(channel, userId));
      chats.set(userId, chat);
      await client.send({ ...channel, conversationId: chat }, textActivity(answerText(answer)));
    },
    owns({ conversation: { id }, serviceUrl }) {
      const channelId = partsOfThread(id)?.channelId ?? id;
      return threadKeyOf({ conversationId: channelId, serviceUrl }, settings.serviceUrls) === conversation;
    },
    receive(activity) {
      const decoded = decodeDeskActivity(activity, settings.tenantId);
      const isInvoke = activity.type === 'invoke';
      switch (decoded.kind) {
        case 'request': {
          const { request } = decoded;
          const reply = isInvoke ? lineReply('✓') : { status: 200 };
          const replyWith: Received['replyWith'] = ([answer]) => (answer === undefined ? reply : replyToPress(request, answer, words));
          return { reply, events: [], ignored: [], desk: [request], ...(isInvoke ? { replyWith } : {}) };
        }
        case 'back': {
          const card = cards.get(decoded.ticketId);
          const reply = card === undefined ? lineReply(words.backLater) : cardReply(card);
          return { reply, events: [], ignored: [{ eventId: eventIdOf(activity), reason: 'back to the card of a case' }] };
        }
        case 'ignored': {
          const reply = isInvoke ? lineReply(words.notUnderstood) : { status: 200 };
          return { reply, events: [], ignored: [{ eventId: eventIdOf(activity), reason: decoded.reason }] };
        }
      }
    },
  };
}
