/** The keys of a Bot Framework of our own and the tokens it signs: what makes a webhook request genuine, forged, expired or meant for another bot. */
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

export interface Claims {
  readonly iss?: string;
  readonly aud?: string;
  readonly serviceurl?: string;
  readonly nbf?: number;
  readonly exp?: number;
}

export interface SigningKey {
  /** An `Authorization` header. What is left out is as it should be. */
  authorize(claims: Claims & { readonly aud: string; readonly serviceurl: string }): string;
  /** For the document that the OpenID metadata names. */
  readonly jwk: object;
}

const base64url = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');

export function createSigningKey(kid: string, endorsements: readonly string[] = ['msteams']): SigningKey {
  const { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, x5t: kid, use: 'sig', endorsements },
    authorize: (claims) => {
      const now = Math.floor(Date.now() / 1000);
      const payload = { iss: 'https://api.botframework.com', nbf: now - 10, exp: now + 3600, ...claims };
      const signed = `${base64url({ alg: 'RS256', typ: 'JWT', kid, x5t: kid })}.${base64url(payload)}`;
      return `Bearer ${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey).toString('base64url')}`;
    },
  };
}
