// Lets plain Node run TypeScript files of this repository (20 cannot strip types): `node --import ./test/typescript.mjs <file>.ts`.
// For fakes that run in a process of their own.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
