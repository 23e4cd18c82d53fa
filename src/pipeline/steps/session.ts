/** Finds the session the message belongs to; a platform conversation whose session has ended gets a new one. */
import type { SessionStore } from '../../domain/session.js';
import type { Step } from '../compose.js';
import type { Turn } from '../turn.js';

export function sessionStep(sessions: SessionStore, ttlMs: number): Step {
  return {
    name: 'session',
    async run(turn) {
      const { conversation, event } = turn.input;
      if (event.channel === 'web') {
        // There the thread is the session. It was checked before the message was stored; deleted since, nothing of it may come back.
        turn.session = await sessions.find(event.threadKey, ttlMs);
        if (turn.session === null) {
          turn.answer = { markdown: '', sources: [], choices: [], confidence: 0, outcome: 'discarded' };
          return 'the session was deleted';
        }
      } else {
        turn.session = await sessions.openFor({
          conversationId: conversation.id,
          currentId: conversation.sessionId,
          channel: event.channel,
          userId: event.sender.userId,
          eventId: turn.input.inboxId,
          ttlMs,
        });
      }
      turn.threadId = turn.session.threadId;
      if (turn.session.threadId === conversation.threadId) return undefined;
      turn.change = { ...turn.change, sessionId: turn.session.id, threadId: turn.session.threadId, failedAnswers: 0 };
      keepEscalated(turn);
      return 'new session';
    },
  };
}

/** A session that was opened by this very message goes on where the one before it ended: a case outlasts the night. */
function keepEscalated(turn: Turn): void {
  const { status, ticketId } = turn.input.conversation;
  if (turn.session?.status !== 'active' || status === 'bot' || ticketId === null) return;
  turn.foundStatus = turn.session.status;
  turn.session = { ...turn.session, status: 'escalated' };
}
