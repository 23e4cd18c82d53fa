/** Tells each side of a case that the other is typing. Within one instance: like all progress it is told at once, and stored nowhere. */
import { LRUCache } from 'lru-cache';
import type { Channel } from '../../domain/channel.js';
import type { Conversation } from '../../domain/conversation.js';
import { asError } from '../../domain/errors.js';
import type { Agent, Ticket } from '../../domain/ticket.js';
import type { CaseTyping } from '../../domain/typing.js';
import type { Logger } from '../../telemetry/logger.js';

export interface Typing extends CaseTyping {
  stop(): void;
}

export interface TypingDeps {
  readonly ticketOf: (id: string) => Promise<Ticket | null>;
  readonly conversationOf: (id: string) => Promise<Conversation | null>;
  readonly channelOf: (conversation: Conversation) => Channel | undefined;
  /** The agent's name as customers see it; null: none is shown. */
  readonly shownName: (name: string) => string | null;
  readonly logger: Logger;
}

/** Clients tell it again and again; more often than this nobody is told of it. */
const AT_MOST_EVERY_MS = 2_000;
/** Somebody who has not typed for so long has stopped. */
export const TYPING_LASTS_MS = 6_000;
const REMEMBERED = 10_000;

export function createTyping(deps: TypingDeps): Typing {
  const listeners = new Set<(ticketId: string) => void>();
  const lately = new LRUCache<string, number>({ max: REMEMBERED });
  const ending = new Map<string, NodeJS.Timeout>();

  const isNews = (key: string): boolean => {
    const now = Date.now();
    if (now - (lately.get(key) ?? 0) < AT_MOST_EVERY_MS) return false;
    lately.set(key, now);
    return true;
  };

  const show = async (channel: Channel, conversation: Conversation, agent: Agent): Promise<void> => {
    const { id, threadKey, userId } = conversation;
    const to = { conversationId: id, threadKey, userId };
    clearTimeout(ending.get(id));
    const stopped = () => void channel.showTyping?.(to, { kind: 'stopped' }).catch(notShown);
    ending.set(id, setTimeout(stopped, TYPING_LASTS_MS).unref());
    await channel.showTyping?.(to, { kind: 'started', person: { name: deps.shownName(agent.name) } });
  };
  const notShown = (thrown: unknown) => deps.logger.debug({ err: asError(thrown) }, 'that somebody types could not be shown');

  return {
    async customer(conversationId) {
      if (listeners.size === 0 || !isNews(conversationId)) return;
      try {
        const conversation = await deps.conversationOf(conversationId);
        if (conversation === null || conversation.status === 'bot' || conversation.ticketId === null) return;
        for (const hear of listeners) hear(conversation.ticketId);
      } catch (thrown) {
        notShown(thrown);
      }
    },
    async agent(ticketId, agent) {
      if (!isNews(`${ticketId}:${agent.id}`)) return;
      try {
        const ticket = await deps.ticketOf(ticketId);
        if (ticket?.agent?.id !== agent.id) return;
        const conversation = await deps.conversationOf(ticket.conversationId);
        const channel = conversation === null ? undefined : deps.channelOf(conversation);
        if (conversation !== null && channel !== undefined && channel.capabilities.typing !== null)
          await show(channel, conversation, agent);
      } catch (thrown) {
        notShown(thrown);
      }
    },
    listen(hear) {
      listeners.add(hear);
      return () => void listeners.delete(hear);
    },
    stop() {
      for (const timer of ending.values()) clearTimeout(timer);
    },
  };
}
