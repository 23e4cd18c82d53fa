/** Recalls the session's last messages and what is known of the person. */
import type { MemoryService } from '../../domain/memory.js';
import type { Step } from '../compose.js';
import type { Turn } from '../turn.js';

export function memoryStep(memory: MemoryService): Step {
  return {
    name: 'memory',
    async run(turn) {
      turn.recollection = await memory.recall({
        threadId: turn.threadId,
        ownerId: memoryOwner(turn),
        conversationId: turn.input.conversation.id,
        newThread: turn.change.threadId !== undefined && turn.session !== null && turn.session.createdAt >= turn.startedAt,
      });
      return `${turn.recollection.window.length} messages, ${turn.recollection.facts.length} facts`;
    },
  };
}

/** A person whom the platform, or a caller with an API key, vouches for is remembered as such; an anonymous visitor only within the session. */
export function memoryOwner(turn: Turn): string {
  return turn.session?.userVerified === true ? turn.input.conversation.contactId : turn.threadId;
}
