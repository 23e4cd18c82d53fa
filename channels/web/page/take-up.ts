/** Takes up a conversation that the service has already: asks for its session and its log until there is an answer, then opens the line. */
import { asked, fetchHistory } from './api.js';
import type { Line } from './line.js';
import type { LogSync } from './log-sync.js';
import type { Sender } from './sender.js';
import type { SessionKeeper } from './session-keeper.js';
import type { SituationKeeper } from './situation.js';
import type { KnownSession } from './storage.js';

export interface TakeUpParts {
  readonly situation: SituationKeeper;
  readonly session: SessionKeeper;
  readonly line: Pick<Line, 'open'>;
  readonly sender: Pick<Sender, 'restore'>;
  readonly log: Pick<LogSync, 'show'>;
  /** The session is unknown or ended. */
  readonly onGone: () => void;
}

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;

export function createTakeUp({ situation, session, line, sender, log, onGone }: TakeUpParts): (known: KnownSession) => Promise<void> {
  const { update } = situation;
  let retryMs = FIRST_RETRY_MS;
  let timer = 0;

  const later = (known: KnownSession): void => {
    update({ offline: true });
    clearTimeout(timer);
    timer = window.setTimeout(() => void takeUp(known), retryMs);
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  };
  const logOf = (id: string) =>
    asked(
      () => fetchHistory(id),
      (messages) => messages,
    );

  async function takeUp(known: KnownSession): Promise<void> {
    session.take(known);
    update({ loading: true, ticket: known.ticket, withPerson: known.ticket !== null });
    const status = await session.find(known.id);
    const messages = status === 'open' ? await logOf(known.id) : status;
    if (session.now()?.id !== known.id) return;
    if (messages === null) return later(known);
    if (messages === 'gone') {
      update({ loading: false });
      onGone();
    } else {
      log.show(messages);
      update({ loading: false, offline: false });
      line.open(known.id);
    }
    retryMs = FIRST_RETRY_MS;
    sender.restore();
  }

  return takeUp;
}
