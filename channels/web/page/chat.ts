/** The chat without its looks: keeps the session, joins line, sender and conversation, and tells the view what is going on. */
import { ApiError, createSession, endSession, fileAddress, fetchHistory, findSession } from './api.js';
import { createConversation, type Conversation, type Notice } from './conversation.js';
import { createLine } from './line.js';
import type { PageMetadata } from './page-metadata.js';
import { createSender } from './sender.js';
import { createSituation, type SituationKeeper } from './situation.js';
import { readSession, watchOtherTabs, writeSession, type KnownSession } from './storage.js';
import type { ChatResponse, LoggedMessage, ServerFrame, Session } from './wire.js';

export interface Chat {
  readonly conversation: Conversation;
  readonly situation: Pick<SituationKeeper, 'now' | 'subscribe'>;
  /** Takes up the conversation of the last visit. */
  start(): void;
  send(text: string, files: readonly File[]): void;
  retry(key: string): void;
  /** Takes back a message that could not be sent; returns its text. */
  withdraw(key: string): string;
  startAnew(): void;
  /** From where the browser fetches a file of the conversation. */
  addressOf(fileId: string): string;
  /** The customer is writing. */
  announceTyping(): void;
}

const POLL_MS = 5000;
/** The line brings an answer whichever instance prepared it; this is for a line that is broken and does not know it yet. */
const AWAIT_MS = 8000;
/** Later than this an answer does not come any more; a message that was held back gets none. */
const AWAIT_LIMIT_MS = 300_000;
const TYPING_EVERY_MS = 3000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;

