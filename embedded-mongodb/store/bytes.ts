// How LMDB's keys and values become buffers: copied out of the library's transfer buffers into Node's pool. The library's own way gives each
// one an ArrayBuffer of its own, which takes longer than finding it.

/** Fewer bytes than this are copied faster one by one than through a view. */
const FEW = 24;

/** A transfer buffer is overwritten by the next read. Its `length` is the value's, not its own, so `copy` and `set` must not see it whole. */
function copyOf(source: Buffer, start: number, end: number): Buffer {
  const size = end - start;
  const copy = Buffer.allocUnsafe(size);
  if (size < FEW) for (let index = 0; index < size; index += 1) copy[index] = source[start + index] ?? 0;
  else copy.set(new Uint8Array(source.buffer, source.byteOffset + start, size));
  return copy;
}

/** Values as they are. */
export const valueBytes = {
  encode: (value: Buffer): Buffer => value,
  decode: (transfer: Buffer): Buffer => copyOf(transfer, 0, transfer.length),
};

/** Keys as they are. */
export const keyBytes = {
  writeKey(key: Uint8Array, target: Buffer, start: number): number {
    target.set(key, start);
    return start + key.length;
  },
  readKey: copyOf,
};
