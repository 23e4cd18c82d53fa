/** Reads bodies within limits: JSON, multipart forms in memory (nothing is written to disk, so nothing is left there), raw bytes for webhooks. */
import express, { type Request, type RequestHandler } from 'express';
import multer from 'multer';
import type { z } from 'zod';
import { RequestError } from '../../domain/errors.js';

const MAX_JSON_BYTES = 256 * 1024;
/** The largest update of a platform is far smaller; Slack and Meta batch up to 3 MB. */
const MAX_WEBHOOK_BYTES = 4 * 1024 * 1024;
const MAX_FIELD_BYTES = 64 * 1024;

/** Nothing of ours goes deeper than metadata; what does is made to exhaust whoever walks it. */
const MAX_DEPTH = 32;

const parseJson = express.json({ limit: MAX_JSON_BYTES });

/** The body as JSON; `undefined` where there is none. Another type of body is refused with 415. */
export const jsonBody: RequestHandler = (request, response, next) => {
  if (hasBody(request) && request.is('application/json') === false) {
    throw new RequestError('UnsupportedMediaTypeError', 'Send the body as application/json.');
  }
  parseJson(request, response, (failure?: unknown) => {
    // Called later, where nobody would catch what is thrown.
    next(failure ?? unsafetyOf(request.body, MAX_DEPTH));
  });
};

/** JSON.parse makes an own property of the key `__proto__`, which later copies would drop without a word. */
function unsafetyOf(value: unknown, depthLeft: number): RequestError | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depthLeft === 0) return new RequestError('ValidationError', `The body is nested more than ${MAX_DEPTH} levels deep.`);
  if (Object.hasOwn(value, '__proto__')) return new RequestError('ValidationError', 'The key "__proto__" is not accepted.');
  for (const inner of Object.values(value)) {
    const unsafety = unsafetyOf(inner, depthLeft - 1);
    if (unsafety !== undefined) return unsafety;
  }
  return undefined;
}

const hasBody = (request: Request): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;

export const rawBody: RequestHandler = express.raw({ type: () => true, limit: MAX_WEBHOOK_BYTES });

/** A multipart form with files in one field, held in memory. */
export function multipartBody(options: { field: string; maxFiles: number; maxFileBytes: number }): RequestHandler {
  const upload = multer({
    storage: multer.memoryStorage(),
    defParamCharset: 'utf8',
    limits: {
      fileSize: options.maxFileBytes,
      files: options.maxFiles,
      fields: 20,
      fieldSize: MAX_FIELD_BYTES,
      parts: options.maxFiles + 20,
    },
  });
  return upload.array(options.field, options.maxFiles);
}

export interface UploadedFile {
  readonly filename: string;
  readonly bytes: Buffer;
}

export function filesOf(request: Request): readonly UploadedFile[] {
  const files = Array.isArray(request.files) ? request.files : [];
  return files.map((file) => ({ filename: file.originalname, bytes: file.buffer }));
}

/** The input as the schema says; throws RequestError that names the fields in error and repeats none of their values. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map((issue) => ({ field: issue.path.join('.') || 'body', message: issue.message }));
  const message = details.map((problem) => `${problem.field}: ${problem.message}`).join('; ');
  throw new RequestError('ValidationError', message, { details });
}
