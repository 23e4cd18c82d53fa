/** Keeps what is shown in step with the service's log, where the line does not tell: without a WebSocket, and when an answer is long in coming. */
import { asked, fetchHistory } from './api.js';
import type { Conversation } from './conversation.js';
import type { Line } from './line.js';
import type { Sender } from './sender.js';
import type { SessionKeeper } from './session-keeper.js';
import type { SituationKeeper } from './situation.js';
import type { ChatResponse, LoggedMessage } from './wire.js';

export interface LogSync {
  show(log: readonly LoggedMessage[]): void;
  /** Reads it now. */
  read(): Promise<void>;
  /** Reads it in a while, where that is called for. */
  readonly schedule: () => void;
  /** The answer to a message that went by HTTP: the log shows both, and the answer stands right behind its question. Rejects with ApiError. */
  takeAnswer(key: string, response: ChatResponse): Promise<void>;
}

export interface LogSyncParts {
  readonly conversation: Conversation;
  readonly situation: SituationKeeper;
  readonly session: SessionKeeper;
  readonly line: Pick<Line, 'state' | 'retry'>;
  readonly sender: Pick<Sender, 'isUncertain'>;
  /** The session is unknown or ended. */
  readonly onGone: () => void;
}

const POLL_MS = 5000;
/** The line brings an answer whichever instance prepared it; this is for a line that is broken and does not know it yet. */
const AWAIT_MS = 8000;
/** Later than this an answer does not come any more; a message that was held back gets none. */
const AWAIT_LIMIT_MS = 300_000;

export function createLogSync({ conversation, situation, session, line, sender, onGone }: LogSyncParts): LogSync {
  let timer = 0;

  function show(log: readonly LoggedMessage[]): void {
    conversation.merge(log);
    if (log.at(-1)?.role !== 'user') situation.showTyping(false);
  }

  function schedule(): void {
    clearTimeout(timer);
    const last = conversation.messages().at(-1);
    const recent = last !== undefined && Date.now() - last.at.getTime() < AWAIT_LIMIT_MS;
    const awaiting = recent && last.state === 'stored' && !situation.now().withPerson;
    const dueMs = line.state() === 'polling' ? POLL_MS : line.state() === 'live' && awaiting ? AWAIT_MS : null;
    if (dueMs !== null) timer = window.setTimeout(() => void read(), dueMs);
  }

  async function read(): Promise<void> {
    const id = session.now()?.id;
    if (id === undefined || sender.isUncertain() || document.visibilityState === 'hidden') return schedule();
    const found = await asked(
      () => fetchHistory(id),
      (log) => log,
    );
    if (session.now()?.id !== id) return;
    if (found === 'gone') return onGone();
    if (found === null) line.retry();
    else if (!sender.isUncertain()) show(found);
    schedule();
  }

  async function takeAnswer(key: string, response: ChatResponse): Promise<void> {
    const { message_id, ticket_id, buttons } = response.metadata;
    const id = session.now()?.id;
    if (id === undefined) return;
    const log = await fetchHistory(id);
    const index = log.findIndex((message) => message.id === message_id);
    const own = log.slice(0, index + 1).findLast((message) => message.role === 'user');
    if (own !== undefined) conversation.confirm(key, own.id);
    show(log);
    if (log[index]?.role === 'assistant') {
      conversation.take({ type: 'complete', message_id, ...(buttons === undefined ? {} : { buttons }) }, new Date());
    }
    if (response.requires_escalation) session.noteEscalation(true, ticket_id ?? null);
    else if (situation.now().withPerson) await session.find(id);
  }

  return { show, read, schedule, takeAnswer };
}