/** @param metadata of the page around us, to go with each message */
export function createChat(metadata: () => PageMetadata): Chat {
  const conversation = createConversation();
  const situation = createSituation();
  const { update, showTyping } = situation;
  let session: KnownSession | null = null;
  let opening: Promise<string> | null = null;
  /** Messages of other windows that wait until it is known which of them are our own. */
  let held: { frame: ServerFrame; at: Date }[] = [];
  let retryMs = FIRST_RETRY_MS;
  let lastTyping = 0;
  const timers = { sync: 0, retry: 0 };

  const after = (name: keyof typeof timers, ms: number, task: () => void): void => {
    clearTimeout(timers[name]);
    timers[name] = window.setTimeout(task, ms);
  };

  const line = createLine({
    onState(state) {
      if (state !== 'live') sender.onCut();
      if (state === 'closed') return;
      update({ offline: state === 'offline' });
      if (state === 'offline') showTyping(false);
      if (state === 'live' || state === 'polling') sender.pump();
      scheduleSync();
    },
    onFrame: takeFrame,
    onGone: () => sessionOver('sessionOver'),
    probe: (id) => request(() => findSession(id), noteStatus).then((found) => found ?? 'unreachable'),
    lastKnown() {
      // The last but one: the last comes again, with its buttons, which the log does not tell.
      const ids = conversation
        .messages()
        .flatMap(({ id, state, role }) => (id === null || state === 'streaming' || role === 'notice' ? [] : [id]));
      return ids.length === 0 && !sender.isUncertain() ? null : (ids.at(-2) ?? 'start');
    },
  });

  const sender = createSender(conversation, line, {
    metadata,
    ensureSession,
    onSessionOver: () => sessionOver('sessionOver'),
    onSent() {
      releaseHeld();
      scheduleSync();
    },
    onAnswered: takeAnswer,
    onTrouble: () => line.retry(),
  });

  /** Runs a call to the service; null where it could not be reached. */
  async function request<Answer, Result>(call: () => Promise<Answer>, use: (answer: Answer) => Result): Promise<Result | 'gone' | null> {
    try {
      return use(await call());
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      return thrown.temporary ? null : 'gone';
    }
  }

  function noteStatus({ status }: Session): 'open' | 'gone' {
    if (status === 'ended') return 'gone';
    if (situation.now().withPerson !== (status === 'escalated')) noteEscalation(status === 'escalated', null);
    return 'open';
  }

  function noteEscalation(withPerson: boolean, ticket: string | null): void {
    const known = withPerson ? (ticket ?? situation.now().ticket) : null;
    keep(session === null ? null : { id: session.id, ticket: known });
    update({ withPerson, ticket: known });
  }

  function keep(next: KnownSession | null): void {
    session = next;
    writeSession(next);
  }

  function ensureSession(): Promise<string> {
    if (session !== null) return Promise.resolve(session.id);
    opening ??= openSession().finally(() => (opening = null));
    return opening;
  }

  async function openSession(): Promise<string> {
    try {
      const created = await createSession();
      // Another tab may have been faster: one browser has one conversation.
      const id = readSession()?.id ?? created.session_id;
      keep({ id, ticket: null });
      update({ offline: false });
      line.open(id);
      return id;
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.temporary) update({ offline: true });
      throw thrown;
    }
  }

  function takeFrame(frame: ServerFrame, at: Date): void {
    sender.take(frame);
    if (frame.type === 'connected') return conversation.dropPartial();
    if (frame.type === 'user_typing') return situation.showOtherWindow();
    if (frame.type === 'agent_typing') return situation.showAgentTyping(frame.author ?? '');
    if (frame.type === 'start') {
      if (frame.message_id !== undefined) conversation.take(frame, at);
      return showTyping(!situation.now().withPerson);
    }
    if (frame.type === 'status') return update({ progress: frame.message });
    if (frame.type === 'escalation') return noteEscalation(frame.required, frame.ticket_id ?? null);
    if (frame.type === 'message' && frame.role === 'user' && sender.isUncertain()) return void held.push({ frame, at });
    if (frame.type === 'message' && frame.role === 'agent') situation.showAgentTyping(null);
    if (frame.type === 'text' || (frame.type === 'message' && frame.role === 'agent')) showTyping(false);
    conversation.take(frame, at);
    if (frame.type !== 'complete') return;
    showTyping(false);
    // The customer may have gone back to the bot since: also where an answer that passed the conversation on comes again out of the log.
    if (situation.now().withPerson && session !== null) void refreshStatus(session.id);
  }

  const refreshStatus = (id: string) => request(() => findSession(id), noteStatus);

  function releaseHeld(): void {
    if (held.length === 0 || sender.isUncertain()) return;
    held.forEach(({ frame, at }) => conversation.take(frame, at));
    held = [];
    void sync();
  }

  /** The answer to a message that went by HTTP: the log shows both, and the answer stands right behind its question. */
  async function takeAnswer(key: string, response: ChatResponse): Promise<void> {
    const { message_id, ticket_id, buttons } = response.metadata;
    const id = session?.id;
    if (id === undefined) return;
    const log = await fetchHistory(id);
    const index = log.findIndex((message) => message.id === message_id);
    const own = log.slice(0, index + 1).findLast((message) => message.role === 'user');
    if (own !== undefined) conversation.confirm(key, own.id);
    showLog(log);
    if (log[index]?.role === 'assistant') {
      conversation.take({ type: 'complete', message_id, ...(buttons === undefined ? {} : { buttons }) }, new Date());
    }
    if (response.requires_escalation) noteEscalation(true, ticket_id ?? null);
    else if (situation.now().withPerson) await refreshStatus(id);
  }

  function showLog(log: readonly LoggedMessage[]): void {
    conversation.merge(log);
    if (log.at(-1)?.role !== 'user') showTyping(false);
  }

  async function sync(): Promise<void> {
    const id = session?.id;
    if (id === undefined || sender.isUncertain() || document.visibilityState === 'hidden') return scheduleSync();
    const found = await request(
      () => fetchHistory(id),
      (log) => log,
    );
    if (session?.id !== id) return;
    if (found === 'gone') return sessionOver('sessionOver');
    if (found === null) line.retry();
    else if (!sender.isUncertain()) showLog(found);
    scheduleSync();
  }

  /** Asks the log where nothing else tells: without a WebSocket, and when an answer is long in coming. */
  function scheduleSync(): void {
    clearTimeout(timers.sync);
    const last = conversation.messages().at(-1);
    const recent = last !== undefined && Date.now() - last.at.getTime() < AWAIT_LIMIT_MS;
    const awaiting = recent && last.state === 'stored' && !situation.now().withPerson;
    if (line.state() === 'polling') after('sync', POLL_MS, () => void sync());
    else if (line.state() === 'live' && awaiting) after('sync', AWAIT_MS, () => void sync());
  }

  function sessionOver(notice: Notice): void {
    if (session === null) return;
    line.close();
    keep(null);
    conversation.closeWith(notice);
    held = [];
    update({ typing: false, withPerson: false, ticket: null });
    sender.onNewSession();
  }

  async function load(known: KnownSession): Promise<void> {
    session = known;
    update({ loading: true, ticket: known.ticket, withPerson: known.ticket !== null });
    const status = await request(() => findSession(known.id), noteStatus);
    const log =
      status === 'open'
        ? await request(
            () => fetchHistory(known.id),
            (messages) => messages,
          )
        : null;
    if (session?.id !== known.id) return;
    if (status === 'gone' || log === 'gone') {
      update({ loading: false });
      sessionOver('sessionOver');
    } else if (log === null) {
      update({ offline: true });
      after('retry', retryMs, () => void load(known));
      retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      return;
    } else {
      showLog(log);
      update({ loading: false, offline: false });
      line.open(known.id);
    }
    retryMs = FIRST_RETRY_MS;
    sender.restore();
  }

  function forgetSession(): void {
    line.close();
    conversation.clear();
    session = null;
    held = [];
    update({ typing: false, withPerson: false, ticket: null });
  }

  watchOtherTabs({
    onSession(other) {
      if (other === null || other.id === session?.id) return;
      forgetSession();
      void load(other);
    },
    onSent: (clientId) => sender.forget(clientId),
  });
  window.addEventListener('online', () => sender.pump());
  document.addEventListener('visibilitychange', scheduleSync);

  return {
    conversation,
    situation,
    start() {
      const known = readSession();
      if (known === null) sender.restore();
      else void load(known);
    },
    send(text, files) {
      sender.add(text, files);
      if (line.state() === 'polling') showTyping(!situation.now().withPerson);
    },
    retry: (key) => sender.retry(key),
    withdraw: (key) => sender.withdraw(key),
    startAnew() {
      const old = session;
      const open = situation.now().withPerson;
      sender.withdrawAll();
      forgetSession();
      writeSession(null);
      // A case that people have goes on without us. Otherwise it is over; where this call is lost, it ends by itself once idle.
      if (old !== null && !open)
        void request(
          () => endSession(old.id),
          () => null,
        );
    },
    addressOf: (fileId) => fileAddress(session?.id ?? '', fileId),
    announceTyping() {
      if (Date.now() - lastTyping < TYPING_EVERY_MS) return;
      lastTyping = Date.now();
      line.send({ type: 'typing' });
    },
  };
}
