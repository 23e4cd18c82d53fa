/**
 * Sends the customer's messages, one after the other and each until the service has it: kept in the browser until then, and with the same id on
 * every attempt, so that none is lost and none is doubled, whichever way it goes and however often the line is cut.
 */
import { createAcknowledgement } from './acknowledgement.js';
import { createAttempt, type AttemptEvents } from './attempt.js';
import type { Conversation } from './conversation.js';
import type { Line } from './line.js';
import { createOutgoingQueue, FILES_GONE, metadataOf } from './outgoing.js';
import type { PageMetadata } from './page-metadata.js';
import { readUnsent } from './storage.js';
import type { ServerFrame } from './wire.js';

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 30_000;

export interface SenderEvents extends AttemptEvents {
  /** Of the page around us, to go with what is written now. */
  metadata(): PageMetadata;
}

export interface Sender {
  /** Takes up what an earlier page left unsent. */
  restore(): void;
  add(text: string, files: readonly File[]): void;
  retry(key: string): void;
  /** Takes a message back that was not sent; returns its text. */
  withdraw(key: string): string;
  withdrawAll(): void;
  /** Another tab has sent it. */
  forget(key: string): void;
  /** Goes on where it stopped; does nothing while it works. */
  pump(): void;
  /** Tells of `acknowledged` and `error`. */
  take(frame: ServerFrame): void;
  /** The line was cut: whoever waits for its answer waits in vain. */
  onCut(): void;
  /** The session is over: what is unsent goes to the next one. */
  onNewSession(): void;
  /** Whether the service may have a message that we do not know the id of. */
  isUncertain(): boolean;
}

/** 128 random bits; crypto.randomUUID exists on https and localhost only. */
const newClientId = (): string => Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join('-');

export function createSender(conversation: Conversation, line: Line, events: SenderEvents): Sender {
  const queue = createOutgoingQueue(conversation);
  const acknowledgement = createAcknowledgement();
  const attempt = createAttempt({ queue, conversation, line, events, acknowledged: acknowledgement.wait });
  let pumping = false;
  let delayMs = FIRST_DELAY_MS;
  let timer = 0;

  async function pump(): Promise<void> {
    if (pumping) return;
    pumping = true;
    clearTimeout(timer);
    for (let next = queue.first(); next !== undefined; next = queue.first()) {
      const result = await attempt(next.clientId);
      if (result === 'later') again();
      if (result === 'later' || result === 'wait') break;
      delayMs = FIRST_DELAY_MS;
    }
    pumping = false;
  }
  function again(): void {
    timer = window.setTimeout(() => void pump(), delayMs);
    delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
  }

  return {
    restore() {
      for (const unsent of readUnsent().filter(({ clientId }) => queue.find(clientId) === undefined)) {
        queue.add({ ...unsent, picked: [], attempted: true, failed: false });
        if (unsent.missingFiles > 0) queue.fail(unsent.clientId, FILES_GONE);
      }
      void pump();
    },
    add(text, files) {
      const clientId = newClientId();
      const written = { clientId, text, writtenAt: Date.now(), files: [], missingFiles: 0, ...metadataOf(events.metadata()) };
      queue.add({ ...written, picked: files, attempted: false, failed: false });
      void pump();
    },
    retry(key) {
      queue.change(key, { failed: false });
      conversation.change(key, { state: 'sending', failure: null });
      line.retry();
      void pump();
    },
    withdraw(key) {
      const text = queue.find(key)?.text ?? '';
      queue.remove(key);
      conversation.remove(key);
      return text;
    },
    forget(key) {
      if (queue.find(key) === undefined) return;
      queue.forget(key);
      conversation.remove(key);
    },
    withdrawAll: () => queue.all().forEach(({ clientId }) => queue.remove(clientId)),
    pump: () => void pump(),
    take(frame) {
      if (frame.type === 'acknowledged' || frame.type === 'error') acknowledgement.settle(frame);
    },
    onCut: () => acknowledgement.settle(null),
    onNewSession() {
      for (const { clientId, picked, files, failed } of queue.all()) {
        queue.change(clientId, { files: [], attempted: false });
        if (!failed && picked.length < files.length) queue.fail(clientId, FILES_GONE);
      }
      void pump();
    },
    isUncertain: () => queue.all().some((outgoing) => outgoing.attempted && !outgoing.failed),
  };
}
