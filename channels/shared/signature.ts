/** Checks of what a webhook was signed with. Comparisons take the same time wherever two values differ. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** False for a missing value. Digests are compared, so that not even the length shows. */
export function constantTimeEqual(given: string | undefined, expected: string): boolean {
  return given !== undefined && timingSafeEqual(digest(given), digest(expected));
}

/** HMAC-SHA256 over the raw bytes as they came, in lower-case hex. Several parts are signed as one stretch of bytes. */
export function hmacSha256Hex(secret: string, ...parts: readonly (string | Buffer)[]): string {
  const hmac = createHmac('sha256', secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

/** Whether `signature` (hex of either case, after `prefix` where the platform puts one) is the HMAC-SHA256 of the parts. */
export function hasValidSignature(
  signature: string | undefined,
  signed: { readonly secret: string; readonly prefix?: string; readonly parts: readonly (string | Buffer)[] },
): boolean {
  const expected = `${signed.prefix ?? ''}${hmacSha256Hex(signed.secret, ...signed.parts)}`;
  return constantTimeEqual(signature?.toLowerCase(), expected);
}
