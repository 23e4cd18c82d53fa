/** The HTTP calls of the page. Every failure is an ApiError that says whether it is worth trying again. */
import type { PageMetadata } from './page-metadata.js';
import type { ChatResponse, LoggedMessage, Session, Uploaded } from './wire.js';

/** What went wrong with a call. `status` 0: no answer came, and whether the service got the request is not known. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** The service's name for it (`NotFoundError`), or `NetworkError`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  /** The same request may succeed later. */
  get temporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The answer to a message sent by HTTP: its reply, or the message's own id where the reply takes longer. */
export type Sent =
  { readonly kind: 'answered'; readonly response: ChatResponse } | { readonly kind: 'processing'; readonly messageId: string };

const HISTORY_LIMIT = 200;
const TIMEOUT_MS = 10_000;
/** The service answers within 25 s, with 202 where the reply takes longer. */
const ANSWER_TIMEOUT_MS = 40_000;

const sessionPath = (id: string) => `/api/sessions/${encodeURIComponent(id)}`;
const messagesPath = (id: string) => `/api/chat/sessions/${encodeURIComponent(id)}/messages`;

/** The browser itself fetches it, which can send no header: the session goes along in the address, as on the WebSocket. */
export const fileAddress = (sessionId: string, fileId: string): string =>
  `/api/attachments/${fileId}?${new URLSearchParams({ session_id: sessionId })}`;

export const createSession = (): Promise<Session> => call<Session>('/api/sessions', { method: 'POST' });
export const findSession = (id: string): Promise<Session> => call<Session>(sessionPath(id));
export const endSession = (id: string): Promise<Session> => call<Session>(`${sessionPath(id)}/status?status=ended`, { method: 'PATCH' });

/** Runs a call; null: no answer for now, `gone`: it was refused for good. */
export async function asked<Answer, Result>(call: () => Promise<Answer>, use: (answer: Answer) => Result): Promise<Result | 'gone' | null> {
  try {
    return use(await call());
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    return thrown.temporary ? null : 'gone';
  }
}

/** The newest messages of a session, oldest first. */
export async function fetchHistory(id: string): Promise<readonly LoggedMessage[]> {
  const page = (offset: number) =>
    call<{ messages: LoggedMessage[]; total: number }>(`${messagesPath(id)}?limit=${HISTORY_LIMIT}&offset=${offset}`);
  const first = await page(0);
  return first.total <= HISTORY_LIMIT ? first.messages : (await page(first.total - HISTORY_LIMIT)).messages;
}

/** @param key the same key is the same message, however often it is sent */
export async function sendMessage(
  id: string,
  message: { key: string; text: string; files: readonly File[]; metadata?: PageMetadata },
): Promise<Sent> {
  const form = new FormData();
  if (message.text !== '') form.append('message', message.text);
  if (message.metadata !== undefined) form.append('metadata', JSON.stringify(message.metadata));
  for (const file of message.files) form.append('attachments', file, file.name);
  const answer = await call<ChatResponse | { status: 'processing'; message_id: string }>(
    messagesPath(id),
    { method: 'POST', body: form, headers: { 'Idempotency-Key': message.key } },
    ANSWER_TIMEOUT_MS,
  );
  return 'status' in answer ? { kind: 'processing', messageId: answer.message_id } : { kind: 'answered', response: answer };
}

/**
 * By XMLHttpRequest, because fetch does not tell how far an upload is.
 * @param onProgress told the part that is uploaded, 0 to 1
 */
export function uploadFile(sessionId: string, file: File, onProgress: (part: number) => void): Promise<Uploaded> {
  const form = new FormData();
  form.append('session_id', sessionId);
  form.append('file', file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/chat/upload');
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    request.onload = () =>
      request.status === 200 ? resolve(request.response as Uploaded) : reject(refusal(request.status, request.response));
    request.onerror = () => reject(new ApiError(0, 'NetworkError', 'no answer'));
    request.send(form);
  });
}

async function call<Answer>(path: string, init: RequestInit = {}, timeoutMs = TIMEOUT_MS): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw new ApiError(0, 'NetworkError', String(cause));
  }
  const body: unknown = await response.json().catch(() => null); // a proxy's error page, or a line cut in the middle
  if (!response.ok || body === null) throw refusal(response.ok ? 0 : response.status, body);
  return body as Answer;
}

function refusal(status: number, body: unknown): ApiError {
  const { error = 'Error', message = '' } = (body ?? {}) as { error?: string; message?: string };
  return new ApiError(status, error, message);
}
