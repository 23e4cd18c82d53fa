/** One message of a client, from request to answer: stored first, then waited for. The same for JSON, forms, the WebSocket and Spanish clients. */
import type { Submitted } from '../domain/chat.js';
import type { ClientMetadata } from '../domain/client-metadata.js';
import { RequestError } from '../domain/errors.js';
import type { MessageAttachment } from '../domain/message.js';
import type { Session } from '../domain/session.js';
import type { TurnRecord } from '../domain/turn.js';
import type { HttpConfig, HttpServices } from './services.js';

const ANSWER_WAIT_MS = 25_000;

export interface Written {
  readonly session: Session;
  readonly text: string;
  readonly attachments: readonly MessageAttachment[];
  /** The same key on the same session is the same message. */
  readonly key: string;
  readonly metadata?: ClientMetadata;
}

/** Stores the message and shows it to the session's other clients. */
export async function storeMessage(services: HttpServices, written: Written): Promise<Submitted> {
  const submitted = await services.chat.submit({ ...written, clientMessageId: null });
  if (!submitted.duplicate) services.web.announce(written.session.id, { ...written, messageId: submitted.messageId });
  return submitted;
}

/** Stores the message and waits for its answer; `record` is null when that takes longer than a caller is kept waiting since `began`. */
export async function converse(
  services: HttpServices,
  config: HttpConfig,
  written: Written,
  began: number,
): Promise<{ submitted: Submitted; record: TurnRecord | null }> {
  const submitted = await storeMessage(services, written);
  const left = (config.answerWaitMs ?? ANSWER_WAIT_MS) - (performance.now() - began);
  return { submitted, record: await services.chat.waitForTurn(submitted.turnId, Math.max(left, 0)) };
}

/** Files that were uploaded to this session before. Throws RequestError when one of the ids is not among them. */
export async function uploadedBefore(services: HttpServices, session: Session, ids: readonly string[]): Promise<MessageAttachment[]> {
  if (ids.length === 0) return [];
  const found = await services.attachments.findMany(session.conversationId, ids);
  if (found.length < new Set(ids).size)
    throw new RequestError('ValidationError', 'An attachment is unknown in this session: upload it first.');
  return found.map(({ id, filename, contentType, sizeBytes }) => ({ id, filename, contentType, sizeBytes }));
}
