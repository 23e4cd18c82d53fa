/**
 * Sends the customer's messages, one after the other and each until the service has it: kept in the browser until then, and with the same id on
 * every attempt, so that none is lost and none is doubled, whichever way it goes and however often the line is cut.
 */
import { ApiError, sendMessage, uploadFile } from './api.js';
import { shown, type Conversation, type ShownFile } from './conversation.js';
import type { Line } from './line.js';
import type { PageMetadata } from './page-metadata.js';
import { deleteUnsent, readUnsent, writeUnsent, type Unsent } from './storage.js';
import type { ChatResponse, ServerFrame, StoredFile } from './wire.js';

const ACKNOWLEDGE_TIMEOUT_MS = 15_000;
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 30_000;
/** The reason given for files that a reload of the page has lost. */
export const FILES_GONE = 'FilesGone';
const SESSION_OVER = ['SessionEndedError', 'NotFoundError'];

/** A message on its way. The files themselves live as long as the page. */
interface Outgoing extends Unsent {
  readonly picked: readonly File[];
  /** The service may have it: an attempt was made whose result is not known. */
  readonly attempted: boolean;
  readonly failed: boolean;
}

export interface SenderEvents {
  /** Of the page around us, to go with what is written now. */
  metadata(): PageMetadata;
  /** The session to send to, made when there is none. Rejects with ApiError. */
  ensureSession(): Promise<string>;
  onSessionOver(): void;
  /** The service has the message. */
  onSent(): void;
  /** It came back by HTTP with its answer: confirms the message and shows the answer. Rejects with ApiError. */
  onAnswered(key: string, response: ChatResponse): Promise<void>;
  /** The service did not answer. */
  onTrouble(): void;
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

/** What became of one attempt. */
type Attempt = 'sent' | 'failed' | 'wait';

/** 128 random bits; crypto.randomUUID exists on https and localhost only. */
const newClientId = (): string => Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join('-');

export function createSender(conversation: Conversation, line: Line, events: SenderEvents): Sender {
  let queue: readonly Outgoing[] = [];
  let pumping = false;
  let delayMs = FIRST_DELAY_MS;
  let timer = 0;
  let answered: ((frame: ServerFrame | null) => void) | null = null;

  const find = (key: string) => queue.find((outgoing) => outgoing.clientId === key);
  const remove = (key: string): void => {
    queue = queue.filter((outgoing) => outgoing.clientId !== key);
    deleteUnsent(key);
  };
  const change = (key: string, changes: Partial<Outgoing>): void => {
    queue = queue.map((outgoing) => (outgoing.clientId === key ? { ...outgoing, ...changes } : outgoing));
    const changed = find(key);
    if (changed === undefined) return;
    const { clientId, text, writtenAt, files, picked, missingFiles, metadata } = changed;
    const waiting = Math.max(picked.length - files.length, 0);
    writeUnsent({ clientId, text, writtenAt, files, missingFiles: missingFiles + waiting, ...metadataOf(metadata) });
  };
  const fail = (key: string, failure: string): Attempt => {
    change(key, { failed: true });
    conversation.change(key, { state: 'failed', failure });
    return 'failed';
  };

  async function pump(): Promise<void> {
    if (pumping) return;
    pumping = true;
    clearTimeout(timer);
    for (let next = first(); next !== undefined; next = first()) {
      if ((await attempt(next.clientId)) === 'wait') break;
      delayMs = FIRST_DELAY_MS;
    }
    pumping = false;
  }
  const first = () => queue.find((outgoing) => !outgoing.failed);
  /** Those behind the first wait for it. */
  const showWaiting = (): void => {
    for (const { clientId, failed } of queue) if (!failed) conversation.change(clientId, { state: 'waiting' });
  };
  const later = (): Attempt => {
    timer = window.setTimeout(() => void pump(), delayMs);
    delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
    return 'wait';
  };

  async function attempt(key: string): Promise<Attempt> {
    try {
      const sessionId = await events.ensureSession();
      if (line.state() === 'live') return await bySocket(key, sessionId);
      if (line.state() === 'polling') return await byHttp(key, sessionId);
      // The line tells when it is there; until then the message says that it waits.
      if (line.state() === 'offline') showWaiting();
      return 'wait';
    } catch (thrown) {
      if (thrown instanceof ApiError) return refused(key, thrown.code, thrown.temporary);
      throw thrown;
    }
  }

  function refused(key: string, code: string, temporary: boolean): Attempt {
    if (SESSION_OVER.includes(code)) {
      events.onSessionOver();
      return later();
    }
    if (!temporary) return fail(key, code);
    showWaiting();
    events.onTrouble();
    return later();
  }

  async function bySocket(key: string, sessionId: string): Promise<Attempt> {
    conversation.change(key, { state: 'sending' });
    await upload(key, sessionId);
    const outgoing = find(key);
    if (outgoing === undefined) return 'failed'; // taken back meanwhile
    change(key, { attempted: true });
    const { text: content, files, metadata } = outgoing;
    const attachments = files.map((file) => file.id);
    if (!line.send({ type: 'message', content, client_message_id: key, attachments, ...metadataOf(metadata) })) return 'wait';
    const frame = await acknowledgement();
    if (frame?.type === 'acknowledged') return sent(key, frame.message_id);
    if (frame?.type === 'error') return refused(key, frame.error, ['RateLimitError', 'ServiceUnavailableError'].includes(frame.error));
    showWaiting();
    return line.state() === 'live' ? later() : 'wait';
  }

  const acknowledgement = (): Promise<ServerFrame | null> =>
    new Promise((resolve) => {
      const timeout = window.setTimeout(() => answered?.(null), ACKNOWLEDGE_TIMEOUT_MS);
      answered = (frame) => {
        clearTimeout(timeout);
        answered = null;
        resolve(frame);
      };
    });

  /** Uploads the files that are not there yet, so that the message can name them. */
  async function upload(key: string, sessionId: string): Promise<void> {
    const { picked = [], files: uploaded = [] } = find(key) ?? {};
    for (const [index, file] of picked.entries()) {
      if (index < uploaded.length) continue;
      const show = (changes: Partial<ShownFile>) => showFile(conversation, key, index, changes);
      show({ progress: 0 });
      const { id, error } = await uploadFile(sessionId, file, (progress) => show({ progress })).finally(() => show({ progress: null }));
      show({ problem: error });
      const stored: StoredFile = { id, filename: file.name, size_bytes: file.size };
      change(key, { files: [...(find(key)?.files ?? []), stored] });
    }
  }

  async function byHttp(key: string, sessionId: string): Promise<Attempt> {
    const outgoing = find(key);
    if (outgoing === undefined) return 'failed';
    // The ids of earlier uploads cannot be named by HTTP, and their bytes are gone.
    if (outgoing.picked.length < outgoing.files.length) return fail(key, FILES_GONE);
    conversation.change(key, { state: 'sending' });
    change(key, { attempted: true });
    const result = await sendMessage(sessionId, {
      key,
      text: outgoing.text,
      files: outgoing.picked,
      ...metadataOf(outgoing.metadata),
    });
    // The message stays uncertain until the log has told its id: else the log would show it a second time.
    if (result.kind === 'answered') await events.onAnswered(key, result.response);
    return sent(key, result.kind === 'processing' ? result.messageId : null);
  }

  function sent(key: string, messageId: string | null): Attempt {
    remove(key);
    if (messageId !== null) conversation.confirm(key, messageId);
    events.onSent();
    return 'sent';
  }

  const show = (outgoing: Outgoing): void => {
    const { clientId: key, text, writtenAt, files, picked } = outgoing;
    const shownFile = (filename: string, sizeBytes: number): ShownFile => ({
      ...{ id: null, contentType: null, filename, sizeBytes },
      progress: null,
      problem: null,
    });
    const shownFiles =
      picked.length > 0
        ? picked.map((file) => shownFile(file.name, file.size))
        : files.map((file) => shownFile(file.filename, file.size_bytes));
    conversation.put(shown({ key, role: 'user', text, at: new Date(writtenAt), files: shownFiles, state: 'sending' }));
  };

  const enqueue = (outgoing: Outgoing): void => {
    queue = [...queue, outgoing];
    show(outgoing);
    change(outgoing.clientId, {});
  };

  return {
    restore() {
      for (const unsent of readUnsent().filter(({ clientId }) => find(clientId) === undefined)) {
        enqueue({ ...unsent, picked: [], attempted: true, failed: false });
        if (unsent.missingFiles > 0) fail(unsent.clientId, FILES_GONE);
      }
      void pump();
    },
    add(text, files) {
      const clientId = newClientId();
      const written = { clientId, text, writtenAt: Date.now(), files: [], missingFiles: 0, ...metadataOf(events.metadata()) };
      enqueue({ ...written, picked: files, attempted: false, failed: false });
      void pump();
    },
    retry(key) {
      change(key, { failed: false });
      conversation.change(key, { state: 'sending', failure: null });
      line.retry();
      void pump();
    },
    withdraw(key) {
      const text = find(key)?.text ?? '';
      remove(key);
      conversation.remove(key);
      return text;
    },
    forget(key) {
      if (find(key) === undefined) return;
      queue = queue.filter((outgoing) => outgoing.clientId !== key);
      conversation.remove(key);
    },
    withdrawAll: () => queue.forEach(({ clientId }) => remove(clientId)),
    pump: () => void pump(),
    take(frame) {
      if (frame.type === 'acknowledged' || frame.type === 'error') answered?.(frame);
    },
    onCut: () => answered?.(null),
    onNewSession() {
      for (const { clientId, picked, files, failed } of queue) {
        change(clientId, { files: [], attempted: false });
        if (!failed && picked.length < files.length) fail(clientId, FILES_GONE);
      }
      void pump();
    },
    isUncertain: () => queue.some((outgoing) => outgoing.attempted && !outgoing.failed),
  };
}

const metadataOf = (metadata: PageMetadata | undefined): { metadata?: PageMetadata } =>
  metadata === undefined || Object.keys(metadata).length === 0 ? {} : { metadata };

function showFile(conversation: Conversation, key: string, index: number, changes: Partial<ShownFile>): void {
  const files = conversation.messages().find((message) => message.key === key)?.files ?? [];
  conversation.change(key, { files: files.map((file, at) => (at === index ? { ...file, ...changes } : file)) });
}
