// The machine code of vector search is what its source says, and computes what plain loops compute. `UPDATE_KERNELS=1` translates the source anew.
import { expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import wabt from 'wabt';
import { KERNEL_BYTES } from '../../../embedded-mongodb/vector/kernel-bytes.js';
import { BLOCK_ROWS, VectorRows } from '../../../embedded-mongodb/vector/vector-rows.js';

const SOURCE = new URL('../../../embedded-mongodb/vector/kernels.wat', import.meta.url);
const BYTES = new URL('../../../embedded-mongodb/vector/kernel-bytes.ts', import.meta.url);

test('kernel-bytes.ts is the translation of kernels.wat', async () => {
  const module = (await wabt()).parseWat('kernels.wat', await readFile(SOURCE, 'utf8'), { simd: true });
  const current = Buffer.from(module.toBinary({}).buffer).toString('base64');
  if (process.env.UPDATE_KERNELS) {
    const lines = current.match(/.{1,132}/g) ?? [];
    const text = `// kernels.wat as WebAssembly, in base64. Generated: \`UPDATE_KERNELS=1\` with test/engine/vector/kernels.test.ts writes it.\nexport const KERNEL_BYTES =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`;
    await writeFile(BYTES, text);
  } else expect(KERNEL_BYTES).toBe(current);
});

test('rows score alike in whatever number they are asked for, and as a plain loop has it', () => {
  const dimensions = 40;
  const vectors = Array.from({ length: BLOCK_ROWS }, (_, row) =>
    Float32Array.from({ length: dimensions }, (_, at) => Math.sin(1 + row * dimensions + at)),
  );
  const rows = new VectorRows(dimensions, 'dotProduct');
  vectors.forEach((vector, row) => rows.write(row, vector));
  const query = rows.query(Float32Array.from({ length: dimensions }, (_, at) => Math.cos(at)));
  const oneByOne = vectors.map((_, row) => rows.estimates(query, row, 1)[0] as number);
  for (const [row, count] of [
    [0, 256],
    [0, 3],
    [5, 4],
    [5, 5],
    [9, 6],
    [9, 7],
    [100, 100],
    [3, 253],
  ] as const) {
    expect([...rows.estimates(query, row, count).subarray(0, count)]).toEqual(oneByOne.slice(row, row + count));
  }
  vectors.forEach((vector, row) => {
    const product = vector.reduce((sum, value, at) => sum + value * (query.values[at] as number), 0);
    expect(Math.abs((oneByOne[row] as number) - product)).toBeLessThan(0.15); // of 40 products, each rounded to one part in 254 at most on either side
  });
});
