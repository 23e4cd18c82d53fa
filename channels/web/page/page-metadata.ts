/** What a shop's page says of itself with each message: flat and small, within what the service accepts (src/domain/client-metadata.ts). */

export type MetadataValue = string | number | boolean | null;
export type PageMetadata = Readonly<Record<string, MetadataValue>>;

const MAX_FIELDS = 20;
const MAX_KEY_CHARS = 64;
const MAX_VALUE_CHARS = 500;

/** The part of it that the service accepts: too long texts are cut, other things than texts, numbers and yes or no are left out. */
export function acceptable(given: unknown): PageMetadata {
  if (typeof given !== 'object' || given === null) return {};
  const fields = Object.entries(given).flatMap(([key, value]: [string, unknown]) => {
    if (key === '' || key.length > MAX_KEY_CHARS || /^\$|[.\0]|^__proto__$/.test(key)) return [];
    if (typeof value === 'string') return [[key, cut(value)] as const];
    return value === null || typeof value === 'boolean' || Number.isFinite(value) ? [[key, value as MetadataValue] as const] : [];
  });
  return Object.fromEntries(fields.slice(0, MAX_FIELDS));
}

/** Never inside a character of two units. */
const cut = (text: string): string => text.slice(0, MAX_VALUE_CHARS).replace(/[\uD800-\uDBFF]$/, '');
