/** Plain JSON data, as clients send it and MongoDB stores it. */
import { z } from 'zod';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** Any JSON object; keys that MongoDB would read as operators or that could reach a prototype are refused by name. */
export const jsonObjectSchema: z.ZodType<JsonObject> = z
  .record(z.string(), z.json())
  .refine((value) => !hasUnsafeKey(value), 'keys must not start with "$", contain "." or NUL, or be "__proto__"');

function hasUnsafeKey(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasUnsafeKey);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => /^\$|[.\0]|^__proto__$/.test(key) || hasUnsafeKey(inner));
}
