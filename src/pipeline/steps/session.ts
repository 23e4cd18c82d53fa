/** Finds the session the message belongs to; a platform conversation whose session has ended gets a new one. */
import type { SessionStore } from '../../domain/session.js';
import type { Step } from '../compose.js';

export function sessionStep(sessions: SessionStore, ttlMs: number): Step {
  return {
    name: 'session',
    async run(turn) {
      const { conversation, event } = turn.input;
      // On the web channel the thread is the session; it was checked before the message was stored.
      const known = event.channel === 'web' ? await sessions.find(event.threadKey, ttlMs) : null;
      turn.session =
        known ??
        (await sessions.openFor({
          conversationId: conversation.id,
          channel: event.channel,
          userId: event.sender.userId,
          eventId: turn.input.inboxId,
          ttlMs,
        }));
      if (turn.session.threadId === conversation.threadId) return undefined;
      turn.change = { ...turn.change, sessionId: turn.session.id, threadId: turn.session.threadId, failedAnswers: 0 };
      return 'new session';
    },
  };
}
