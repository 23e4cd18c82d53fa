// The inner loops of vector search (kernels.wat) over a memory of their own that grows in place: growing neither copies nor stalls.
import { KERNEL_BYTES } from './kernel-bytes.js';

const PAGE_BYTES = 65_536;
/** What WebAssembly can address, but for the last page (so that the end of a row is an address too): the most that one index may take. */
export const MAX_MEMORY_BYTES = 65_535 * PAGE_BYTES;

/** The part of the WebAssembly API in use; TypeScript knows it only beside the browser's types. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { initial: number; maximum: number }) => Memory;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** See kernels.wat for what each one computes. Places are byte addresses in the memory. */
export interface Kernels {
  readonly memory: Memory;
  scoreBytes(rows: number, width: number, query: number, queryScale: number, corrections: number, scores: number, count: number): void;
  dotFloats(rows: number, width: number, query: number, products: number, count: number): void;
}

let compiled: object | undefined;

/** The kernels with an empty memory. */
export function createKernels(): Kernels {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL_BYTES, 'base64'));
  const memory = new WebAssembly.Memory({ initial: 0, maximum: MAX_MEMORY_BYTES / PAGE_BYTES });
  const { exports } = new WebAssembly.Instance(compiled, { engine: { memory } });
  return { memory, ...(exports as Omit<Kernels, 'memory'>) };
}

/** Makes the memory at least this large. Error: RangeError when the machine or WebAssembly has no more. */
export function ensureBytes(memory: Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}
