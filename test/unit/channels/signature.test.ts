import { describe, expect, it } from '@jest/globals';
import { constantTimeEqual, hasValidSignature, hmacSha256Hex } from '../../../channels/shared/signature.js';

describe('constantTimeEqual', () => {
  it('tells equal from different, shorter, longer and missing', () => {
    expect(constantTimeEqual('secret', 'secret')).toBe(true);
    for (const other of ['Secret', 'secre', 'secrets', '', undefined]) expect(constantTimeEqual(other, 'secret')).toBe(false);
  });
});

describe('hmacSha256Hex', () => {
  it('gives the value of RFC 4231, test case 2', () => {
    const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    expect(hmacSha256Hex('Jefe', 'what do ya want for nothing?')).toBe(expected);
    expect(hmacSha256Hex('Jefe', Buffer.from('what do ya want '), 'for nothing?')).toBe(expected);
  });
});

describe('hasValidSignature', () => {
  const body = Buffer.from([0, 255, 10]);
  const signature = `sha256=${hmacSha256Hex('key', body)}`;
  const signed = { secret: 'key', prefix: 'sha256=', parts: [body] };

  it('accepts the signature of these very bytes, in either case of hex', () => {
    expect(hasValidSignature(signature, signed)).toBe(true);
    expect(hasValidSignature(signature.toUpperCase(), signed)).toBe(true);
  });

  it('refuses another key, other bytes, a missing prefix and a missing signature', () => {
    expect(hasValidSignature(signature, { ...signed, secret: 'other' })).toBe(false);
    expect(hasValidSignature(signature, { ...signed, parts: [Buffer.from([0, 255, 11])] })).toBe(false);
    expect(hasValidSignature(signature.slice(7), signed)).toBe(false);
    expect(hasValidSignature(undefined, signed)).toBe(false);
  });
});
