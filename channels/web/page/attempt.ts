/** One attempt to bring a message to the service: by the WebSocket, or by HTTP where there is none. */
import { ApiError, sendMessage, uploadFile } from './api.js';
import type { Conversation, ShownFile } from './conversation.js';
import type { Line } from './line.js';
import { FILES_GONE, metadataOf, type OutgoingQueue } from './outgoing.js';
import type { ChatResponse, ServerFrame, StoredFile } from './wire.js';

const SESSION_OVER = ['SessionEndedError', 'NotFoundError'];

export interface AttemptEvents {
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

/** What became of one attempt. `wait`: the line tells when to go on; `later`: nobody does, so it is tried again in a while. */
export type Attempt = 'sent' | 'failed' | 'wait' | 'later';

export interface AttemptParts {
  readonly queue: OutgoingQueue;
  readonly conversation: Conversation;
  readonly line: Line;
  readonly events: AttemptEvents;
  /** What the service answers to the message that was just sent; null: nothing. */
  readonly acknowledged: () => Promise<ServerFrame | null>;
}

/** Of the message `key`, by the way that is open. */
export function createAttempt({ queue, conversation, line, events, acknowledged }: AttemptParts): (key: string) => Promise<Attempt> {
  async function attempt(key: string): Promise<Attempt> {
    try {
      const sessionId = await events.ensureSession();
      if (line.state() === 'live') return await bySocket(key, sessionId);
      if (line.state() === 'polling') return await byHttp(key, sessionId);
      // The line tells when it is there; until then the message says that it waits.
      if (line.state() === 'offline') queue.showWaiting();
      return 'wait';
    } catch (thrown) {
      if (thrown instanceof ApiError) return refused(key, thrown.code, thrown.temporary);
      throw thrown;
    }
  }

  function refused(key: string, code: string, temporary: boolean): Attempt {
    if (SESSION_OVER.includes(code)) {
      events.onSessionOver();
      return 'later';
    }
    if (!temporary) return failed(key, code);
    queue.showWaiting();
    events.onTrouble();
    return 'later';
  }
  function failed(key: string, failure: string): Attempt {
    queue.fail(key, failure);
    return 'failed';
  }

  async function bySocket(key: string, sessionId: string): Promise<Attempt> {
    conversation.change(key, { state: 'sending' });
    await upload(queue, key, sessionId);
    const outgoing = queue.find(key);
    if (outgoing === undefined) return 'failed'; // taken back meanwhile
    queue.change(key, { attempted: true });
    const { text: content, files, metadata } = outgoing;
    const attachments = files.map((file) => file.id);
    if (!line.send({ type: 'message', content, client_message_id: key, attachments, ...metadataOf(metadata) })) return 'wait';
    const frame = await acknowledged();
    if (frame?.type === 'acknowledged') return sent(key, frame.message_id);
    if (frame?.type === 'error') return refused(key, frame.error, ['RateLimitError', 'ServiceUnavailableError'].includes(frame.error));
    queue.showWaiting();
    return line.state() === 'live' ? 'later' : 'wait';
  }

  async function byHttp(key: string, sessionId: string): Promise<Attempt> {
    const outgoing = queue.find(key);
    if (outgoing === undefined) return 'failed';
    // The ids of earlier uploads cannot be named by HTTP, and their bytes are gone.
    if (outgoing.picked.length < outgoing.files.length) return failed(key, FILES_GONE);
    conversation.change(key, { state: 'sending' });
    queue.change(key, { attempted: true });
    const { text, picked: files, metadata } = outgoing;
    const result = await sendMessage(sessionId, { key, text, files, ...metadataOf(metadata) });
    // The message stays uncertain until the log has told its id: else the log would show it a second time.
    if (result.kind === 'answered') await events.onAnswered(key, result.response);
    return sent(key, result.kind === 'processing' ? result.messageId : null);
  }

  function sent(key: string, messageId: string | null): Attempt {
    queue.remove(key);
    if (messageId !== null) conversation.confirm(key, messageId);
    events.onSent();
    return 'sent';
  }

  return attempt;
}

/** Uploads the files that are not there yet, so that the message can name them. Rejects with ApiError. */
async function upload(queue: OutgoingQueue, key: string, sessionId: string): Promise<void> {
  const { picked = [], files: uploaded = [] } = queue.find(key) ?? {};
  for (const [index, file] of picked.entries()) {
    if (index < uploaded.length) continue;
    const show = (changes: Partial<ShownFile>) => queue.showFile(key, index, changes);
    show({ progress: 0 });
    const { id, error } = await uploadFile(sessionId, file, (progress) => show({ progress })).finally(() => show({ progress: null }));
    show({ problem: error });
    const stored: StoredFile = { id, filename: file.name, size_bytes: file.size };
    queue.change(key, { files: [...(queue.find(key)?.files ?? []), stored] });
  }
}
