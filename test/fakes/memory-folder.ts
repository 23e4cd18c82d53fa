/** Where tests put data that need not outlive the machine: no disk is waited for. */
import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Linux keeps what lies here in memory; containers often have 64 MB of it, which is too little. */
const MEMORY = '/dev/shm';
const LEAST_BYTES = 2 ** 30;

/** The system's folder for temporary files where there is no memory for it. */
export function memoryFolder(): string {
  if (!existsSync(MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= LEAST_BYTES ? MEMORY : tmpdir();
}
