/** Recalls the session's last messages and what is known of the person. */
import { contactIdOf } from '../../domain/ids.js';
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
        ...(turn.input.conversation.linked === true ? { linkedContactId: turn.input.conversation.contactId } : {}),
        newThread: turn.change.threadId !== undefined && turn.session !== null && turn.session.createdAt >= turn.startedAt,
      });
      return `${turn.recollection.window.length} messages, ${turn.recollection.facts.length} facts`;
    },
  };
}

/** A person whom the platform, or a caller with an API key, or a link to such an identity, vouches for is remembered as such; an anonymous visitor only within the session. */
export function memoryOwner(turn: Turn): string {
  const { conversation } = turn.input;
  const linked = conversation.linked === true && conversation.contactId !== contactIdOf(conversation);
  return turn.session?.userVerified === true || linked ? conversation.contactId : turn.threadId;
}
