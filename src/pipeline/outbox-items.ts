/** Makes the outbox entries of one message that was fitted to its channel: ids, order and addressee of each part. Pure. */
import type { AnswerInfo } from '../domain/channel.js';
import type { OutboundContent } from '../domain/content.js';
import type { Conversation } from '../domain/conversation.js';
import { ORDER_STEP } from '../domain/ids.js';
import type { InboundEvent, Message } from '../domain/message.js';
import type { OutboxItem } from '../domain/turn.js';

export interface Outgoing {
  readonly conversation: Conversation;
  /** What it follows upon: says where it goes. */
  readonly event: InboundEvent;
  readonly message: Message;
  readonly content: readonly OutboundContent[];
  readonly answer: AnswerInfo;
  /** The platform takes it as a free reply until then; null: whenever. */
  readonly replyUntil: Date | null;
  /** Ids of the customer's messages that it answers. */
  readonly answers?: readonly string[];
}

export function outboxItems({ conversation, event, message, content, answer, replyUntil, answers = [] }: Outgoing): OutboxItem[] {
  const { channel, account, threadKey, sender } = event;
  const scope = event.kind === 'message' ? { scope: event.scope } : {};
  const replyTo = event.kind === 'message' && event.scope === 'group' ? event.platformMessageId : null;
  const place = { order: message.order, after: conversation.lastOrder, answers };
  return content.map((part, index) => ({
    id: `${message.id}:${index}`,
    messageId: message.id,
    ...{ channel, account, conversationId: conversation.id },
    to: { conversationId: conversation.id, threadKey, userId: sender.userId, ...scope },
    content: part,
    replyTo,
    last: index === content.length - 1,
    answer,
    order: message.order + Math.min(index, ORDER_STEP - 2),
    ...(replyUntil === null ? {} : { repliesUntil: replyUntil }),
    place,
  }));
}
