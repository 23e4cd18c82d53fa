// The machine code of vector search is what its source says, and computes what plain loops compute. `UPDATE_KERNELS=1` translates the source anew.
import { expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import wabt from 'wabt';
import { KERNEL_BYTES } from '../../../embedded-mongodb/vector/kernel-bytes.js';

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
