/** What a client says of the place where a message was written (page address, title, fields of the shop's own): flat and small. Never trusted for access. */
import { z } from 'zod';

export type ClientMetadata = Readonly<Record<string, string | number | boolean | null>>;

const MAX_FIELDS = 20;
const MAX_KEY_CHARS = 64;
const MAX_VALUE_CHARS = 500;

/** At most 20 fields with keys of 64 and texts of 500 characters. Keys that MongoDB would read as operators or paths are refused. */
export const clientMetadataSchema: z.ZodType<ClientMetadata> = z
  .record(
    z
      .string()
      .min(1)
      .max(MAX_KEY_CHARS)
      .regex(/^(?!\$|__proto__$)[^.\0]*$/, 'must not start with "$", contain "." or NUL, or be "__proto__"'),
    z.union([z.string().max(MAX_VALUE_CHARS), z.number(), z.boolean(), z.null()]),
  )
  .refine((metadata) => Object.keys(metadata).length <= MAX_FIELDS, `must have at most ${MAX_FIELDS} fields`);
