/** The chat without its looks: joins session, line, sender, log and conversation, and tells the view what is going on. */
import { asked, endSession, fileAddress } from './api.js';
import { createConversation, type Conversation, type ShownMessage } from './conversation.js';
import { createFrameTaker, type FrameTaker } from './frame-taker.js';
import { createLine, type Line, type LineState } from './line.js';
import { createLogSync, type LogSync } from './log-sync.js';
import type { PageMetadata } from './page-metadata.js';
import { createSender, type Sender } from './sender.js';
import { createSessionKeeper } from './session-keeper.js';
import { createSituation, type SituationKeeper } from './situation.js';
import { readSession, watchOtherTabs } from './storage.js';
import { createTakeUp } from './take-up.js';

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

const TYPING_EVERY_MS = 3000;
const NO_CASE = { typing: false, withPerson: false, ticket: null };

/** @param metadata of the page around us, to go with each message */
export function createChat(metadata: () => PageMetadata): Chat {
  const conversation = createConversation();
  const situation = createSituation();
  const { update, showTyping } = situation;
  const session = createSessionKeeper(situation, (id) => line.open(id));
  const line: Line = createLine({
    onState,
    onFrame: (frame, at) => frames.take(frame, at),
    onGone: sessionOver,
    probe: (id) => session.find(id).then((found) => found ?? 'unreachable'),
    lastKnown: () => lastKnown(conversation.messages(), sender.isUncertain()),
  });
  const sender: Sender = createSender(conversation, line, {
    metadata,
    ensureSession: session.ensure,
    onSessionOver: sessionOver,
    onSent() {
      frames.release();
      log.schedule();
    },
    onAnswered: (key, response) => log.takeAnswer(key, response),
    onTrouble: () => line.retry(),
  });
  const log: LogSync = createLogSync({ conversation, situation, session, line, sender, onGone: sessionOver });
  const frames: FrameTaker = createFrameTaker({ conversation, situation, session, sender, onReleased: () => void log.read() });
  const takeUp = createTakeUp({ situation, session, line, sender, log, onGone: sessionOver });

  function onState(state: LineState): void {
    if (state !== 'live') sender.onCut();
    if (state === 'closed') return;
    update({ offline: state === 'offline' });
    if (state === 'offline') showTyping(false);
    if (state === 'live' || state === 'polling') sender.pump();
    log.schedule();
  }

  /** What has been said stays in view. */
  function sessionOver(): void {
    if (session.now() === null) return;
    line.close();
    session.keep(null);
    conversation.closeWith('sessionOver');
    frames.drop();
    update(NO_CASE);
    sender.onNewSession();
  }

  function clear(): void {
    line.close();
    conversation.clear();
    session.take(null);
    frames.drop();
    update(NO_CASE);
  }

  watchOtherTabs({
    onSession(other) {
      if (other === null || other.id === session.now()?.id) return;
      clear();
      void takeUp(other);
    },
    onSent: (clientId) => sender.forget(clientId),
  });
  window.addEventListener('online', () => sender.pump());
  document.addEventListener('visibilitychange', log.schedule);

  return {
    conversation,
    situation,
    start() {
      const known = readSession();
      if (known === null) sender.restore();
      else void takeUp(known);
    },
    send(text, files) {
      sender.add(text, files);
      if (line.state() === 'polling') showTyping(!situation.now().withPerson);
    },
    retry: (key) => sender.retry(key),
    withdraw: (key) => sender.withdraw(key),
    startAnew() {
      const old = session.now();
      const open = situation.now().withPerson;
      sender.withdrawAll();
      clear();
      session.keep(null);
      // A case that people have goes on without us. Otherwise it is over; where this call is lost, it ends by itself once idle.
      if (old !== null && !open)
        void asked(
          () => endSession(old.id),
          () => null,
        );
    },
    addressOf: (fileId) => fileAddress(session.now()?.id ?? '', fileId),
    announceTyping: atMostEvery(TYPING_EVERY_MS, () => void line.send({ type: 'typing' })),
  };
}

function atMostEvery(ms: number, task: () => void): () => void {
  let last = 0;
  return () => {
    if (Date.now() - last < ms) return;
    last = Date.now();
    task();
  };
}

/** Where the line begins. The last but one: the last comes again, with its buttons, which the log does not tell. */
function lastKnown(messages: readonly ShownMessage[], uncertain: boolean): string | null {
  const ids = messages.flatMap(({ id, state, role }) => (id === null || state === 'streaming' || role === 'notice' ? [] : [id]));
  return ids.length === 0 && !uncertain ? null : (ids.at(-2) ?? 'start');
}
