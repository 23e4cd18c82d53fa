/** What a collection holds in one number, whatever the order: the sum of the SHA-256 of each document's bytes, modulo 2^256. */
import { createHash } from 'node:crypto';

export interface Contents {
  readonly documents: number;
  /** 64 hex digits. */
  readonly hash: string;
}

export interface DocumentHash {
  add(document: Uint8Array): void;
  contents(): Contents;
}

const WORDS = [0, 8, 16, 24] as const;

export function createDocumentHash(): DocumentHash {
  let documents = 0;
  let sum = 0n;
  return {
    add(document) {
      const digest = createHash('sha256').update(document).digest();
      let value = 0n;
      for (const offset of WORDS) value = (value << 64n) | digest.readBigUInt64BE(offset);
      sum = BigInt.asUintN(256, sum + value);
      documents += 1;
    },
    contents: () => ({ documents, hash: sum.toString(16).padStart(64, '0') }),
  };
}
