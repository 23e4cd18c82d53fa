/** Wire to domain: a client's frame to what it asks for, and a submitted message to the event that is stored. */
import type { SubmittedMessage } from '../../src/domain/chat.js';
import { RequestError } from '../../src/domain/errors.js';
import { derivedId, inboxIdOf, messageIdOf, turnIdOf } from '../../src/domain/ids.js';
import type { InboundMessage } from '../../src/domain/message.js';
import { WEB_ACCOUNT, WEB_CHANNEL } from './config.js';
import { clientFrameSchema, type ClientFrame } from './frames.js';

/** Throws RequestError that says which field is wrong. */
export function decodeFrame(data: string): ClientFrame {
  const parsed = clientFrameSchema.safeParse(parseJson(data));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'frame'}: ${issue.message}`);
  throw new RequestError('ValidationError', problems.join('; '));
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch (cause) {
    throw new RequestError('ValidationError', 'The frame is not valid JSON.', { cause });
  }
}

const eventIdOf = (sessionId: string, key: string): string => derivedId('web', sessionId, key);

/** The id that a message of the session will have in the log. */
export function messageIdOfKey(sessionId: string, key: string): string {
  const inboxId = inboxIdOf({ channel: WEB_CHANNEL, account: WEB_ACCOUNT, eventId: eventIdOf(sessionId, key) });
  return messageIdOf(turnIdOf(inboxId), 'in');
}

/** The same key on the same session gives the same event, and with it the same turn and the same message. */
export function decodeSubmitted(message: SubmittedMessage, at: Date): InboundMessage {
  const { session, text, attachments } = message;
  return {
    kind: 'message',
    channel: WEB_CHANNEL,
    account: WEB_ACCOUNT,
    eventId: eventIdOf(session.id, message.key),
    threadKey: session.id,
    // An unverified user id is only a claim: it must not make two visitors one contact.
    sender: {
      userId: session.userVerified && session.userId !== null ? session.userId : session.threadId,
      displayName: null,
      languageHint: null,
    },
    sentAt: at,
    platformMessageId: messageIdOfKey(session.id, message.key),
    content: [
      ...(text === '' ? [] : [{ kind: 'text' as const, text }]),
      ...attachments.map((file) => ({
        kind: 'media' as const,
        media: file.contentType.startsWith('image/') ? ('image' as const) : ('file' as const),
        file: { id: file.id, filename: file.filename, contentType: file.contentType, sizeBytes: file.sizeBytes },
        caption: '',
      })),
    ],
    scope: 'direct',
    addressed: true,
    quotedMessageId: null,
    metadata: {
      threadId: session.threadId,
      ...(message.clientMessageId === null ? {} : { clientMessageId: message.clientMessageId }),
      ...(message.metadata === undefined ? {} : { page: message.metadata }),
    },
  };
}
