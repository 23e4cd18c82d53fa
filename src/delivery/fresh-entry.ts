/** How every outbox entry begins: to be sent at once, no call made yet. */
import { type OutboxDocument } from '../storage/models/outbox.js';

export const freshEntry = (at: Date) =>
  ({
    state: 'pending',
    open: true,
    attempts: 0,
    nextAttemptAt: at,
    uncertain: 0,
    inDoubt: 0,
    platformMessageId: null,
    failure: null,
    createdAt: at,
    retriedAt: null,
    sentAt: null,
    expiresAt: null,
  }) satisfies Partial<OutboxDocument>;
