/**
 * What a browser holds of the machine's memory: its processes together, each page counted by the share of it that is theirs (PSS), since Chromium's
 * processes share much. Linux tells; elsewhere nobody does without help.
 */
import { readdir, readFile } from 'node:fs/promises';

interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
}

/** In bytes, of the process and all below it; null where it cannot be told. */
export async function memoryOfTree(root: number): Promise<number | null> {
  if (process.platform !== 'linux') return null;
  const processes = await listProcesses();
  const tree = new Set([root]);
  // Children may be listed before their parents.
  for (let before = 0; before !== tree.size;) {
    before = tree.size;
    for (const { pid, parent } of processes) if (tree.has(parent)) tree.add(pid);
  }
  const sizes = await Promise.all([...tree].map((pid) => proportionalBytes(pid)));
  const known = sizes.filter((bytes) => bytes !== null);
  return known.length === 0 ? null : known.reduce((sum, bytes) => sum + bytes, 0);
}

async function listProcesses(): Promise<ProcessInfo[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      // "1234 (chromium) S 1230 …": the name may hold anything, so the last bracket counts.
      const stat = await readOrEmpty(`/proc/${pid}/stat`);
      return { pid, parent: Number(/^.*\) \S (\d+)/.exec(stat)?.[1] ?? -1) };
    }),
  );
  return found;
}

async function proportionalBytes(pid: number): Promise<number | null> {
  const pss = /^Pss:\s+(\d+) kB/m.exec(await readOrEmpty(`/proc/${pid}/smaps_rollup`))?.[1];
  return pss === undefined ? null : Number(pss) * 1024;
}

/** A process may end between two looks, or belong to somebody else. */
async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (/^(ENOENT|ESRCH|EACCES|EPERM)$/.test((thrown as NodeJS.ErrnoException).code ?? '')) return '';
    throw thrown;
  }
}
