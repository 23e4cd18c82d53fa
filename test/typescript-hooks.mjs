// The loader behind typescript.mjs: relative imports that end in .js are looked for as .ts, and swc strips the types. What it made of a file is kept: tests
// start dozens of processes of the same files.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const KEPT = new URL('../node_modules/.cache/typescript/', import.meta.url);
const OPTIONS = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' }, sourceMaps: 'inline' };

export async function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  return { format: 'module', source: await compiled(fileURLToPath(url)), shortCircuit: true };
}

async function compiled(filename) {
  const source = await readFile(filename, 'utf8');
  const name = createHash('sha256')
    .update(JSON.stringify([OPTIONS, filename, source]))
    .digest('hex');
  const kept = fileURLToPath(new URL(`${name}.js`, KEPT));
  if (existsSync(kept)) return readFile(kept, 'utf8');
  const { transform } = await import('@swc/core');
  const { code } = await transform(source, { filename, ...OPTIONS });
  await mkdir(KEPT, { recursive: true });
  await writeFile(`${kept}.${process.pid}`, code);
  await rename(`${kept}.${process.pid}`, kept); // whole for whoever reads it meanwhile
  return code;
}
