/** The Graph API over plain HTTP, with limits, and with its failures as ChannelErrors. The only file that knows addresses and the token. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { FetchedMedia } from '../../src/domain/channel.js';
import { ChannelError } from '../../src/domain/errors.js';
import { constantTimeEqual } from '../shared/signature.js';
import { createHttpClient, type HttpRequest, type HttpResponse } from '../shared/http-client.js';
import { capabilities } from './capabilities.js';
import { MEDIA_ORIGIN, type WhatsAppSettings } from './config.js';
import { failureOf } from './failures.js';
import { mediaSchema, sentSchema, uploadedSchema } from './wire.js';

const CALL_TIMEOUT_MS = 30_000;
const CHECK_TIMEOUT_MS = 5000;
const TRANSFER_TIMEOUT_MS = 120_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

export interface WhatsAppClient {
  /** Sends one message of the number: its wamid. */
  send(message: object): Promise<string>;
  /** Marks a customer's message as read, with what else belongs to it. */
  mark(message: object): Promise<void>;
  /** Stores a file with Meta, for 30 days: its media id. */
  upload(file: { readonly bytes: Buffer; readonly contentType: string; readonly filename: string }): Promise<string>;
  download(mediaId: string): Promise<FetchedMedia>;
  /** One node or edge, read with the token or another one. For checks: 5 s. */
  read<Schema extends z.ZodType>(what: string, path: string, schema: Schema, token?: string): Promise<z.infer<Schema>>;
}

export function createWhatsAppClient(settings: Pick<WhatsAppSettings, 'token' | 'apiRoot' | 'phoneNumberId'>): WhatsAppClient {
  const root = new URL(settings.apiRoot.endsWith('/') ? settings.apiRoot : `${settings.apiRoot}/`);
  const own = settings.phoneNumberId;
  const allowedOrigins = [root.origin, MEDIA_ORIGIN];
  const call = createHttpClient({ allowedOrigins, timeoutMs: CALL_TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES });
  const check = createHttpClient({ allowedOrigins, timeoutMs: CHECK_TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES });
  const transfer = createHttpClient({ allowedOrigins, timeoutMs: TRANSFER_TIMEOUT_MS, maxBytes: capabilities.maxDownloadBytes });
  const authorization = { authorization: `Bearer ${settings.token}` };

  const post = async (what: string, message: object): Promise<HttpResponse> => {
    const headers = { ...authorization, 'content-type': 'application/json' };
    const body = JSON.stringify({ messaging_product: 'whatsapp', ...message });
    return succeeded(what, await call(what, new URL(`${own}/messages`, root), { method: 'POST', headers, body }));
  };

  return {
    async send(message) {
      const { messages } = answerOf('messages', await post('messages', message), sentSchema);
      return messages[0]?.id ?? '';
    },
    async mark(message) {
      await post('mark as read', { status: 'read', ...message });
    },
    async upload(file) {
      try {
        const response = await transfer('media upload', new URL(`${own}/media`, root), await uploadRequest(file, authorization));
        return answerOf('media upload', succeeded('media upload', response), uploadedSchema).id;
      } catch (thrown) {
        // The customer has seen nothing of it, whatever became of the upload.
        if (thrown instanceof ChannelError && thrown.kind === 'unknown')
          throw new ChannelError('unavailable', thrown.message, { cause: thrown });
        throw thrown;
      }
    },
    async download(mediaId) {
      if (!/^\w{1,100}$/.test(mediaId)) throw new ChannelError('payload-refused', 'media: this is not the id of a file on WhatsApp.');
      const described = await call('media', new URL(`${mediaId}?phone_number_id=${own}`, root), { headers: authorization });
      const media = answerOf('media', succeeded('media', described), mediaSchema);
      if ((media.file_size ?? 0) > capabilities.maxDownloadBytes) {
        throw new ChannelError('payload-refused', `media: the file is larger than ${capabilities.maxDownloadBytes} bytes.`);
      }
      // The address is Meta's to choose and the token goes with it: only where the client may call.
      const file = succeeded('media download', await transfer('media download', new URL(media.url), { headers: authorization }));
      assertWhole(file.bytes, media.sha256);
      return { bytes: file.bytes, contentType: media.mime_type ?? file.headers.get('content-type') };
    },
    async read(what, path, schema, token) {
      const headers = token === undefined ? authorization : { authorization: `Bearer ${token}` };
      return answerOf(what, succeeded(what, await check(what, new URL(path, root), { headers })), schema);
    },
  };
}

function succeeded(what: string, response: HttpResponse): HttpResponse {
  if (response.status >= 200 && response.status < 300) return response;
  throw failureOf(what, response);
}

/** An answer that says yes and cannot be read leaves open what was done. */
function answerOf<Schema extends z.ZodType>(what: string, response: HttpResponse, schema: Schema): z.infer<Schema> {
  try {
    const answer = schema.safeParse(JSON.parse(response.bytes.toString('utf8')));
    if (answer.success) return answer.data;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  throw new ChannelError('unknown', `${what}: the answer is not one of the Graph API.`);
}

async function uploadRequest(
  { bytes, contentType, filename }: { readonly bytes: Buffer; readonly contentType: string; readonly filename: string },
  authorization: Readonly<Record<string, string>>,
): Promise<HttpRequest> {
  const form = new FormData();
  form.set('messaging_product', 'whatsapp');
  form.set('type', contentType);
  form.set('file', new Blob([new Uint8Array(bytes)], { type: contentType }), filename);
  const encoded = new Response(form);
  const headers = { ...authorization, 'content-type': encoded.headers.get('content-type') ?? 'multipart/form-data' };
  return { method: 'POST', headers, body: Buffer.from(await encoded.arrayBuffer()) };
}

/** Meta gives the digest in hex with the address and in base64 with the message; a file that has another one was cut or changed on its way. */
function assertWhole(bytes: Buffer, sha256: string | undefined): void {
  if (sha256 === undefined || !/^([0-9a-f]{64}|[A-Za-z0-9+/]{43}=)$/i.test(sha256)) return;
  const digest = createHash('sha256').update(bytes).digest();
  const expected = sha256.length === 64 ? digest.toString('hex') : digest.toString('base64');
  if (!constantTimeEqual(sha256.length === 64 ? sha256.toLowerCase() : sha256, expected)) {
    throw new ChannelError('unavailable', 'media download: the file is not the one that was announced (sha256); it is worth another try.');
  }
}
